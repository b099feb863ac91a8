package clickhouseexporter

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"pgregory.net/rapid"
)

// texts drawn are what people write and what they do not: empty, long, zero bytes, cut UTF-8.
func drawText(t *rapid.T) string {
	return rapid.OneOf(
		rapid.String(),
		rapid.SampledFrom([]string{
			"", "a", "\x00", "\xff\xfe", "\xe2\x82", "<&>\u2028", strings.Repeat("x", 127), strings.Repeat("y", 128),
			strings.Repeat("z", 70_000),
		}),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 20), func(b []byte) string { return string(b) }),
	).Draw(t, "text")
}

func drawDouble(t *rapid.T) float64 {
	return rapid.OneOf(
		rapid.Float64(),
		rapid.Map(rapid.Uint64(), math.Float64frombits),
		rapid.SampledFrom([]float64{
			0, math.Copysign(0, -1), 1e-6, 9.999e-7, 1e-7, 1e-10, 1e20, 1e21, -1e21, 1e100, 1.5, math.MaxFloat64,
			math.SmallestNonzeroFloat64, math.NaN(), math.Inf(1), math.Inf(-1),
		}),
	).Draw(t, "double")
}

func drawValue(t *rapid.T, v pcommon.Value, depth int) {
	kinds := 6
	if depth > 0 {
		kinds = 8
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0: // empty
	case 1:
		v.SetStr(drawText(t))
	case 2:
		v.SetInt(rapid.Int64().Draw(t, "int"))
	case 3:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case 4:
		v.SetDouble(drawDouble(t))
	case 5:
		v.SetEmptyBytes().FromRaw(rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "bytes"))
	case 6:
		drawMap(t, v.SetEmptyMap(), depth-1)
	case 7:
		for s := v.SetEmptySlice(); s.Len() < rapid.IntRange(0, 3).Draw(t, "length"); {
			drawValue(t, s.AppendEmpty(), depth-1)
		}
	}
}

func drawMap(t *rapid.T, m pcommon.Map, depth int) {
	for range rapid.IntRange(0, 4).Draw(t, "entries") {
		drawValue(t, m.PutEmpty(drawText(t)), depth)
	}
}

// What is stored of a value is what the Collector itself calls its text.
func TestValuesAreStoredAsTheirText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := pcommon.NewValueEmpty()
		drawValue(t, v, 2)
		var column texts
		column.addValue(v)
		require.Equal(t, v.AsString(), one(t, column))
	})
}

func TestListsAreStoredAsTheirText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := pcommon.NewValueSlice()
		for range rapid.IntRange(0, 4).Draw(t, "length") {
			v.Slice().AppendEmpty().SetStr(rapid.StringMatching(`[ -~]{0,60}|[\x00-\xff]{0,3}`).Draw(t, "text"))
		}
		var column texts
		column.addValue(v)
		require.Equal(t, v.AsString(), one(t, column))
	})
}

// one is the text of a column of one row.
func one(t require.TestingT, column texts) string {
	length, n := binary.Uvarint(column)
	require.Positive(t, n)
	require.EqualValues(t, length, len(column)-n)
	return string(column[n:])
}

func TestIDsAreHexadecimal(t *testing.T) {
	var column texts
	column.addID([]byte{0, 0xab, 0, 1})
	require.Equal(t, "00ab0001", one(t, column))
	column = nil
	column.addID(make([]byte, 8))
	require.Empty(t, one(t, column))
}

func TestWhatManyRowsShareIsRepeated(t *testing.T) {
	require.Equal(t, []int{9, 1, 2, 1, 2, 1, 2}, repeat([]int{9, 1, 2}, 1, 3))
	require.Equal(t, []int{9, 1}, repeat([]int{9, 1}, 1, 1))
	var column texts
	require.NoError(t, column.addTimes("ab", 3))
	require.Equal(t, bytes.Repeat([]byte("\x02ab"), 3), []byte(column))
}
