// Package sqltext reads as much of ClickHouse's SQL as a server needs before it hands a text to the engine: where an
// INSERT's data begins, which format is asked for, and which words stand outside of strings and comments. It is pure.
package sqltext

import (
	"iter"
	"strings"
)

// Kind is the kind of a token.
type Kind int

// The kinds of tokens. Whitespace and comments are not tokens.
const (
	Word             Kind = iota // keyword, identifier or number
	QuotedIdentifier             // "a" or `a`
	String                       // 'a', “a”, ‘a’ or $tag$a$tag$
	Symbol                       // any other byte
	Unclosed                     // a string, identifier or comment without its end
)

// Token is a piece of a text, text[Start:End]. Depth counts the brackets around it.
type Token struct {
	Kind       Kind
	Start, End int
	Depth      int
}

// Tokens yields the tokens of a text by the rules of ClickHouse's lexer.
func Tokens(text string) iter.Seq[Token] {
	return func(yield func(Token) bool) {
		l := lexer{text: text}
		for l.skipBlank() {
			if !yield(l.next()) {
				return
			}
		}
	}
}

type lexer struct {
	text    string
	pos     int
	depth   int
	dollars int // of which none began a here-document
}

// maxDollars bounds the search for here-documents, each of which may go through the whole text. More of them in a
// statement than that are nobody's names: the rest counts as unclosed.
const maxDollars = 1000

// skipBlank passes whitespace and comments and reports whether a token follows.
func (l *lexer) skipBlank() bool {
	for l.pos < len(l.text) {
		rest := l.text[l.pos:]
		switch {
		case isSpace(rest[0]):
			l.pos++
		case startsLineComment(rest):
			l.pos += lineLength(rest)
		case strings.HasPrefix(rest, "/*"):
			end := commentLength(rest)
			if end < 0 {
				return true
			}
			l.pos += end
		default:
			return true
		}
	}
	return false
}

func (l *lexer) next() Token {
	t := Token{Start: l.pos, Depth: l.depth}
	rest := l.text[l.pos:]
	var size int
	switch c := rest[0]; {
	case c == '\'':
		t.Kind, size = quoted(rest, String)
	case c == '"' || c == '`':
		t.Kind, size = quoted(rest, QuotedIdentifier)
	case strings.HasPrefix(rest, "‘"):
		t.Kind, size = until(rest, "‘", "’", String)
	case strings.HasPrefix(rest, "“"):
		t.Kind, size = until(rest, "“", "”", QuotedIdentifier)
	case strings.HasPrefix(rest, "/*"):
		t.Kind, size = Unclosed, len(rest)
	case c == '$':
		t.Kind, size = l.dollar(rest)
	case isWord(c):
		t.Kind, size = Word, wordLength(rest)
	default:
		t.Kind, size = Symbol, 1
		t.Depth = l.bracket(c)
	}
	l.pos += size
	t.End = l.pos
	return t
}

// bracket counts and returns the depth that the bracket itself has: that of what is outside of it.
func (l *lexer) bracket(c byte) int {
	switch c {
	case '(', '[', '{':
		l.depth++
		return l.depth - 1
	case ')', ']', '}':
		l.depth--
	}
	return l.depth
}

func (l *lexer) dollar(s string) (Kind, int) {
	if l.dollars > maxDollars {
		return Unclosed, len(s)
	}
	if n := heredocLength(s); n > 0 {
		return String, n
	}
	l.dollars++
	return Word, wordLength(s)
}

// quoted measures a text in ', " or `, in which a backslash or a second quote escapes.
func quoted(s string, kind Kind) (Kind, int) {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case s[0]:
			if i+1 == len(s) || s[i+1] != s[0] {
				return kind, i + 1
			}
			i++
		}
	}
	return Unclosed, len(s)
}

func until(s, opening, closing string, kind Kind) (Kind, int) {
	if i := strings.Index(s[len(opening):], closing); i >= 0 {
		return kind, len(opening) + i + len(closing)
	}
	return Unclosed, len(s)
}

// heredocLength measures $tag$ … $tag$; 0 if s does not start with one.
func heredocLength(s string) int {
	name := strings.IndexByte(s[1:], '$')
	if name < 0 {
		return 0
	}
	tag := s[:name+2]
	end := strings.Index(s[len(tag):], tag)
	if end < 0 {
		return 0
	}
	return end + 2*len(tag)
}

func startsLineComment(s string) bool {
	return strings.HasPrefix(s, "--") || strings.HasPrefix(s, "//") ||
		strings.HasPrefix(s, "# ") || strings.HasPrefix(s, "#!")
}

func lineLength(s string) int {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return i + 1
	}
	return len(s)
}

// commentLength measures /* … */, which may hold others; -1 without an end.
func commentLength(s string) int {
	depth := 0
	for i := 0; i+1 < len(s); i++ {
		switch s[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++
			if depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

func wordLength(s string) int {
	n := 1
	for n < len(s) && isWord(s[n]) {
		n++
	}
	return n
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
