package otlplimits

import (
	"bytes"
	"unicode/utf8"
)

const (
	// envelope is how deep what has attributes is in a request, at most (the exemplars of a metric's data points).
	envelope = 18
	// levelJSON is how deep a level of nesting is in JSON: {"kvlistValue":{"values":[{"key":"…","value":…}]}}
	levelJSON = 4
	// objectMemory is what becomes of an object, at most: a span or a data point.
	objectMemory = 320
	// plainMemory is what becomes of the objects in those at most, values, of which there are many more.
	plainMemory = 64
)

// JSON checks an export request in its JSON form, whatever the signal, and says what it takes when it is decoded,
// roughly, in bytes.
func JSON(data []byte) (memory int64, err error) {
	if !utf8.Valid(data) {
		return 0, ErrNotUTF8
	}
	depth := 0
	memory = int64(len(data))
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			i += text(data[i+1:])
		case '{', '[':
			depth++
			if memory += opened(data[i:]); memory > MaxMemory {
				return memory, ErrTooLarge
			}
			if depth > envelope+levelJSON*MaxDepth {
				return memory, ErrTooDeep
			}
		case '}', ']':
			if depth--; depth < 0 {
				return memory, ErrMalformed // what follows would be counted from below
			}
		}
	}
	return memory, nil
}

// opened is what an object or array takes that begins here. Those that begin as values do are not larger than those.
func opened(data []byte) int64 {
	if data[0] == '[' {
		return 0
	}
	inside := bytes.TrimLeft(data[1:], " \t\r\n")
	for _, key := range valueKeys {
		if bytes.HasPrefix(inside, key) {
			return plainMemory
		}
	}
	return objectMemory
}

var valueKeys = [][]byte{
	[]byte(`"key"`), []byte(`"stringValue"`), []byte(`"intValue"`), []byte(`"boolValue"`), []byte(`"doubleValue"`),
}

// text is how long a string is from behind its opening quote to its closing one.
func text(data []byte) int {
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(data)
}
