package result

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/chcol"
)

// treeOf is the JSON of a value that holds others.
func treeOf(v reflect.Value) json.RawMessage {
	raw, err := json.Marshal(plain(v))
	if err != nil { // of what the driver reads, everything has one
		raw, _ = json.Marshal(fmt.Sprint(v)) // a text has
	}
	return raw
}

// plain is a value as JSON has it: bytes are numbers, what is not finite is null, and whole numbers that a browser
// would change are text.
func plain(v reflect.Value) any {
	if !v.IsValid() {
		return nil
	}
	switch held := v.Interface().(type) {
	case chcol.JSON:
		return plain(reflect.ValueOf(held.NestedMap()))
	case chcol.Variant: // Dynamic, too
		return plain(reflect.ValueOf(held.Any()))
	}
	switch v.Kind() { //nolint:exhaustive // kinds that are JSON as they are follow
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		if n, isBig := v.Interface().(*big.Int); isBig {
			return exactly(n)
		}
		return plain(v.Elem())
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return nil
		}
	case reflect.Int64:
		return exactly(big.NewInt(v.Int()))
	case reflect.Uint64:
		return exactly(new(big.Int).SetUint64(v.Uint()))
	case reflect.String:
		return strings.ToValidUTF8(v.String(), "\uFFFD")
	}
	if hasText(v) {
		return v.Interface()
	}
	switch v.Kind() { //nolint:exhaustive // the others are JSON as they are
	case reflect.Slice, reflect.Array:
		list := make([]any, v.Len())
		for n := range list {
			list[n] = plain(v.Index(n))
		}
		return list
	case reflect.Map:
		members := make(map[string]any, v.Len())
		for each := v.MapRange(); each.Next(); {
			members[fmt.Sprint(each.Key().Interface())] = plain(each.Value())
		}
		return members
	}
	return v.Interface()
}

// hasText tells whether a value knows its own JSON, as times, addresses and ids do.
func hasText(v reflect.Value) bool {
	switch v.Interface().(type) {
	case json.Marshaler, encoding.TextMarshaler:
		return true
	}
	return false
}

func exactly(n *big.Int) any {
	if n.CmpAbs(big.NewInt(exact)) > 0 {
		return n.String()
	}
	return n.Int64()
}
