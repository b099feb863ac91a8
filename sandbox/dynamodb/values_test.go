package dynamodb

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIsFloat64(t *testing.T) {
	for text, want := range map[string]bool{
		"0": true, "-0.0": true, "1": true, "1.50": true, "1e2": true, "100": true, "+5": true, "-2.5E-3": true,
		"99.99712371826172": true, "9007199254740992": true, "9007199254740993": false, "0.1": true,
		"0.30000000000000004": true, "0.3000000000000000444089209850062616169452667236328125": false,
		"12345678901234567890123456789012345678": false, "1e999": true, "": true, "x": true,
	} {
		require.Equal(t, want, isFloat64(text), text)
	}
}

// FuzzBox: what goes in comes out, whatever JSON it is.
func FuzzBox(f *testing.F) {
	f.Add(`{"Item":{"a":{"L":[]},"b":{"M":{}},"c":{"N":"9007199254740993"},"d":{"B":""},"e":{"M":{"x":{"L":[{"M":{}}]}}}}}`)
	f.Add(`[1,2.5,null,true,{"L":[{"S":"x"}]},{"NS":["1"]}]`)
	f.Fuzz(func(t *testing.T, text string) {
		boxed, err := box([]byte(text))
		if err != nil {
			return
		}
		out, err := unbox(boxed)
		require.NoError(t, err)
		var want, got any
		require.NoError(t, json.Unmarshal([]byte(firstValue(text)), &want))
		require.NoError(t, json.Unmarshal(out, &got))
		require.Equal(t, want, got)
	})
}

// firstValue is what decode reads of a text.
func firstValue(text string) string {
	value, _ := decode([]byte(text))
	out, _ := json.Marshal(value)
	return string(out)
}
