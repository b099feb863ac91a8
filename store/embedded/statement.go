package embedded

import (
	"io"
	"strings"

	"github.com/steptrace/steptrace/store/embedded/sqltext"
)

// maxStatement bounds a statement's text in bytes, an INSERT's data aside.
const maxStatement = 1 << 20

// statement is a parsed statement with the data that follows it.
type statement struct {
	sqltext.Statement
	data io.Reader // of an INSERT that takes data
}

// readStatement reads the statement out of the query parameter followed by the body, as ClickHouse's server does.
func readStatement(query string, body io.Reader) (statement, error) {
	if len(query) > maxStatement {
		return statement{}, tooLong()
	}
	text := query
	if text != "" {
		text += "\n"
		if s := sqltext.Parse(text); s.TakesData() {
			return withData(text, s, body)
		}
	}
	head, rest, err := readHead(body)
	if err != nil {
		return statement{}, err
	}
	text += string(head)
	s := sqltext.Parse(text)
	if s.TakesData() {
		return withData(text, s, rest)
	}
	if len(head) > maxStatement {
		return statement{}, tooLong()
	}
	return checked(statement{Statement: s})
}

// readHead reads as much as a statement may have, and a byte more.
func readHead(body io.Reader) (head []byte, rest io.Reader, err error) {
	head, err = io.ReadAll(io.LimitReader(body, maxStatement+1))
	return head, body, err
}

func withData(text string, s sqltext.Statement, rest io.Reader) (statement, error) {
	return checked(statement{Statement: s, data: io.MultiReader(strings.NewReader(text[s.Data:]), rest)})
}

func tooLong() error {
	return exceptionf(codeSyntaxError, "The statement is longer than %d bytes; send data behind INSERT … FORMAT or as an "+
		"external table. (SYNTAX_ERROR)", maxStatement)
}

// checked refuses what must not reach the engine: it would run several statements, and for INTO OUTFILE, FROM INFILE
// and the function file() it reads and writes the process's files whatever the user's rights are. Before it looks at
// these, sqlite() makes the file that it is to open.
func checked(s statement) (statement, error) {
	switch {
	case s.Multiple:
		return s, exceptionf(codeSyntaxError, "Syntax error: Multi-statements are not allowed. (SYNTAX_ERROR)")
	case s.Unclosed:
		return s, exceptionf(codeSyntaxError, "Syntax error: a string, a quoted name or a comment is not closed. "+
			"(SYNTAX_ERROR)")
	case strings.IndexByte(s.Text, 0) >= 0:
		return s, exceptionf(codeSyntaxError, "The statement holds a zero byte. (SYNTAX_ERROR)")
	case sqltext.Mentions(s.Text, "OUTFILE"):
		return s, exceptionf(codeUnsupportedMethod, "INTO OUTFILE is not allowed: take the result from the response. "+
			"(UNSUPPORTED_METHOD)")
	case sqltext.Mentions(s.Text, "INFILE"):
		return s, exceptionf(codeUnsupportedMethod, "FROM INFILE is not allowed: send the data in the request's body. "+
			"(UNSUPPORTED_METHOD)")
	case s.TakesData() && sqltext.Mentions(s.Text, "SELECT"):
		return s, exceptionf(codeNotImplemented, "The embedded ClickHouse has no INSERT … SELECT … FROM input(): "+
			"insert into a table with a materialized view instead. (NOT_IMPLEMENTED)")
	case !s.TakesData() && sqltext.MayCall(s.Text, "file"):
		return s, exceptionf(codeUnsupportedMethod, "The function file is not allowed. If file is a column, write it with "+
			"its table's name, as in t.file. (UNSUPPORTED_METHOD)")
	case sqltext.MayCall(s.Text, "sqlite"):
		return s, exceptionf(codeUnsupportedMethod, "The function sqlite is not allowed. (UNSUPPORTED_METHOD)")
	}
	return s, nil
}
