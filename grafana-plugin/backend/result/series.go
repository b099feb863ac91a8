package result

import (
	"fmt"
	"slices"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// maxCells bounds a wide frame, in which each set of labels has a value or a gap at each time.
const maxCells = 2_000_000

// TimeSeries is a series for each number column and set of labels: the first time column is their time, text columns
// are labels. Without rows it has no fields, which alert rules take for no data.
func (r *Rows) TimeSeries() (*data.Frame, error) {
	at := slices.IndexFunc(r.columns, func(c *column) bool { return c.kind == moment })
	if at < 0 {
		return nil, fmt.Errorf("%w: time_series wants a column of times: select one, such as $__timeInterval(Timestamp) "+
			"AS time, or take the format table", ErrForm)
	}
	if err := r.wantsNumber("time_series"); err != nil {
		return nil, err
	}
	if r.rows == 0 {
		return r.noted(data.NewFrame("sql")), nil
	}
	if slices.Contains(r.columns[at].values, nil) {
		return nil, fmt.Errorf("%w: the time in column %q is NULL in a row", ErrForm, r.columns[at].name)
	}
	long := data.NewFrame("sql")
	order := r.byTime(r.columns[at])
	hasLabels := false
	for n, c := range r.columns {
		if c.kind == moment && n != at {
			continue // a second time is neither value nor label
		}
		hasLabels = hasLabels || !c.isNumber() && n != at
		long.Fields = append(long.Fields, inOrder(c.series(), order))
	}
	if !hasLabels {
		long.Meta = &data.FrameMeta{Type: data.FrameTypeTimeSeriesWide, TypeVersion: data.FrameTypeVersion{0, 1}}
		return r.noted(long), nil
	}
	wide, err := data.LongToWideWithLimit(long, nil, maxCells)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForm, err)
	}
	return r.noted(wide), nil
}

func (c *column) isNumber() bool { return c.kind == number || c.kind == whole }

func (r *Rows) wantsNumber(format string) error {
	if slices.ContainsFunc(r.columns, (*column).isNumber) {
		return nil
	}
	return fmt.Errorf("%w: %s wants a column of numbers", ErrForm, format)
}

// byTime are the rows' numbers in the order of time, which wide frames need.
func (r *Rows) byTime(c *column) []int {
	order := make([]int, r.rows)
	for n := range order {
		order[n] = n
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return c.values[a].(time.Time).Compare(c.values[b].(time.Time))
	})
	return order
}

func inOrder(f *data.Field, order []int) *data.Field {
	sorted := data.NewFieldFromFieldType(f.Type(), len(order))
	sorted.Name = f.Name
	for to, from := range order {
		sorted.Set(to, f.At(from))
	}
	return sorted
}

// Numeric is a value for each row: text columns are labels, columns of times are left out. Rows without any number
// are too, and without rows it has no fields, which alert rules take for no data.
func (r *Rows) Numeric() (*data.Frame, error) {
	if err := r.wantsNumber("numeric"); err != nil {
		return nil, err
	}
	kept := make([]int, 0, r.rows)
	for n := range r.rows {
		if slices.ContainsFunc(r.columns, func(c *column) bool { return c.isNumber() && !isMissing(c.values[n]) }) {
			kept = append(kept, n)
		}
	}
	if len(kept) == 0 {
		return r.noted(data.NewFrame("sql")), nil
	}
	frame := data.NewFrame("sql")
	for _, c := range r.columns {
		if c.kind != moment {
			frame.Fields = append(frame.Fields, inOrder(c.series(), kept))
		}
	}
	frame.Meta = &data.FrameMeta{Type: data.FrameTypeNumericLong, TypeVersion: data.FrameTypeVersion{0, 1}}
	return r.noted(frame), nil
}
