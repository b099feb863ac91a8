package jsonpath

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// normalize rewrites the segments of a path in Jayway's syntax, what follows "$", to RFC 9535: names become quoted ones
// in brackets, so that "-", "@" or a leading digit may stand in them.
func normalize(segments string) (string, error) {
	var out strings.Builder
	for rest := segments; rest != ""; {
		segment, n, err := normalizeSegment(rest)
		if err != nil {
			return "", err
		}
		out.WriteString(segment)
		rest = rest[n:]
	}
	return out.String(), nil
}

// normalizeSegment rewrites the first segment of rest and tells how many bytes of rest it took.
func normalizeSegment(rest string) (segment string, length int, err error) {
	switch {
	case strings.HasPrefix(rest, "..["):
		segment, length, err = normalizeBrackets(rest[2:])
		return ".." + segment, length + 2, err
	case strings.HasPrefix(rest, ".."):
		segment, length, err = normalizeName(rest[2:])
		return ".." + segment, length + 2, err
	case strings.HasPrefix(rest, ".["): // Jayway does not mind the dot
		segment, length, err = normalizeBrackets(rest[1:])
		return segment, length + 1, err
	case rest[0] == '.':
		segment, length, err = normalizeName(rest[1:])
		return segment, length + 1, err
	case rest[0] == '[':
		return normalizeBrackets(rest)
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return "", 0, fmt.Errorf("unexpected %q", r)
}

func normalizeName(rest string) (string, int, error) {
	end := strings.IndexAny(rest, ".[")
	if end < 0 {
		end = len(rest)
	}
	switch name := rest[:end]; {
	case name == "":
		return "", 0, errors.New("a name is missing after '.'")
	case strings.ContainsAny(name, " \t\r\n"):
		return "", 0, fmt.Errorf("white space in the name %q", name)
	case name == "*":
		return "[*]", end, nil
	default:
		return "[" + jsonvalue.Text(name) + "]", end, nil
	}
}

// normalizeBrackets rewrites the names in "[…]" and the paths of a filter; numbers, slices and "*" stay.
func normalizeBrackets(rest string) (string, int, error) {
	end, err := closing(rest)
	if err != nil {
		return "", 0, err
	}
	inner := strings.TrimSpace(rest[1:end])
	switch {
	case strings.HasPrefix(inner, "?"):
		inner, err = normalizeFilter(inner)
	case strings.HasPrefix(inner, "'"), strings.HasPrefix(inner, `"`):
		inner, err = normalizeNames(inner)
	}
	return "[" + inner + "]", end + 1, err
}

// normalizeNames rewrites quoted names, separated by commas.
func normalizeNames(names string) (string, error) {
	var out []string
	for {
		if names == "" || names[0] != '\'' && names[0] != '"' {
			return "", errors.New("a quoted name is missing in brackets")
		}
		end, err := quoted(names)
		if err != nil {
			return "", err
		}
		out = append(out, jsonvalue.Text(unescape(names[1:end-1], names[:1])))
		names = strings.TrimSpace(names[end:])
		if names == "" {
			return strings.Join(out, ","), nil
		}
		if names[0] != ',' {
			return "", errors.New("a ',' is missing between names in brackets")
		}
		names = strings.TrimSpace(names[1:])
	}
}

// unescape takes the backslash away before the quote and before another backslash; elsewhere it is part of the name.
func unescape(name, quote string) string {
	return strings.NewReplacer(`\\`, `\`, `\`+quote, quote).Replace(name)
}

// closing is the index of the bracket that closes the one at the start of s.
func closing(s string) (int, error) {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\'', '"':
			end, err := quoted(s[i:])
			if err != nil {
				return 0, err
			}
			i += end - 1
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return i, nil
			}
		}
	}
	return 0, errors.New("a '[' is not closed")
}

// quoted is the length of the quoted string that s begins with.
func quoted(s string) (int, error) {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case s[0]:
			return i + 1, nil
		}
	}
	return 0, errors.New("a quote is not closed")
}

// normalizeFilter rewrites the paths in a filter expression, those beginning with "@" or "$".
func normalizeFilter(filter string) (string, error) {
	var out strings.Builder
	for i := 0; i < len(filter); {
		n, text, err := filterToken(filter[i:])
		if err != nil {
			return "", err
		}
		out.WriteString(text)
		i += n
	}
	return out.String(), nil
}

func filterToken(s string) (length int, text string, err error) {
	switch s[0] {
	case '\'', '"':
		length, err = quoted(s)
		return length, s[:length], err
	case '@', '$':
		length, err = pathEnd(s)
		if err != nil {
			return 0, "", err
		}
		text, err = normalize(s[1:length])
		return length, s[:1] + text, err
	}
	return 1, s[:1], nil
}

// pathEnd is the length of the path that s begins with: up to white space, an operator or a parenthesis.
func pathEnd(s string) (int, error) {
	for i := 1; i < len(s); i++ {
		if s[i] == '[' {
			end, err := closing(s[i:])
			if err != nil {
				return 0, err
			}
			i += end
			continue
		}
		if strings.IndexByte(" \t\r\n=!<>&|(),]", s[i]) >= 0 {
			return i, nil
		}
	}
	return len(s), nil
}
