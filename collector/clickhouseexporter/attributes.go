package clickhouseexporter

import (
	"fmt"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// attributes is a Map(LowCardinality(String), String) column. Values that are not strings become text, arrays and maps
// JSON.
type attributes struct {
	ends   words // of each row, where its entries end
	keys   terms
	values texts
}

func (c *attributes) add(m pcommon.Map) {
	c.keys.begin()
	for k, v := range m.All() {
		c.keys.add(k)
		c.values.addValue(v)
	}
	c.ends.add(uint64(len(c.keys.rows)))
}

// addTimes appends the attributes that many rows share, which are encoded once.
func (c *attributes) addTimes(m pcommon.Map, rows int) error {
	keys, values := len(c.keys.rows), len(c.values)
	c.add(m)
	entries := len(c.keys.rows) - keys
	if err := fits(values+keys*indexBytes, len(c.values)-values+entries*indexBytes, rows); err != nil {
		return err
	}
	c.keys.rows = repeat(c.keys.rows, keys, rows)
	c.values = repeat(c.values, values, rows)
	for row := 2; row <= rows; row++ {
		c.ends.add(uint64(keys + row*entries))
	}
	return nil
}

func (c *attributes) reset() {
	c.keys.reset()
	c.ends, c.values = c.ends[:0], c.values[:0]
}

const (
	indexBytes = 4 // of a term's index in memory
	// largestShared bounds a column of what rows have of their resource or scope, of which each gets a copy.
	largestShared = 256 << 20
)

type tooLarge struct{ bytes, rows int }

func (e tooLarge) Error() string {
	return fmt.Sprintf("resources or scopes, of which the last has %d bytes for each of %d rows, are more than %d MiB",
		e.bytes, e.rows, largestShared>>20)
}

// fits refuses copies that would not fit into memory: a resource of a megabyte with a hundred thousand spans comes in a
// small message and leaves in a hundred gigabytes. Half of the rows may fit; one does always.
func fits(before, bytes, rows int) error {
	if total := before + bytes*rows; total > largestShared && total > bytes {
		return tooLarge{bytes, rows}
	}
	return nil
}

func serviceName(resource pcommon.Resource) string {
	if v, ok := resource.Attributes().Get(semconv.ServiceName); ok {
		return v.AsString()
	}
	return ""
}
