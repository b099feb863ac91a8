package result

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/shopspring/decimal"
)

// kind is what a column becomes in a frame.
type kind int

const (
	text    kind = iota
	moment       // Date, DateTime, DateTime64
	whole        // integers
	number       // floats, decimals
	boolean      // Bool
	tree         // Array, Map, Tuple, Variant, JSON, …: as JSON
)

// column collects the values of one column; nil is NULL.
type column struct {
	name     string
	kind     kind
	scanType reflect.Type
	values   []any // string, time.Time, float64, bool, json.RawMessage by kind; of whole *big.Int, int64 or uint64
}

var (
	timeType    = reflect.TypeFor[time.Time]()
	decimalType = reflect.TypeFor[decimal.Decimal]()
	bigType     = reflect.TypeFor[big.Int]()
)

func newColumn(t driver.ColumnType) *column {
	return &column{name: t.Name(), kind: kindOf(t), scanType: t.ScanType()}
}

// kindOf goes by the Go type that the driver reads a column into; types that it has none for are JSON.
func kindOf(t driver.ColumnType) kind {
	goType := t.ScanType()
	for goType.Kind() == reflect.Pointer {
		goType = goType.Elem()
	}
	switch {
	case goType == timeType:
		return moment
	case goType == decimalType:
		return number
	case goType == bigType:
		return whole
	case isStringer(goType):
		return text // UUID, IPv4, IPv6
	}
	switch goType.Kind() { //nolint:exhaustive // the others are trees
	case reflect.String:
		return text
	case reflect.Bool:
		return boolean
	case reflect.Float32, reflect.Float64:
		return number
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return whole
	}
	return tree
}

var stringerType = reflect.TypeFor[fmt.Stringer]()

// isStringer tells whether values are what their String says: addresses and ids, which are lists of bytes. Durations,
// for which the driver has a text of its own, are numbers to it.
func isStringer(t reflect.Type) bool {
	bytes := (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) && t.Elem().Kind() == reflect.Uint8
	return bytes && t.Implements(stringerType)
}

// add takes a scanned value, which pointer points to, and returns about how many bytes it takes.
func (c *column) add(pointer reflect.Value) int {
	v := pointer.Elem()
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			c.values = append(c.values, nil)
			return 1
		}
		if v.Type().Elem() == bigType {
			break
		}
		v = v.Elem()
	}
	value := c.convert(v.Interface())
	c.values = append(c.values, value)
	switch value := value.(type) {
	case string:
		return len(value)
	case json.RawMessage:
		return len(value)
	}
	return 8
}

// exact is up to where a browser, to which all numbers are floats, tells whole numbers apart.
const exact = 1 << 53

// beyond tells whether some whole number would be another one in a browser.
func (c *column) beyond() bool {
	limit := big.NewInt(exact)
	for _, v := range c.values {
		if n, isWhole := v.(*big.Int); isWhole && n.CmpAbs(limit) > 0 {
			return true
		}
	}
	return false
}

// field is the column as it is shown in a table: whole numbers that a browser would change are text.
func (c *column) field() *data.Field {
	switch c.kind {
	case moment:
		return fieldOf(c, func(v any) time.Time { return v.(time.Time) })
	case boolean:
		return fieldOf(c, func(v any) bool { return v.(bool) })
	case number:
		return fieldOf(c, func(v any) float64 { return v.(float64) })
	case tree:
		return c.trees()
	case whole:
		if c.beyond() {
			return fieldOf(c, func(v any) string { return v.(*big.Int).String() })
		}
		return fieldOf(c, func(v any) int64 { return v.(*big.Int).Int64() })
	case text:
	}
	return fieldOf(c, func(v any) string { return v.(string) })
}

// series is the column as series and alert rules take it: numbers are floats, and what is neither time nor number is a
// label.
func (c *column) series() *data.Field {
	switch c.kind {
	case moment:
		return fieldOf(c, func(v any) time.Time { return v.(time.Time) })
	case number:
		return fieldOf(c, func(v any) float64 { return v.(float64) })
	case whole:
		return fieldOf(c, func(v any) float64 {
			f, _ := new(big.Float).SetInt(v.(*big.Int)).Float64()
			return f
		})
	case boolean:
		return fieldOf(c, func(v any) string { return fmt.Sprint(v) })
	case text, tree:
	}
	return fieldOf(c, textOf)
}

// trees are JSON, in which NULL is null.
func (c *column) trees() *data.Field {
	values := make([]json.RawMessage, len(c.values))
	for n, v := range c.values {
		values[n] = json.RawMessage("null")
		if v != nil {
			values[n] = v.(json.RawMessage)
		}
	}
	return data.NewField(c.name, nil, values)
}

func textOf(v any) string {
	if raw, isTree := v.(json.RawMessage); isTree {
		return string(raw)
	}
	return v.(string)
}

func fieldOf[T any](c *column, as func(any) T) *data.Field {
	values := make([]*T, len(c.values))
	for n, v := range c.values {
		if v != nil {
			value := as(v)
			values[n] = &value
		}
	}
	return data.NewField(c.name, nil, values)
}

// isMissing tells numbers that are none.
func isMissing(v any) bool {
	f, isFloat := v.(float64)
	return v == nil || isFloat && math.IsNaN(f)
}
