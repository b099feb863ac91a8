package origin

import (
	"bytes"
	"encoding/json"
)

// cursor walks over JSON without decoding it. It is lenient: what it is not asked for it does not check, and malformed
// input ends a walk early. It looks at each byte a bounded number of times and never past the end.
type cursor struct {
	in []byte
	at int
}

func (c *cursor) skipSpace() {
	for c.at < len(c.in) && (c.in[c.at] == ' ' || c.in[c.at] == '\n' || c.in[c.at] == '\t' || c.in[c.at] == '\r') {
		c.at++
	}
}

// take moves past b if it comes next.
func (c *cursor) take(b byte) bool {
	if c.skipSpace(); c.at < len(c.in) && c.in[c.at] == b {
		c.at++
		return true
	}
	return false
}

// member moves to the value of an object's next member and returns the member's name, as it is written.
func (c *cursor) member() (name []byte, ok bool) {
	c.take(',')
	if c.skipSpace(); c.at == len(c.in) || c.in[c.at] != '"' {
		return nil, false
	}
	name = c.value()
	if len(name) < 2 || !c.take(':') {
		return nil, false
	}
	return name[1 : len(name)-1], true
}

// element returns a list's next element.
func (c *cursor) element() (value []byte, ok bool) {
	c.take(',')
	if c.skipSpace(); c.at < len(c.in) && c.in[c.at] == ']' {
		return nil, false
	}
	value = c.value()
	return value, len(value) > 0
}

// value moves past the next value and returns it as it is written; nil at the end or if it does not end.
func (c *cursor) value() []byte {
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

func (c *cursor) passText() bool {
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

func (c *cursor) passContainer() bool {
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

// find returns the value of a member of an object, by a name that needs no escapes.
func find(object []byte, name string) []byte {
	c := cursor{in: object}
	if !c.take('{') {
		return nil
	}
	for {
		key, ok := c.member()
		if !ok {
			return nil
		}
		value := c.value()
		if string(key) == name {
			return value
		}
	}
}

// text decodes a JSON text; anything else is empty.
func text(value []byte) string {
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
