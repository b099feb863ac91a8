package schema

import (
	"errors"
	"slices"
	"strings"

	"github.com/steptrace/steptrace/store/embedded/sqltext"
)

// Statement is one SQL statement without its semicolon.
type Statement struct {
	SQL    string
	tokens []sqltext.Token // of SQL
}

func newStatement(sql string) Statement {
	sql = strings.TrimSpace(sql)
	return Statement{sql, slices.Collect(sqltext.Tokens(sql))}
}

// statements splits a text at its semicolons.
func statements(text string) ([]Statement, error) {
	var found []Statement
	start, end := -1, 0
	for t := range sqltext.Tokens(text) {
		switch {
		case t.Kind == sqltext.Unclosed:
			return nil, errors.New("a string, a quoted name or a comment has no end")
		case text[t.Start:t.End] != ";":
			if start < 0 {
				start = t.Start
			}
			end = t.End
			continue
		case start >= 0:
			found = append(found, newStatement(text[start:end]))
		}
		start = -1
	}
	if start >= 0 {
		found = append(found, newStatement(text[start:end]))
	}
	if len(found) == 0 {
		return nil, errors.New("holds no statement")
	}
	return found, nil
}

func (s Statement) word(t sqltext.Token) string { return s.SQL[t.Start:t.End] }

// at is the text of token i; "" behind the last one.
func (s Statement) at(i int) string {
	if i >= len(s.tokens) {
		return ""
	}
	return s.word(s.tokens[i])
}

// is reports whether token i is that keyword, outside of brackets.
func (s Statement) is(i int, keyword string) bool {
	if i >= len(s.tokens) {
		return false
	}
	t := s.tokens[i]
	return t.Kind == sqltext.Word && t.Depth == 0 && strings.EqualFold(s.word(t), keyword)
}

// find returns the first token from i on that is the keyword, outside of brackets; -1 if none is.
func (s Statement) find(i int, keyword string) int {
	for ; i < len(s.tokens); i++ {
		if s.is(i, keyword) {
			return i
		}
	}
	return -1
}

// keywords passes those of the words that follow one another from token i on.
func (s Statement) keywords(i int, words ...string) int {
	for _, w := range words {
		if s.is(i, w) {
			i++
		}
	}
	return i
}

// Fills reports whether the statement fills a new table with what the store has already.
func (s Statement) Fills() bool { return s.is(0, "INSERT") }

// creates returns what a CREATE statement makes (TABLE, VIEW, MATERIALIZED VIEW) and the token of its name.
func (s Statement) creates() (kind string, name int) {
	i := s.keywords(0, "CREATE", "OR", "REPLACE")
	switch {
	case i == 0:
		return "", 0
	case s.is(i, "TABLE"), s.is(i, "VIEW"):
		kind = strings.ToUpper(s.word(s.tokens[i]))
		i++
	case s.is(i, "MATERIALIZED") && s.is(i+1, "VIEW"):
		kind, i = "MATERIALIZED VIEW", i+2
	}
	if i = s.keywords(i, "IF", "NOT", "EXISTS"); i >= len(s.tokens) {
		return "", 0
	}
	return kind, i
}

// closing returns the token that closes the bracket at token i.
func (s Statement) closing(i int) int {
	for j := i + 1; j < len(s.tokens); j++ {
		if s.tokens[j].Depth == s.tokens[i].Depth {
			return j
		}
	}
	return len(s.tokens) - 1
}

// text is the SQL from token i up to token end, in one line.
func (s Statement) text(i, end int) string {
	if i >= end {
		return ""
	}
	return strings.Join(strings.Fields(s.SQL[s.tokens[i].Start:s.tokens[end-1].End]), " ")
}

// edit is a replacement of s.SQL[start:end].
type edit struct {
	start, end int
	text       string
}

// apply makes edits, which are in order and do not overlap.
func (s Statement) apply(edits []edit) string {
	var b strings.Builder
	at := 0
	for _, e := range edits {
		b.WriteString(s.SQL[at:e.start])
		b.WriteString(e.text)
		at = e.end
	}
	b.WriteString(s.SQL[at:])
	return b.String()
}
