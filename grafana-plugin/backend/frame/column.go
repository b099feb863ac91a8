// Package frame makes data frames of what the store answers. docs/grafana-data.md describes them.
package frame

import (
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
)

// Units, as Grafana names them.
const (
	milliseconds = "ms"
	seconds      = "s"
	share        = "percentunit" // 0 to 1
	bytes        = "bytes"
)

// table is a frame with a row for each thing, named after the query type.
func table(of query.Type, fields ...*data.Field) *data.Frame {
	f := data.NewFrame(string(of), fields...)
	f.Meta = &data.FrameMeta{Type: data.FrameTypeTable, PreferredVisualization: data.VisTypeTable}
	return f
}

// column is a field with a value of each row.
func column[Row, Value any](name string, rows []Row, of func(Row) Value) *data.Field {
	values := make([]Value, len(rows))
	for n, row := range rows {
		values[n] = of(row)
	}
	return data.NewField(name, nil, values)
}

// measured is a column in a unit.
func measured[Row, Value any](name, unit string, rows []Row, of func(Row) Value) *data.Field {
	return column(name, rows, of).SetConfig(&data.FieldConfig{Unit: unit})
}

// timeOrNull is null for the zero time.
func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// ratio is 0 for nothing of nothing.
func ratio(part, whole uint64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
