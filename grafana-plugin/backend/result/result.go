// Package result makes data frames of what a statement returns.
package result

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/store"
)

// ErrForm is returned for a result that has not the form that was asked for.
var ErrForm = errors.New("the result has another form")

// maxBytes bounds what is kept of a result, about.
const maxBytes = 64 << 20

// Rows takes in a result.
type Rows struct {
	most      int
	columns   []*column
	pointers  []any
	rows      int
	bytes     int
	truncated bool
}

// New takes at most so many rows.
func New(most int) *Rows { return &Rows{most: most} }

// Begin takes the columns.
func (r *Rows) Begin(types []driver.ColumnType) error {
	for _, t := range types {
		c := newColumn(t)
		r.columns = append(r.columns, c)
		r.pointers = append(r.pointers, reflect.New(c.scanType).Interface())
	}
	return nil
}

// Scan takes a row. It returns store.ErrEnough when there are more than wanted.
func (r *Rows) Scan(rows driver.Rows) error {
	if r.rows == r.most || r.bytes > maxBytes {
		r.truncated = true
		return store.ErrEnough
	}
	for n, c := range r.columns { // a NULL does not overwrite what a pointer pointed to
		r.pointers[n] = reflect.New(c.scanType).Interface()
	}
	if err := rows.Scan(r.pointers...); err != nil {
		return fmt.Errorf("read a row: %w", err)
	}
	for n, c := range r.columns {
		r.bytes += c.add(reflect.ValueOf(r.pointers[n]))
	}
	r.rows++
	return nil
}

// Table is the result as it is.
func (r *Rows) Table() *data.Frame {
	frame := data.NewFrame("sql")
	for _, c := range r.columns {
		frame.Fields = append(frame.Fields, c.field())
	}
	return r.noted(frame)
}

// noted says when not all rows are there.
func (r *Rows) noted(frame *data.Frame) *data.Frame {
	if frame.Meta == nil {
		frame.Meta = &data.FrameMeta{}
	}
	if r.truncated {
		frame.AppendNotices(data.Notice{
			Severity: data.NoticeSeverityWarning,
			Text:     fmt.Sprintf("Only the first %d rows of the result are here: ask for less, or set the limit higher", r.rows),
		})
	}
	return frame
}
