package sqltext

import (
	"strconv"
	"strings"
)

// Mentions reports whether a text holds a bare word, in any case, outside of strings, quotes and comments.
func Mentions(text, word string) bool {
	for t := range Tokens(text) {
		if is(text, t, word) {
			return true
		}
	}
	return false
}

// MayCall reports whether a text may call the function of that name: name(…), or f(name, …) where f takes functions.
// A column of that name looks like the latter, unless it is written as table.name.
func MayCall(text, name string) bool {
	before, named := "", false // the token before a possible name; whether the last token is such a name
	last := ""
	for t := range Tokens(text) {
		current := text[t.Start:t.End]
		if named && (current == "(" || before == "(" && (current == "," || current == ")")) {
			return true
		}
		named = last != "." && names(t.Kind, current, name)
		before, last = last, current
	}
	return false
}

func names(kind Kind, token, name string) bool {
	switch kind {
	case Word:
		return token == name
	case QuotedIdentifier:
		return unquote(token) == name
	default:
		return false
	}
}

// unquote decodes a quoted identifier.
func unquote(token string) string {
	var b strings.Builder
	inner := strings.TrimSuffix(strings.TrimPrefix(token, "“"), "”")
	if inner == token {
		inner = token[1 : len(token)-1]
	}
	for i := 0; i < len(inner); i++ {
		if inner[i] != '\\' || i+1 == len(inner) {
			b.WriteByte(inner[i])
			continue
		}
		i++
		code, err := strconv.ParseUint(inner[min(i+1, len(inner)):min(i+3, len(inner))], 16, 8)
		if inner[i] == 'x' && err == nil {
			b.WriteByte(byte(code))
			i += 2
			continue
		}
		b.WriteByte(inner[i])
	}
	return b.String()
}
