package clickhouseexporter

import (
	"encoding/binary"
	"math"
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// addValue appends the text of a value, the same as pcommon.Value.AsString makes.
func (c *texts) addValue(v pcommon.Value) {
	kind := v.Type()
	if kind == pcommon.ValueTypeStr {
		c.add(v.Str())
		return
	}
	if kind == pcommon.ValueTypeSlice && c.addPlainList(v.Slice()) {
		return
	}
	from := len(*c)
	b := append(*c, 0) // the length, at most 127
	switch kind {
	case pcommon.ValueTypeInt:
		b = strconv.AppendInt(b, v.Int(), 10)
	case pcommon.ValueTypeBool:
		b = strconv.AppendBool(b, v.Bool())
	case pcommon.ValueTypeDouble:
		b = appendDouble(b, v.Double())
	default:
		c.add(v.AsString())
		return
	}
	b[from] = byte(len(b) - from - 1)
	*c = b
}

// addPlainList appends a list of strings that are the same in JSON, which most lists are (of tables, of labels).
func (c *texts) addPlainList(list pcommon.Slice) bool {
	length := len("[]") + max(list.Len()-1, 0)
	for _, v := range list.All() {
		if v.Type() != pcommon.ValueTypeStr || !isPlain(v.Str()) {
			return false
		}
		length += len(v.Str()) + len(`""`)
	}
	b := append(binary.AppendUvarint(*c, uint64(length)), '[')
	for i, v := range list.All() {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), v.Str()...), '"')
	}
	*c = append(b, ']')
	return true
}

// isPlain tells whether JSON writes nothing of it otherwise.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// From here on the exponent is written, as JavaScript does it.
const (
	tiny = 1e-6
	huge = 1e21
)

func appendDouble(b []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(b, "NaN"...)
	case math.IsInf(f, 1):
		return append(b, "Infinity"...)
	case math.IsInf(f, -1):
		return append(b, "-Infinity"...)
	}
	abs := math.Abs(f)
	if abs == 0 || abs >= tiny && abs < huge {
		return strconv.AppendFloat(b, f, 'f', -1, 64)
	}
	b = strconv.AppendFloat(b, f, 'e', -1, 64)
	if n := len(b); b[n-4] == 'e' && b[n-3] == '-' && b[n-2] == '0' { // e-09 is e-9
		b[n-2] = b[n-1]
		b = b[:n-1]
	}
	return b
}
