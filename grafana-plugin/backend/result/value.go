package result

import (
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

func (c *column) convert(v any) any {
	switch c.kind {
	case moment:
		return momentOf(v.(time.Time))
	case boolean:
		return reflect.ValueOf(v).Bool()
	case number:
		if d, isDecimal := v.(decimal.Decimal); isDecimal {
			return d.InexactFloat64()
		}
		return reflect.ValueOf(v).Float()
	case whole:
		return wholeOf(v)
	case tree:
		return treeOf(reflect.ValueOf(v))
	case text:
	}
	if s, isStringer := v.(fmt.Stringer); isStringer {
		return s.String()
	}
	return strings.ToValidUTF8(reflect.ValueOf(v).String(), "\uFFFD")
}

// momentOf is NULL for a time that nanoseconds since 1970 do not reach: there it would be another one. The driver counts
// them as well, so that such a DateTime64 arrives as one before 1900, where ClickHouse's times begin.
func momentOf(t time.Time) any {
	if t.Year() < 1900 || !time.Unix(0, t.UnixNano()).Equal(t) {
		return nil
	}
	return t.UTC()
}

func wholeOf(v any) *big.Int {
	switch v := v.(type) {
	case *big.Int:
		return v
	case big.Int:
		return &v
	}
	r := reflect.ValueOf(v)
	if r.CanInt() {
		return big.NewInt(r.Int())
	}
	return new(big.Int).SetUint64(r.Uint())
}
