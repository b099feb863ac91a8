package history

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"unicode/utf8"
)

// canonical writes a JSON value without white space, members by name, strings with the fewest escapes. The same event
// comes with other escapes and orders from the API, from the AWS CLI and through the SDK.
func canonical(v json.RawMessage) json.RawMessage {
	if !bytes.ContainsAny(v, "\\, \t\r\n") && utf8.Valid(v) {
		return v // nothing to write otherwise, as in {"truncated":false}
	}
	decoder := json.NewDecoder(bytes.NewReader(v))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return v // not JSON: nobody has decoded it before
	}
	return appendValue(make([]byte, 0, len(v)), value)
}

func appendValue(buf []byte, value any) []byte {
	switch v := value.(type) {
	case map[string]any:
		buf = append(buf, '{')
		for i, name := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				buf = append(buf, ',')
			}
			buf = appendValue(append(appendText(buf, name), ':'), v[name])
		}
		return append(buf, '}')
	case []any:
		buf = append(buf, '[')
		for i := range v {
			if i > 0 {
				buf = append(buf, ',')
			}
			buf = appendValue(buf, v[i])
		}
		return append(buf, ']')
	case string:
		return appendText(buf, v)
	case json.Number:
		return append(buf, v...)
	case bool:
		if v {
			return append(buf, "true"...)
		}
		return append(buf, "false"...)
	}
	return append(buf, "null"...)
}
