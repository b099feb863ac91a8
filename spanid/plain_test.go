package spanid

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestPlainIsTheGeneralWay makes up payloads; what the short way takes must come out as in the general way.
func TestPlainIsTheGeneralWay(t *testing.T) {
	taken := 0
	rapid.Check(t, func(t *rapid.T) {
		payload, err := json.Marshal(madeUp(3).Draw(t, "payload"))
		require.NoError(t, err)
		taken += requireSame(t, payload)
	})
	require.Positive(t, taken)
}

func requireSame(t require.TestingT, payload []byte) (taken int) {
	short, ok := appendPlain(nil, payload)
	if !ok {
		return 0
	}
	general, err := canonicalAny(payload)
	require.NoError(t, err, "%q was taken", payload)
	require.Equal(t, string(general), string(short), "%q", payload)
	return 1
}

func madeUp(depth int) *rapid.Generator[any] {
	leaf := rapid.OneOf(rapid.StringOfN(rapid.RuneFrom([]rune("ab\"\\é\x7f/\n\x00\b\f\u2028\u2029😀<&")), 0, 4, -1).AsAny(), rapid.Float64().AsAny(),
		rapid.Int().AsAny(), rapid.Bool().AsAny(), rapid.Just[any](nil))
	if depth == 0 {
		return leaf
	}
	inner := rapid.Deferred(func() *rapid.Generator[any] { return madeUp(depth - 1) })
	return rapid.OneOf(leaf, rapid.SliceOfN(inner, 0, 4).AsAny(),
		rapid.MapOfN(rapid.StringMatching("[a-c!]{0,3}"), inner, 0, 12).AsAny())
}

func TestPlainRewritesEscapes(t *testing.T) {
	for payload, want := range map[string]string{
		`"\u0041\/\u000A\u0022"`: `"A/\n\""`,
		`"\ud83d\ude00é\ud83d"`:  `"😀é�"`,
		`"\u2028\u0001\u007f\b"`: `"\u2028\u0001` + "\x7f" + `\b"`,
		`{"é":"\\","e":120}`:     `{"e":12e1,"é":"\\"}`,
	} {
		got, ok := appendPlain(nil, []byte(payload))
		require.True(t, ok, payload)
		require.Equal(t, strings.ReplaceAll(want, `�`, "\uFFFD"), string(got))
		requireSame(t, []byte(payload))
	}
}

func TestPlainLeavesTheRest(t *testing.T) {
	for _, payload := range []string{
		"", "{", "[1,", `{"a":1,"a":2}`, `{"b":0,"a":1,"a":2}`, "01", "1.", "-", "1e", "nul", `"a`, "\"\n\"", "\"\xff\"", `"\x"`,
		`"\u00g0"`, `"\u00`, `"\`, `{"a\"":1}`, `{"\u000a":1}`, "\"\u2028\"", "[1 2]",
		"{} {}", `{"a" 1}`, `{1:2}`, "[,]", `{"a":1,}`, "\x00", "+1", "Infinity",
	} {
		_, ok := appendPlain(nil, []byte(payload))
		require.False(t, ok, payload)
	}
}

func FuzzPlain(f *testing.F) {
	for _, seed := range []string{
		`{"b":[1.50,-0,1E+2],"a":{"":null,"a!":true,"a":false}}`, " [ ] ", `"x"`, "-12.30e-4",
		`"é\u00e9\ud83d\ude00\ud83d\/\u2028\uDC00\ud83dx\b\u0001"`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) { requireSame(t, payload) })
}
