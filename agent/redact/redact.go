// Package redact takes secrets out of payloads before they leave the agent: out of the JSON texts that Step Functions
// passes between states, out of JSON texts inside their strings, and out of plain text. It does no I/O.
//
// What is found is replaced by "[REDACTED]". JSON stays JSON, and all else in it stays as it was, to the byte: order,
// numbers, white space, escapes. The time is linear in the payload.
package redact

import (
	"cmp"
	"encoding/json"
	"errors"
	"strings"

	"github.com/theory/jsonpath"
)

// Replacement stands for what was taken out.
const Replacement = "[REDACTED]"

// Bounds of what is looked into. What lies deeper is taken out whole: nobody's payload is like that.
const (
	maxNesting  = 100 // of containers in one JSON text
	maxEmbedded = 8   // of JSON texts in strings of JSON texts
)

// Rules say what is secret.
type Rules struct {
	// Defaults are DefaultKeys, and the forms of secrets that are known whatever their name: bearer tokens, passwords in
	// URLs, private keys, ….
	Defaults bool
	// Keys are regular expressions of further keys whose values are secret. They match whole words of a key, whatever
	// their case; words end at what is no letter and in camelCase. `.*card.*` matches anywhere.
	Keys []string
	// Paths are JSONPath queries (RFC 9535) of secret values. $ is a payload, or a JSON text in a string of one.
	Paths []string
}

// Redactor applies rules. It is safe for concurrent use; nil changes nothing.
type Redactor struct {
	keys  *matcher // of a JSON object's members: words anywhere in the key
	names *matcher // of plain text's NAME=VALUE: words at the name's end
	paths []*jsonpath.Path
	known bool // the forms of secrets that are known whatever their name
}

// New compiles rules. The error names each that cannot be used, as keys::INDEX or paths::INDEX. Without any rule the
// Redactor is nil.
func New(rules Rules) (*Redactor, error) {
	if !rules.Defaults && len(rules.Keys)+len(rules.Paths) == 0 {
		return nil, nil
	}
	paths, errPaths := compilePaths(rules.Paths)
	if err := errors.Join(checkKeys(rules.Keys), errPaths); err != nil {
		return nil, err
	}
	patterns := rules.Keys
	if rules.Defaults {
		patterns = append(DefaultKeys(), patterns...)
	}
	keys, errKeys := newMatcher(wordAnywhere, patterns)
	names, errNames := newMatcher(wordAtEnd, patterns)
	if err := cmp.Or(errKeys, errNames); err != nil {
		return nil, err
	}
	return &Redactor{keys: keys, names: names, paths: paths, known: rules.Defaults}, nil
}

// Text is the payload without secrets: valid JSON when the payload is.
func (r *Redactor) Text(payload string) string {
	if r == nil {
		return payload
	}
	return r.text(payload, 0)
}

// text is Text for what lies in so many JSON texts.
func (r *Redactor) text(s string, embedded int) string {
	if !isJSON(s, embedded > 0) {
		return r.plain(s, embedded)
	}
	if embedded > maxEmbedded {
		return Replacement
	}
	return r.document(s, embedded)
}

// plain redacts what is not JSON: messages, form data, JSON that was cut off. Taking out what made it invalid can turn
// it into JSON.
func (r *Redactor) plain(s string, embedded int) string {
	if r.known {
		s = replaceKnown(s)
	}
	redacted := r.assignments(s)
	if redacted != s && isJSON(redacted, embedded > 0) {
		return r.text(redacted, embedded)
	}
	return redacted
}

// isJSON is true for JSON texts. In a string only containers and quoted strings count: "12" is a text, not a number.
func isJSON(s string, inString bool) bool {
	start := strings.TrimLeft(s, " \t\r\n")
	if start == "" || inString && !strings.ContainsRune(`{["`, rune(start[0])) {
		return false
	}
	return json.Valid([]byte(s))
}

// member is the value of a member of event details, valid JSON, without secrets.
func (r *Redactor) member(name, value string) string {
	switch {
	case r == nil:
		return value
	case r.keys.match(name) && value != "null":
		return quoted
	}
	return r.document(value, 0)
}
