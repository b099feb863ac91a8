package cloudwatchlogs

import (
	"encoding/json"
	"regexp"
	"strings"
)

// pattern tells whether a message matches a filter pattern.
type pattern func(message string) bool

var (
	// equality is the one kind of JSON pattern that the sandbox has: { $.a.b = "text" } or { $.a = 12 }.
	equality = regexp.MustCompile(`^\{\s*\$((?:\.[A-Za-z0-9_-]+)+)\s*=\s*(?:"([^"]*)"|([A-Za-z0-9_.:/+*-]+))\s*\}$`)
	// term is a word or a quoted phrase, with a sign before it or none.
	term = regexp.MustCompile(`^([?-]?)(?:"([^"]+)"|([A-Za-z0-9_]+))(?:\s+|$)`)
)

const maxPattern = 1024

// parsePattern reads a filter pattern: empty, terms, or an equality of JSON.
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
func parsePattern(text string) (pattern, error) {
	trimmed := strings.TrimSpace(text)
	switch {
	case len(text) > maxPattern:
		return nil, invalid("Invalid filter pattern: it has more than %d characters", maxPattern)
	case trimmed == "":
		return func(string) bool { return true }, nil
	case strings.HasPrefix(trimmed, "{"):
		return parseEquality(trimmed)
	}
	return parseTerms(trimmed)
}

func parseEquality(text string) (pattern, error) {
	match := equality.FindStringSubmatch(text)
	if match == nil {
		return nil, invalid("Invalid filter pattern: the sandbox has { $.member = value } only, not %.100q", text)
	}
	path := strings.Split(match[1][1:], ".")
	parts := strings.Split(match[2]+match[3], "*")
	for n, part := range parts {
		parts[n] = regexp.QuoteMeta(part)
	}
	value, err := regexp.Compile(`^(?s:` + strings.Join(parts, ".*") + `)$`)
	if err != nil {
		return nil, invalid("Invalid filter pattern: %v", err)
	}
	return func(message string) bool {
		found, ok := member(message, path)
		return ok && value.MatchString(found)
	}, nil
}

// member is the value at a path in a JSON message, as text; false when there is no such string, number or boolean.
func member(message string, path []string) (string, bool) {
	value := json.RawMessage(message)
	for _, name := range path {
		var object map[string]json.RawMessage
		if json.Unmarshal(value, &object) != nil {
			return "", false
		}
		value = object[name]
	}
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text, true
	}
	scalar := len(value) > 0 && value[0] != '{' && value[0] != '[' && string(value) != "null"
	return string(value), scalar
}

// parseTerms reads terms: all must be there, those with a minus must not, and of those with a question mark one must.
func parseTerms(text string) (pattern, error) {
	wanted := map[string][]string{}
	for rest := text; rest != ""; {
		match := term.FindStringSubmatch(rest)
		if match == nil {
			return nil, invalid("Invalid filter pattern: %.100q; quote what is not letters and digits", rest)
		}
		wanted[match[1]] = append(wanted[match[1]], match[2]+match[3])
		rest = rest[len(match[0]):]
	}
	return func(message string) bool {
		has := func(term string) bool { return strings.Contains(message, term) }
		return all(wanted[""], has) && !some(wanted["-"], has) && (len(wanted["?"]) == 0 || some(wanted["?"], has))
	}, nil
}

func all(terms []string, has func(string) bool) bool {
	for _, t := range terms {
		if !has(t) {
			return false
		}
	}
	return true
}

func some(terms []string, has func(string) bool) bool {
	for _, t := range terms {
		if has(t) {
			return true
		}
	}
	return false
}
