package result

import (
	"encoding/json"
	"math"
	"math/big"
	"net/netip"
	"reflect"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/chcol"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

func treeOfTest(t *testing.T, v any) json.RawMessage {
	t.Helper()
	return treeOf(reflect.ValueOf(v))
}

// What the driver reads arrays, maps, tuples and the rest into, and its JSON.
func TestTrees(t *testing.T) {
	large := new(big.Int).Lsh(big.NewInt(1), 100)
	name := "a"
	object := chcol.NewJSON()
	object.SetValueAtPath("a.b", chcol.NewDynamic(math.Inf(1)))
	object.SetValueAtPath("a.c", chcol.NewDynamic(uint64(math.MaxUint64)))
	for want, v := range map[string]any{
		`[1,2]`:              []uint8{1, 2}, // Array(UInt8), not bytes in base64
		`[null,"a"]`:         []*string{nil, &name},
		`[9007199254740992]`: []int64{1 << 53},
		`["9007199254740993","-9223372036854775808"]`: []int64{1<<53 + 1, math.MinInt64},
		`["18446744073709551615"]`:                    []uint64{math.MaxUint64},
		`["` + large.String() + `",7]`:                []*big.Int{large, big.NewInt(7)},
		`[null,null,null,1.5]`:                        []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1.5},
		`{"a":[1],"b":null}`:                          map[string]any{"a": []int8{1}, "b": nil},
		`{"7":true}`:                                  map[uint16]bool{7: true},
		`["�A<>&"]`:                                   []string{"\xffA<>&"},
		`["12.34"]`:                                   []decimal.Decimal{decimal.RequireFromString("12.340")},
		`["fe80::1"]`:                                 []netip.Addr{netip.MustParseAddr("fe80::1")},
		`["61f0c404-5cb3-11e7-907b-a6006ad3dba0"]`:    []uuid.UUID{uuid.MustParse("61f0c404-5cb3-11e7-907b-a6006ad3dba0")},
		`["2026-07-01T12:00:00Z"]`:                    []any{noon},
		`{"a":{"b":null,"c":"18446744073709551615"}}`: *object,
		`null`:   chcol.NewVariant(nil),
		`[[[]]]`: [][][]string{{{}}},
	} {
		require.JSONEq(t, want, string(treeOfTest(t, v)), "%T", v)
	}
	require.Equal(t, "null", string(treeOf(reflect.ValueOf(nil))))
}
