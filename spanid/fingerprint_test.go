package spanid_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/steptrace/steptrace/spanid"
)

func TestFingerprintGolden(t *testing.T) {
	// printf '{"a":1e0,"b":["x",null,true]}' | sha256sum
	got, err := spanid.Fingerprint([]byte("{ \"b\" : [\"x\", null, true],\n \"a\": 1.0 }"))
	require.NoError(t, err)
	require.Equal(t, "a5f9044091ff3840aa01a384bcc1b803cd704c78a34d8dd8b10ed36f71fa44f1", got)
}

func TestFingerprintEquivalence(t *testing.T) {
	cases := []struct {
		name, a, b string
		same       bool
	}{
		{"white space and key order", `{"a":1,"b":2}`, "{ \"b\": 2,\t\"a\":1 }", true},
		{"escapes", `"\u0041\/\n"`, "\"A/\\u000a\"", true},
		{"html characters", `"<a&b>"`, `"\u003ca\u0026b\u003e"`, true},
		{"number notation", `[1, 10, 0.5, -0, 1e2]`, `[1.0, 1e1, 5E-1, 0, 100.00]`, true},
		{"beyond float64", `9007199254740993`, `9007199254740992`, false},
		{"duplicate keys, last wins", `{"a":1,"a":2}`, `{"a":2}`, true},
		{"array order", `[1,2]`, `[2,1]`, false},
		{"string and number", `"1"`, `1`, false},
		{"empty containers", `{}`, `[]`, false},
		{"sign", `-5`, `5`, false},
		{"huge exponent", `1e99999999999999`, `1e99999999999998`, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a, err := spanid.Fingerprint([]byte(c.a))
			require.NoError(t, err)
			b, err := spanid.Fingerprint([]byte(c.b))
			require.NoError(t, err)
			require.Equal(t, c.same, a == b)
		})
	}
}

func TestFingerprintRefusesWhatIsNotOneJSONValue(t *testing.T) {
	for _, in := range []string{"", "{", `{"a":1} {"b":2}`, "nul", `{"a":1}x`} {
		_, err := spanid.Fingerprint([]byte(in))
		require.Error(t, err, in)
	}
}

func TestFingerprintSurvivesReserialisation(t *testing.T) {
	leaf := rapid.OneOf(rapid.String().AsAny(), rapid.Int64().AsAny(), rapid.Bool().AsAny())
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.MapOf(rapid.String(), rapid.SliceOfN(leaf, 0, 4)).Draw(t, "payload")
		compact, err := json.Marshal(v)
		require.NoError(t, err)
		pretty, err := json.MarshalIndent(v, "  ", "\t")
		require.NoError(t, err)
		a, err := spanid.Fingerprint(compact)
		require.NoError(t, err)
		b, err := spanid.Fingerprint(pretty)
		require.NoError(t, err)
		require.Equal(t, a, b)
	})
}

func FuzzFingerprint(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.50,"x"]}`, `"\ud800"`, `-0.0e-0`, `[[[]]]`, `1e+5`, "\x00"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := spanid.Fingerprint(in)
		if (err == nil) != json.Valid(in) {
			t.Fatalf("error %v for input with json.Valid=%v", err, json.Valid(in))
		}
		if err == nil && len(got) != 64 {
			t.Fatalf("fingerprint %q is not 64 hex digits", got)
		}
	})
}
