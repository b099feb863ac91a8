package result

import (
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"
)

var noon = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

// rowsOf are scanned rows of columns, as Scan leaves them.
func rowsOf(columns ...*column) *Rows {
	return &Rows{columns: columns, rows: len(columns[0].values)}
}

func times(minutes ...int) *column {
	c := &column{name: "t", kind: moment}
	for _, m := range minutes {
		c.values = append(c.values, noon.Add(time.Duration(m)*time.Minute))
	}
	return c
}

func numbers(values ...any) *column {
	return &column{name: "n", kind: number, values: values}
}

func texts(name string, values ...any) *column {
	return &column{name: name, kind: text, values: values}
}

// cells are a field's labels and values.
func cells(f *data.Field) []any {
	var all []any
	for row := range f.Len() {
		value, known := f.ConcreteAt(row)
		if !known {
			value = nil
		}
		all = append(all, value)
	}
	return all
}

// Rows come in any order; a series has a gap where it has no row, and where its value is NULL.
func TestSeriesWithGaps(t *testing.T) {
	f, err := rowsOf(times(2, 0, 2, 1), texts("l", "a", "a", "b", "a"), numbers(3.0, 1.0, 9.0, nil)).TimeSeries()
	require.NoError(t, err)
	require.Equal(t, data.FrameTypeTimeSeriesWide, f.Meta.Type)
	require.Equal(t, data.FrameTypeVersion{0, 1}, f.Meta.TypeVersion)
	require.Len(t, f.Fields, 3)
	require.Equal(t, []any{noon, noon.Add(time.Minute), noon.Add(2 * time.Minute)}, cells(f.Fields[0]))
	require.Equal(t, data.Labels{"l": "a"}, f.Fields[1].Labels)
	require.Equal(t, []any{1.0, nil, 3.0}, cells(f.Fields[1]))
	require.Equal(t, data.Labels{"l": "b"}, f.Fields[2].Labels)
	require.Equal(t, []any{nil, nil, 9.0}, cells(f.Fields[2]))
}

// Everything that is neither time nor number is a label; whole numbers are floats, however large.
func TestValuesAndLabelsOfSeries(t *testing.T) {
	whole := &column{name: "n", kind: whole, values: []any{new(big.Int).Lsh(big.NewInt(1), 70)}}
	yes := &column{name: "b", kind: boolean, values: []any{true}}
	list := &column{name: "j", kind: tree, values: []any{treeOfTest(t, []int{1})}}
	ends := &column{name: "end", kind: moment, values: []any{noon}}
	f, err := rowsOf(times(0), whole, yes, list, ends, texts("none", nil)).TimeSeries()
	require.NoError(t, err)
	require.Len(t, f.Fields, 2, "a second time is neither")
	require.Equal(t, data.Labels{"b": "true", "j": "[1]", "none": ""}, f.Fields[1].Labels)
	require.Equal(t, []any{math.Pow(2, 70)}, cells(f.Fields[1]))
}

// An alert's numbers: NULL is no label rather than a label without a text, and a row without a number is no instance.
func TestNumbersForAlerts(t *testing.T) {
	f, err := rowsOf(texts("l", "a", nil, "c", "d"), numbers(1.0, 0.0, nil, math.NaN())).Numeric()
	require.NoError(t, err)
	require.Equal(t, data.FrameTypeNumericLong, f.Meta.Type)
	require.Equal(t, []any{"a", ""}, cells(f.Fields[0]))
	require.Equal(t, []any{1.0, 0.0}, cells(f.Fields[1]))

	for name, none := range map[string]*Rows{
		"no rows": rowsOf(texts("l"), numbers()), "no number": rowsOf(numbers(nil)), "NaN": rowsOf(numbers(math.NaN())),
	} {
		f, err := none.Numeric()
		require.NoError(t, err)
		require.Empty(t, f.Fields, name)
	}
}

func TestFormsThatAResultHasNot(t *testing.T) {
	for want, r := range map[string]*Rows{
		"wants a column of times":           rowsOf(numbers(1.0)),
		"time_series wants a column of num": rowsOf(times(0), texts("l", "a")),
		`column "t" is NULL`:                rowsOf(&column{name: "t", kind: moment, values: []any{nil}}, numbers(1.0)),
	} {
		_, err := r.TimeSeries()
		require.ErrorIs(t, err, ErrForm)
		require.ErrorContains(t, err, want)
	}
	_, err := rowsOf(times(0)).Numeric()
	require.ErrorIs(t, err, ErrForm)
	var minutes []int
	var labels, values []any
	for n := range 1500 { // each a series of its own at a time of its own
		minutes, labels, values = append(minutes, n), append(labels, strings.Repeat("x", n)), append(values, 1.0)
	}
	_, err = rowsOf(times(minutes...), texts("l", labels...), numbers(values...)).TimeSeries()
	require.ErrorIs(t, err, ErrForm, "2,250,000 cells, nearly all empty")
}
