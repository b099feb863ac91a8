package sqltext

import (
	"slices"
	"strings"
)

// Statement is what Parse finds in a text.
type Statement struct {
	// Keyword is the first word in capitals, "SELECT" when brackets come first, "" in an empty text.
	Keyword string
	// Text is the statement without its closing semicolon; of an INSERT with data only what comes before
	// FORMAT or VALUES.
	Text string
	// Format is the name behind FORMAT, "Values" for VALUES, "" if none is named.
	Format string
	// Rows is Text without its FORMAT clause and what follows that: what makes the rows of a SELECT.
	Rows string
	// Data is the offset of an INSERT's data in the parsed text, -1 if the statement takes none.
	Data int
	// Multiple reports that another statement follows.
	Multiple bool
	// Unclosed reports that the statement ends inside of a string, a quoted name or a comment.
	Unclosed bool
}

// TakesData reports whether the statement is an INSERT whose rows follow it.
func (s Statement) TakesData() bool { return s.Data >= 0 }

// Parse reads one statement. A text may be cut off behind the place where an INSERT's data begins.
func Parse(text string) Statement {
	s := Statement{Text: text, Data: -1}
	var tokens []Token
	insert := insertScan{text: text}
	for t := range Tokens(text) {
		if text[t.Start:t.End] == ";" {
			s.Text, s.Multiple = text[:t.Start], hasStatement(text[t.End:])
			break
		}
		if len(tokens) == 0 {
			s.Keyword = keyword(text, t)
		} else if s.Keyword == "INSERT" && insert.dataBehind(t) {
			return insert.statement()
		}
		tokens = append(tokens, t)
		s.Unclosed = t.Kind == Unclosed
	}
	s.Rows = s.Text
	if clause, name := formatClause(text, tokens); name != "" {
		s.Format, s.Rows = name, text[:clause]
	}
	return s
}

// hasStatement reports whether a text holds more than semicolons.
func hasStatement(text string) bool {
	for t := range Tokens(text) {
		if text[t.Start:t.End] != ";" {
			return true
		}
	}
	return false
}

// formatClause returns where a closing FORMAT clause begins, which only SETTINGS may follow, and the name in it.
func formatClause(text string, tokens []Token) (at int, name string) {
	for i := len(tokens) - 2; i > 0; i-- {
		if tokens[i].Depth != 0 || !is(text, tokens[i], "FORMAT") || tokens[i+1].Kind != Word {
			continue
		}
		if i+2 == len(tokens) || is(text, tokens[i+2], "SETTINGS") {
			return tokens[i].Start, text[tokens[i+1].Start:tokens[i+1].End]
		}
	}
	return 0, ""
}

func keyword(text string, t Token) string {
	switch {
	case t.Kind == Word:
		return strings.ToUpper(text[t.Start:t.End])
	case text[t.Start:t.End] == "(":
		return "SELECT"
	}
	return ""
}

func is(text string, t Token, words ...string) bool {
	return t.Kind == Word && slices.ContainsFunc(words, func(w string) bool {
		return strings.EqualFold(text[t.Start:t.End], w)
	})
}
