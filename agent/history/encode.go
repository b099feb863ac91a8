package history

import (
	"slices"
	"strconv"
	"unicode/utf8"
)

// JSON is the details as one JSON object with AWS's member names, in an order that depends on nothing else.
func (d *Details) JSON() string { return string(d.AppendJSON(nil)) }

// AppendJSON appends what JSON returns.
func (d *Details) AppendJSON(buf []byte) []byte {
	begin := len(buf)
	buf = append(slices.Grow(buf, 96+len(d.Name)+len(d.Resource)+d.payloadSize()), '{')
	for _, name := range textNames {
		if v := *d.text(name); v != "" {
			buf = appendText(append(append(append(separate(buf, begin), '"'), name...), `":`...), v)
		}
	}
	for _, name := range countNames {
		if v := *d.count(name); v != nil {
			buf = strconv.AppendInt(append(append(append(separate(buf, begin), '"'), name...), `":`...), *v, 10)
		}
	}
	for _, m := range d.Rest {
		buf = append(append(appendText(separate(buf, begin), m.Name), ':'), m.Value...)
	}
	return append(buf, '}')
}

// payloadSize is about what the payloads take as JSON texts: quotes in them are escaped.
func (d *Details) payloadSize() int {
	n := len(d.Parameters) + len(d.Input) + len(d.Output) + len(d.Cause)
	return n + n/8
}

// separate begins another member of the object that began there.
func separate(buf []byte, begin int) []byte {
	if len(buf) > begin+1 {
		return append(buf, ',')
	}
	return buf
}

// appendText writes a JSON string; what is not UTF-8 becomes U+FFFD.
func appendText(buf []byte, s string) []byte {
	const hex = "0123456789abcdef"
	buf = append(buf, '"')
	plain := 0 // from here on nothing was to be changed
	for i := 0; i < len(s); {
		b := s[i]
		if b >= ' ' && b != '"' && b != '\\' && b < utf8.RuneSelf {
			i++
			continue
		}
		if b >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				buf = append(append(buf, s[plain:i]...), "\ufffd"...)
				plain = i + 1
			}
			i += size
			continue
		}
		buf = append(buf, s[plain:i]...)
		switch b {
		case '"', '\\':
			buf = append(buf, '\\', b)
		case '\n':
			buf = append(buf, '\\', 'n')
		default:
			buf = append(buf, '\\', 'u', '0', '0', hex[b>>4], hex[b&0xf])
		}
		i++
		plain = i
	}
	return append(append(buf, s[plain:]...), '"')
}
