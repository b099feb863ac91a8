package redact

import "strings"

// assignments takes the values out of NAME=VALUE, NAME: VALUE and "NAME": "VALUE" in plain text, as messages, form data
// and JSON that was cut off have them.
func (r *Redactor) assignments(s string) string {
	var out strings.Builder
	done := 0
	for pos := 0; ; {
		next := strings.IndexAny(s[pos:], "=:")
		if next < 0 {
			break
		}
		pos += next + 1
		name := nameBefore(s[done:pos-1], s[pos-1])
		if name == "" || !r.names.match(name) {
			continue
		}
		if from, to := valueAfter(s, pos, isHeader(name, s[pos-1])); from < to {
			out.WriteString(s[done:from])
			out.WriteString(Replacement)
			done, pos = to, to
		}
	}
	if done == 0 {
		return s
	}
	out.WriteString(s[done:])
	return out.String()
}

const maxName = 64 // bytes

// nameBefore is the name at the end of the text, "" when there is none. "api key" is a name of two words.
func nameBefore(s string, operator byte) string {
	s = s[max(0, len(s)-2*maxName):]
	s = strings.TrimRight(s, " \t\"'\\]")
	start := len(s)
	for start > 0 && (isNamePart(s[start-1]) || s[start-1] == ' ' && start < len(s)) {
		start--
	}
	if operator == ':' && start > 0 && s[start-1] == ':' {
		return "" // within an ARN or the like
	}
	words := strings.Fields(s[start:])
	return strings.Join(words[max(0, len(words)-2):], " ")
}

func isNamePart(c byte) bool {
	return isLower(c) || isUpper(c) || '0' <= c && c <= '9' || c == '_' || c == '-' || c == '.' || c == '$'
}

// isHeader is true for names whose value is the rest of the line when a colon follows.
func isHeader(name string, operator byte) bool {
	name = strings.ToLower(name)
	return operator == ':' && (strings.HasSuffix(name, "authorization") || strings.HasSuffix(name, "cookie"))
}

// valueAfter is where the value lies that follows the operator.
func valueAfter(s string, pos int, wholeLine bool) (from, to int) {
	for pos < len(s) && strings.IndexByte("=:> \t", s[pos]) >= 0 {
		pos++
	}
	from = pos
	for pos < len(s) && s[pos] == '\\' {
		pos++
	}
	switch {
	case pos == len(s):
		return from, pos
	case s[pos] == '"' || s[pos] == '\'':
		return pos + 1, closingQuote(s, pos+1, s[pos], pos-from)
	case wholeLine:
		return from, untilAny(s, from, "\r\n\"'")
	case s[pos] == '{' || s[pos] == '[':
		return from, closingBracket(s, pos)
	}
	return from, untilAny(s, from, " \t\r\n&;,\"'<>)}]")
}

func untilAny(s string, pos int, ends string) int {
	if length := strings.IndexAny(s[pos:], ends); length >= 0 {
		return pos + length
	}
	return len(s)
}

// closingQuote is where a quoted text ends. In JSON texts within JSON texts a quote has 1, 3, 7, … backslashes before
// it, one within the quoted text more.
func closingQuote(s string, pos int, quote byte, backslashes int) int {
	start := pos
	for {
		next := strings.IndexByte(s[pos:], quote)
		if next < 0 {
			return len(s)
		}
		pos += next
		run := pos
		for run > start && s[run-1] == '\\' {
			run--
		}
		if (pos-run)%(2*backslashes+2) == backslashes {
			return pos - backslashes
		}
		pos++
		start = pos
	}
}

// closingBracket is where what an opening bracket begins ends: the end of the text when it was cut off before.
func closingBracket(s string, pos int) int {
	depth := 0
	for ; pos < len(s); pos++ {
		switch s[pos] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return pos + 1
			}
		case '"':
			run := pos
			for s[run-1] == '\\' { // a bracket is before it
				run--
			}
			pos = closingQuote(s, pos+1, '"', pos-run) + pos - run
		}
	}
	return len(s)
}
