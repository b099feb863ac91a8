package jsonvalue

import (
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// Encode writes a value as Step Functions does: no white space, members in order, and of the characters in strings
// only quotes, backslashes and control characters escaped.
func Encode(v Value) []byte { return appendValue(nil, v) }

// Text is Encode as a string.
func Text(v Value) string { return string(Encode(v)) }

func appendValue(b []byte, v Value) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case json.Number:
		return append(b, v...)
	case string:
		return appendString(b, v)
	case []Value:
		return appendArray(b, v)
	case *Object:
		return appendObject(b, v)
	}
	panic(fmt.Sprintf("jsonvalue: %T is not a JSON value", v))
}

func appendArray(b []byte, array []Value) []byte {
	b = append(b, '[')
	for i, v := range array {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendValue(b, v)
	}
	return append(b, ']')
}

func appendObject(b []byte, object *Object) []byte {
	b = append(b, '{')
	first := true
	object.Range(func(key string, v Value) bool {
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(appendString(b, key), ':')
		b = appendValue(b, v)
		return true
	})
	return append(b, '}')
}

func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		b = appendRune(b, r)
	}
	return append(b, '"')
}

var shortEscapes = map[rune]string{
	'"': `\"`, '\\': `\\`, '\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`,
}

func appendRune(b []byte, r rune) []byte {
	if escape, ok := shortEscapes[r]; ok {
		return append(b, escape...)
	}
	if r < ' ' {
		return fmt.Appendf(b, `\u%04X`, r)
	}
	return utf8.AppendRune(b, r)
}
