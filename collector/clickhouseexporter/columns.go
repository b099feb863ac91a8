package clickhouseexporter

import (
	"encoding/binary"
	"encoding/hex"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// words is a column of 64-bit numbers, as ClickHouse's Native format has them.
type words []byte

const (
	wordBytes = 8
	dateTime  = "DateTime64(9)"
)

func (c *words) add(v uint64) { *c = binary.LittleEndian.AppendUint64(*c, v) }

func (c *words) addTime(t pcommon.Timestamp) { c.add(nanos(t)) }

// lastMoment is the begin of the year 2100. ClickHouse's DateTime, in which sort keys and retention count, ends in 2106
// and would start again at 1970.
const lastMoment = pcommon.Timestamp(4_102_444_800 * int64(time.Second))

// nanos is a timestamp as ClickHouse counts it, at most lastMoment.
func nanos(t pcommon.Timestamp) uint64 { return uint64(min(t, lastMoment)) }

// texts is a String column: each value behind its length.
type texts []byte

func (c *texts) add(s string) { *c = appendText(*c, s) }

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// addID appends an id in hexadecimal; the one that is all zero means none and is empty.
func (c *texts) addID(id []byte) {
	for _, b := range id {
		if b != 0 {
			*c = hex.AppendEncode(append(*c, byte(2*len(id))), id)
			return
		}
	}
	*c = append(*c, 0)
}

// addTimes appends a value that many rows have.
func (c *texts) addTimes(s string, rows int) error {
	if err := fits(len(*c), len(s), rows); err != nil {
		return err
	}
	from := len(*c)
	c.add(s)
	*c = repeat(*c, from, rows)
	return nil
}

// repeat makes what lies behind from stand there that often.
func repeat[T any](values []T, from, times int) []T {
	one := len(values) - from
	values = slices.Grow(values, one*(times-1))
	for range times - 1 {
		values = append(values, values[from:from+one]...)
	}
	return values
}

// resetAll empties columns for the next batch and keeps their memory.
func resetAll[C ~[]T, T any](columns ...*C) {
	for _, c := range columns {
		*c = (*c)[:0]
	}
}
