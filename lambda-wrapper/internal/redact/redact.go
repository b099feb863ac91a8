// Package redact takes secrets out of payloads that a function records. It is the small brother of the agent's, which
// knows more and links more: it goes by the names of JSON members and by a few forms of secrets, and what it cannot
// read it does not let through.
package redact

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/jsonscan"
)

// Replacement stands for what was taken out.
const Replacement = "[REDACTED]"

const quoted = `"` + Replacement + `"`

// Bounds of what is looked into; what lies deeper is taken out whole.
const (
	maxNesting  = 32 // of containers
	maxEmbedded = 4  // of JSON texts in strings of JSON texts
)

// Redactor knows the names of secrets. The zero value knows those in words.
type Redactor struct {
	more []string
}

// New returns a redactor that knows further names: members whose names contain one of them, whatever their case and
// what is no letter or digit.
func New(names []string) Redactor {
	var r Redactor
	for _, name := range names {
		if folded := fold(name); folded != "" {
			r.more = append(r.more, folded)
		}
	}
	return r
}

// words are what names of secrets contain, without what is no letter or digit.
var words = []string{
	"password", "passwd", "passphrase", "pwd", "secret", "token", "authorization", "cookie", "credential", "apikey",
	"accesskey", "privatekey", "signingkey", "encryptionkey", "accountkey", "sharedkey", "sessionid", "sessionkey",
	"connectionstring", "signature", "jwt", "mfacode",
}

// JSON is the payload without secrets, all else as it was; not ok if it is no JSON.
func (r Redactor) JSON(payload []byte) (redacted []byte, ok bool) {
	if !json.Valid(payload) {
		return nil, false
	}
	return r.appendValue(make([]byte, 0, len(payload)), payload, 0, 0), true
}

// appendValue appends a valid JSON value that lies in so many containers and so many JSON texts.
func (r Redactor) appendValue(out, value []byte, nesting, embedded int) []byte {
	trimmed := bytes.TrimLeft(value, " \t\r\n")
	out = append(out, value[:len(value)-len(trimmed)]...)
	switch {
	case nesting > maxNesting:
		return append(out, quoted...)
	case trimmed[0] == '{':
		return r.appendObject(out, trimmed, nesting, embedded)
	case trimmed[0] == '[':
		return r.appendList(out, trimmed, nesting, embedded)
	case trimmed[0] == '"':
		return r.appendText(out, trimmed, embedded)
	default:
		return append(out, trimmed...)
	}
}

func (r Redactor) appendObject(out, object []byte, nesting, embedded int) []byte {
	pair := r.namesSecret(object)
	c, done := jsonscan.New(object), 0
	c.Take('{')
	for {
		raw, ok := c.Member()
		if !ok {
			return append(out, object[done:]...)
		}
		value := c.Value()
		out = append(out, object[done:c.At()-len(value)]...)
		done = c.At()
		name := decoded(raw)
		switch {
		case string(value) == "null":
			out = append(out, value...)
		case r.secret(name) || pair && (strings.EqualFold(name, "value") || strings.EqualFold(name, "values")):
			out = append(out, quoted...)
		default:
			out = r.appendValue(out, value, nesting+1, embedded)
		}
	}
}

// namesSecret tells whether an object is like {"Name": "DB_PASSWORD", "Value": …}.
func (r Redactor) namesSecret(object []byte) bool {
	c := jsonscan.New(object)
	c.Take('{')
	for {
		raw, ok := c.Member()
		if !ok {
			return false
		}
		value := c.Value()
		name := decoded(raw)
		if (strings.EqualFold(name, "name") || strings.EqualFold(name, "key")) && r.secret(jsonscan.Text(value)) {
			return true
		}
	}
}

func (r Redactor) appendList(out, list []byte, nesting, embedded int) []byte {
	c, done := jsonscan.New(list), 0
	c.Take('[')
	for {
		value, ok := c.Element()
		if !ok {
			return append(out, list[done:]...)
		}
		out = append(out, list[done:c.At()-len(value)]...)
		done = c.At()
		out = r.appendValue(out, value, nesting+1, embedded)
	}
}

// appendText looks into a string: it may be JSON itself.
func (r Redactor) appendText(out, value []byte, embedded int) []byte {
	end := len(bytes.TrimRight(value, " \t\r\n"))
	s := jsonscan.Text(value[:end])
	redacted := s
	switch begin := strings.TrimLeft(s, " \t\r\n"); {
	case begin == "":
	case strings.IndexByte(`{["`, begin[0]) >= 0 && json.Valid([]byte(s)):
		redacted = Replacement
		if embedded < maxEmbedded {
			redacted = string(r.appendValue(nil, []byte(s), 0, embedded+1))
		}
	default:
		redacted = r.text(s)
	}
	if redacted == s {
		return append(out, value...)
	}
	return append(appendQuoted(out, redacted), value[end:]...)
}

func appendQuoted(out []byte, s string) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(s) // a string into memory cannot fail
	return append(out, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}

func decoded(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw)
	}
	return jsonscan.Text(append(append([]byte{'"'}, raw...), '"'))
}

// secret tells whether a name is that of a secret.
func (r Redactor) secret(name string) bool {
	folded := fold(name)
	for _, list := range [][]string{words, r.more} {
		for _, word := range list {
			if strings.Contains(folded, word) {
				return true
			}
		}
	}
	return folded == "session" || folded == "auth" || folded == "otp" || folded == "bearer"
}

// fold leaves the letters and digits of a name, in lower case.
func fold(name string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'A' && c <= 'Z':
			return c + 'a' - 'A'
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c > 0x7f:
			return c
		default:
			return -1
		}
	}, name)
}
