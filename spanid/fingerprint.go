package spanid

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Fingerprint is the hex SHA-256 of a JSON payload in canonical form: no white space, object keys sorted by bytes
// (the last of equal keys counts), strings with the shortest escapes, and numbers by exact value, so that 1.0, 1 and
// 10e-1 agree while 9007199254740993 stays itself. It is the evidence by which an invocation is matched with the
// attempt that caused it, whose payload Step Functions may have re-serialised on the way.
func Fingerprint(payload []byte) (string, error) {
	buf := buffers.Get().(*[]byte)
	canonical, ok := appendPlain((*buf)[:0], payload)
	if cap(canonical) <= maxKeptBuffer {
		defer buffers.Put(buf)
		*buf = canonical
	}
	if !ok {
		var err error
		if canonical, err = canonicalAny(payload); err != nil {
			return "", err
		}
	}
	sum := sha256.Sum256(canonical)
	var text [2 * sha256.Size]byte
	hex.Encode(text[:], sum[:])
	return string(text[:]), nil
}

// buffers hold canonical forms until they are hashed. Objects are sorted in them, so that a hash cannot be fed on the
// way.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// maxKeptBuffer is the largest buffer that is used again; payloads are rarely larger.
const maxKeptBuffer = 64 << 10

func canonicalAny(payload []byte) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(payload))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("fingerprint payload: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("fingerprint payload: more than one JSON value")
	}
	return appendCanonical(make([]byte, 0, len(payload)), v), nil
}

func appendCanonical(buf []byte, v any) []byte {
	switch v := v.(type) {
	case map[string]any:
		buf = append(buf, '{')
		for i, k := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				buf = append(buf, ',')
			}
			buf = append(appendString(buf, k), ':')
			buf = appendCanonical(buf, v[k])
		}
		return append(buf, '}')
	case []any:
		buf = append(buf, '[')
		for i, e := range v {
			if i > 0 {
				buf = append(buf, ',')
			}
			buf = appendCanonical(buf, e)
		}
		return append(buf, ']')
	case string:
		return appendString(buf, v)
	case json.Number:
		return append(buf, canonicalNumber(string(v))...)
	case bool:
		return strconv.AppendBool(buf, v)
	default:
		return append(buf, "null"...)
	}
}

func appendString(buf []byte, s string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string into memory cannot fail
	return append(buf, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}

// canonicalNumber writes a JSON number as SIGN DIGITS e EXPONENT with no leading or trailing zero digit; the value is
// DIGITS × 10^EXPONENT. An exponent beyond int64 leaves the text as it is.
func canonicalNumber(s string) string {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	exp := int64(0)
	if exponent != "" {
		e, err := strconv.ParseInt(exponent, 10, 32)
		if err != nil {
			return s
		}
		exp = e
	}
	sign := ""
	if rest, ok := strings.CutPrefix(mantissa, "-"); ok {
		sign, mantissa = "-", rest
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	exp -= int64(len(fraction))
	digits := strings.TrimLeft(whole+fraction, "0")
	trimmed := strings.TrimRight(digits, "0")
	exp += int64(len(digits) - len(trimmed))
	if trimmed == "" {
		return "0"
	}
	return sign + trimmed + "e" + strconv.FormatInt(exp, 10)
}
