// Package jsonscan finds values in JSON without decoding it.
package jsonscan

import (
	"bytes"
	"encoding/json"
)

// Cursor walks over JSON without decoding it. It is lenient: what it is not asked for it does not check, and malformed
// input ends a walk early. It looks at each byte a bounded number of times and never past the end.
type Cursor struct {
	in []byte
	at int
}

// New is a cursor at the beginning of a text.
func New(text []byte) Cursor { return Cursor{in: text} }

// At is how far the cursor has come.
func (c *Cursor) At() int { return c.at }

func (c *Cursor) skipSpace() {
	for c.at < len(c.in) && (c.in[c.at] == ' ' || c.in[c.at] == '\n' || c.in[c.at] == '\t' || c.in[c.at] == '\r') {
		c.at++
	}
}

// Take moves past b if it comes next.
func (c *Cursor) Take(b byte) bool {
	if c.skipSpace(); c.at < len(c.in) && c.in[c.at] == b {
		c.at++
		return true
	}
	return false
}

// Member moves to the value of an object's next member and returns the member's name, as it is written.
func (c *Cursor) Member() (name []byte, ok bool) {
	c.Take(',')
	if c.skipSpace(); c.at == len(c.in) || c.in[c.at] != '"' {
		return nil, false
	}
	name = c.Value()
	if len(name) < 2 || !c.Take(':') {
		return nil, false
	}
	return name[1 : len(name)-1], true
}

// Element returns a list's next element.
func (c *Cursor) Element() (value []byte, ok bool) {
	c.Take(',')
	if c.skipSpace(); c.at < len(c.in) && c.in[c.at] == ']' {
		return nil, false
	}
	value = c.Value()
	return value, len(value) > 0
}

// Value moves past the next value and returns it as it is written; nil at the end or if it does not end.
func (c *Cursor) Value() []byte {
	c.skipSpace()
	from := c.at
	if from == len(c.in) {
		return nil
	}
	switch c.in[from] {
	case '"':
		if !c.passText() {
			return nil
		}
	case '{', '[':
		if !c.passContainer() {
			return nil
		}
	default:
		for c.at < len(c.in) && !bytes.ContainsRune([]byte(",]} \n\t\r"), rune(c.in[c.at])) {
			c.at++
		}
	}
	return c.in[from:c.at]
}

func (c *Cursor) passText() bool {
	for c.at++; c.at < len(c.in); c.at++ {
		switch c.in[c.at] {
		case '"':
			c.at++
			return true
		case '\\':
			c.at++
		}
	}
	c.at = len(c.in)
	return false
}

func (c *Cursor) passContainer() bool {
	for depth := 0; c.at < len(c.in); {
		switch c.in[c.at] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				c.at++
				return true
			}
		case '"':
			if !c.passText() {
				return false
			}
			continue
		}
		c.at++
	}
	return false
}

// Find returns the value of a member of an object, by a name that needs no escapes.
func Find(object []byte, name string) []byte {
	c := New(object)
	if !c.Take('{') {
		return nil
	}
	for {
		key, ok := c.Member()
		if !ok {
			return nil
		}
		value := c.Value()
		if string(key) == name {
			return value
		}
	}
}

// Text decodes a JSON text; anything else is empty.
func Text(value []byte) string {
	if len(value) < 2 || value[0] != '"' {
		return ""
	}
	if inner := value[1 : len(value)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return string(inner)
	}
	var s string
	if json.Unmarshal(value, &s) != nil {
		return ""
	}
	return s
}
