package clickhouseexporter

import (
	"encoding/hex"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// column is one column of a table whose rows come from values of type R.
type column[R any] struct {
	name string
	data proto.ColInput
	add  func(R) // appends the row
}

// table is a batch of rows, as columns.
type table struct {
	name    string
	columns []proto.InputColumn
}

func (t table) rows() int { return t.columns[0].Data.Rows() }

func newTable[R any](name string, columns []column[R], rows func(yield func(R) bool)) table {
	for r := range rows {
		for _, c := range columns {
			c.add(r)
		}
	}
	t := table{name: name}
	for _, c := range columns {
		t.columns = append(t.columns, proto.InputColumn{Name: c.name, Data: c.data})
	}
	return t
}

// text is a String column.
func text[R any](name string, get func(R) string) column[R] {
	data := new(proto.ColStr)
	return column[R]{name, data, func(r R) { data.Append(get(r)) }}
}

// term is a LowCardinality(String) column, for texts that repeat.
func term[R any](name string, get func(R) string) column[R] {
	data := newTerms()
	return column[R]{name, data, func(r R) { data.Append(get(r)) }}
}

func newTerms() *proto.ColLowCardinality[string] {
	return proto.NewLowCardinality[string](new(proto.ColStr))
}

// instant is a DateTime64(9) column.
func instant[R any](name string, get func(R) pcommon.Timestamp) column[R] {
	data := new(proto.ColDateTime64).WithPrecision(proto.PrecisionNano)
	return column[R]{name, data, func(r R) { data.AppendRaw(nanos(get(r))) }}
}

// lastMoment is the begin of the year 2100. ClickHouse's DateTime, in which sort keys and retention count, ends in 2106
// and would start again at 1970.
const lastMoment = pcommon.Timestamp(4_102_444_800 * int64(time.Second))

// nanos is a timestamp as ClickHouse counts it, at most lastMoment.
func nanos(t pcommon.Timestamp) proto.DateTime64 { return proto.DateTime64(min(t, lastMoment)) }

// number is a UInt64 column.
func number[R any](name string, get func(R) uint64) column[R] {
	data := new(proto.ColUInt64)
	return column[R]{name, data, func(r R) { data.Append(get(r)) }}
}

// octet is a UInt8 column.
func octet[R any](name string, get func(R) uint8) column[R] {
	data := new(proto.ColUInt8)
	return column[R]{name, data, func(r R) { data.Append(get(r)) }}
}

// dictionary is a Map(LowCardinality(String), String) column. Values that are not strings become text, arrays and maps
// JSON.
func dictionary[R any](name string, get func(R) pcommon.Map) column[R] {
	data := newDictionary()
	return column[R]{name, data, func(r R) { addMap(data, get(r)) }}
}

func newDictionary() *proto.ColMap[string, string] {
	return proto.NewMap[string, string](newTerms(), new(proto.ColStr))
}

func addMap(data *proto.ColMap[string, string], m pcommon.Map) {
	for k, v := range m.All() {
		data.Keys.Append(k)
		data.Values.Append(v.AsString())
	}
	data.Offsets.Append(uint64(data.Values.Rows()))
}

// list makes an Array column of the elements that each row has; add appends a row's n-th.
func list[R, T any](name string, elements proto.ColumnOf[T], length func(R) int, add func(r R, n int)) column[R] {
	data := proto.NewArray(elements)
	return column[R]{name, data, func(r R) {
		for n := range length(r) {
			add(r, n)
		}
		data.Offsets.Append(uint64(elements.Rows()))
	}}
}

// hexTraceID is empty for the id that is all zero, which means none.
func hexTraceID(id pcommon.TraceID) string {
	if id.IsEmpty() {
		return ""
	}
	return hex.EncodeToString(id[:])
}

func hexSpanID(id pcommon.SpanID) string {
	if id.IsEmpty() {
		return ""
	}
	return hex.EncodeToString(id[:])
}

func serviceName(resource pcommon.Resource) string {
	if v, ok := resource.Attributes().Get(semconv.ServiceName); ok {
		return v.AsString()
	}
	return ""
}
