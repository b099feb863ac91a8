package sqltext

import "strings"

// insertScan is fed the tokens behind INSERT, one by one, until the statement's data begins:
//
//	INSERT [INTO] [TABLE] [FUNCTION] name[.name] … VALUES <data>
//	INSERT … FORMAT name <data>
//	INSERT … SELECT … input(…) … FORMAT name <data>
type insertScan struct {
	text    string
	stage   stage
	selects bool  // a SELECT began: only FORMAT behind input() brings data
	reads   bool  // that SELECT reads input()
	pending bool  // the last token was FORMAT
	head    int   // where FORMAT or VALUES begins
	last    Token // VALUES, or the format's name
}

type stage int

const (
	beforeName stage = iota
	afterName
	afterDot
	afterTable
)

// dataBehind takes the next token and reports whether data begins behind it.
func (s *insertScan) dataBehind(t Token) bool {
	switch s.stage {
	case beforeName:
		if !is(s.text, t, "INTO", "TABLE", "FUNCTION") {
			s.stage = afterName
		}
		return false
	case afterDot:
		s.stage = afterName
		return false
	case afterName:
		if s.text[t.Start:t.End] == "." {
			s.stage = afterDot
			return false
		}
		s.stage = afterTable
	case afterTable:
	}
	return s.dataBehindTable(t)
}

func (s *insertScan) dataBehindTable(t Token) bool {
	s.last = t
	if s.pending && t.Kind == Word {
		return true
	}
	s.pending = false
	switch {
	case is(s.text, t, "INPUT"):
		s.reads = true
	case t.Depth != 0:
	case is(s.text, t, "SELECT", "WITH", "WATCH"):
		s.selects = true
	case is(s.text, t, "VALUES") && !s.selects:
		s.head = t.Start
		return true
	case is(s.text, t, "FORMAT") && (!s.selects || s.reads):
		s.head, s.pending = t.Start, true
	}
	return false
}

func (s *insertScan) statement() Statement {
	st := Statement{Keyword: "INSERT", Text: s.text[:s.head], Format: "Values", Data: s.last.End}
	if s.pending {
		st.Format = s.text[s.last.Start:s.last.End]
		st.Data += blankBeforeData(s.text[s.last.End:])
	}
	return st
}

// blankBeforeData measures what separates a format's name from the data: blanks, a semicolon, one line end.
func blankBeforeData(s string) int {
	rest := strings.TrimLeft(s, " \t\f\r")
	if after, ok := strings.CutPrefix(rest, ";"); ok {
		rest = strings.TrimLeft(after, " \t\f\r")
	}
	return len(s) - len(strings.TrimPrefix(rest, "\n"))
}
