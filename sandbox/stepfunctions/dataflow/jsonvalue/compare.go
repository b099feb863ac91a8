package jsonvalue

import (
	"cmp"
	"encoding/json"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// Equal tells whether two values are the same JSON: numbers by their value, objects without regard to order.
func Equal(a, b Value) bool {
	switch a := a.(type) {
	case json.Number:
		b, ok := b.(json.Number)
		return ok && CompareNumbers(a, b) == 0
	case []Value:
		b, ok := b.([]Value)
		return ok && slices.EqualFunc(a, b, Equal)
	case *Object:
		b, ok := b.(*Object)
		return ok && equalObjects(a, b)
	default:
		return isScalar(b) && a == b
	}
}

func isScalar(v Value) bool {
	switch v.(type) {
	case nil, bool, string:
		return true
	}
	return false
}

func equalObjects(a, b *Object) bool {
	if a.Len() != b.Len() {
		return false
	}
	equal := true
	a.Range(func(key string, v Value) bool {
		w, ok := b.Get(key)
		equal = ok && Equal(v, w)
		return equal
	})
	return equal
}

// CompareNumbers orders two numbers by their value. It is exact for texts of ordinary size; others, such as
// 1e-999999999, are compared as 64-bit floats, lest a short text ask for a gigabyte of digits.
func CompareNumbers(a, b json.Number) int {
	x, okX := exact(a)
	y, okY := exact(b)
	if okX && okY {
		return x.Cmp(y)
	}
	f, _ := a.Float64() // out of range is ±Inf, which orders rightly
	g, _ := b.Float64()
	return cmp.Compare(f, g)
}

// exactDigits and exactExponent bound the numbers that are compared exactly.
const (
	exactDigits   = 64
	exactExponent = 64
)

func exact(n json.Number) (*big.Rat, bool) {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(string(n)), "e")
	power, err := strconv.Atoi(cmp.Or(exponent, "0"))
	if err != nil || len(mantissa) > exactDigits || max(power, -power) > exactExponent {
		return nil, false
	}
	return new(big.Rat).SetString(string(n))
}
