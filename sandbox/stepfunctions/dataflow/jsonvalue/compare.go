package jsonvalue

import (
	"encoding/json"
	"math/big"
	"slices"
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

// exactDigits is how much text a number may have to be compared exactly; an exponent such as 1e999999999 would
// otherwise ask for a gigabyte.
const exactDigits = 64

// CompareNumbers orders two numbers by their value, exactly where their text is of ordinary size.
func CompareNumbers(a, b json.Number) int {
	if a == b {
		return 0
	}
	x, okX := exact(a)
	y, okY := exact(b)
	if okX && okY {
		return x.Cmp(y)
	}
	f, _ := a.Float64() // out of range is ±Inf, which orders rightly
	g, _ := b.Float64()
	switch {
	case f < g:
		return -1
	case f > g:
		return 1
	}
	return 0
}

func exact(n json.Number) (*big.Rat, bool) {
	if f, err := n.Float64(); err != nil || len(n) > exactDigits || (f != 0 && (abs(f) > 1e60 || abs(f) < 1e-60)) {
		return nil, false
	}
	if isTinyZero(n) {
		return new(big.Rat), true
	}
	return new(big.Rat).SetString(string(n))
}

// isTinyZero tells numbers that float64 reads as 0, such as 0e999999999 and 1e-999999999.
func isTinyZero(n json.Number) bool {
	f, _ := n.Float64()
	return f == 0
}

func abs(f float64) float64 {
	if f < 0 {
		return -f
	}
	return f
}
