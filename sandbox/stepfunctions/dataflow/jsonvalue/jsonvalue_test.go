package jsonvalue_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

func decode(t require.TestingT, text string) jsonvalue.Value {
	v, err := jsonvalue.Decode([]byte(text))
	require.NoError(t, err, text)
	return v
}

func TestEncodeWritesWhatDecodeRead(t *testing.T) {
	for text, want := range map[string]string{
		`{"z":1,"a":{"y":[],"b":{}},"":null}`:        `{"z":1,"a":{"y":[],"b":{}},"":null}`,
		` [ 9007199254740993 , 1.50, -0 , 1E+2 ] `:   `[9007199254740993,1.50,-0,1E+2]`,
		`"<a href=\"x\">\u0026\/\u2028é🆗\u0001\n\\"`: "\"<a href=\\\"x\\\">&/\u2028é🆗\\u0001\\n\\\\\"",
		`"\b\f\r\t\u001f\u007f"`:                     "\"\\b\\f\\r\\t\\u001F\x7f\"",
		`{"a":1,"b":2,"a":3}`:                        `{"a":3,"b":2}`,
		`true`:                                       `true`,
		`null`:                                       `null`,
	} {
		require.Equal(t, want, jsonvalue.Text(decode(t, text)))
	}
}

func TestDecodeRefuses(t *testing.T) {
	deep := strings.Repeat("[", 2000) + strings.Repeat("]", 2000)
	for _, text := range []string{``, ` `, `{`, `[1,]`, `{"a"}`, `{"a":1,}`, `1 2`, `nul`, `'a'`, `01`, deep} {
		_, err := jsonvalue.Decode([]byte(text))
		require.ErrorContains(t, err, "not valid JSON", text)
	}
}

func TestObject(t *testing.T) {
	o := decode(t, `{"b":1,"a":2}`).(*jsonvalue.Object)
	changed := o.With("b", "new").With("c", nil)
	require.Equal(t, `{"b":"new","a":2,"c":null}`, jsonvalue.Text(changed))
	require.Equal(t, `{"b":1,"a":2}`, jsonvalue.Text(o), "the original is unchanged")
	require.Equal(t, []string{"b", "a"}, o.Keys())
	require.Equal(t, 2, o.Len())
	_, ok := o.Get("c")
	require.False(t, ok)
	text, err := json.Marshal(map[string]any{"o": o})
	require.NoError(t, err)
	require.JSONEq(t, `{"o":{"b":1,"a":2}}`, string(text))

	var none *jsonvalue.Object
	require.Empty(t, none.Keys())
	require.Zero(t, none.Len())
}

func TestEqual(t *testing.T) {
	for _, same := range [][2]string{
		{
			`{"a":1,"b":[2]}`,
			`{"b":[2.0],"a":1}`,
		}, {`1`, `1.0`}, {`100`, `1e2`}, {`0`, `-0`}, {`null`, `null`}, {
			`"a"`, `"\u0061"`,
		},
	} {
		require.True(t, jsonvalue.Equal(decode(t, same[0]), decode(t, same[1])), same)
	}
	for _, different := range [][2]string{
		{`9007199254740993`, `9007199254740992`},
		{`1`, `"1"`},
		{`null`, `false`},
		{`[1]`, `[1,1]`},
		{`{"a":1}`, `{"b":1}`},
		{`{"a":1}`, `{"a":1,"b":2}`},
		{`[]`, `{}`},
		{`"a"`, `["a"]`},
		{`1e-999999999`, `1`},
	} {
		require.False(t, jsonvalue.Equal(decode(t, different[0]), decode(t, different[1])), different)
		require.False(t, jsonvalue.Equal(decode(t, different[1]), decode(t, different[0])), different)
	}
}

func TestCompareNumbers(t *testing.T) {
	for _, tc := range []struct {
		a, b json.Number
		want int
	}{
		{"1", "2", -1},
		{"2", "10", -1},
		{"-2", "-10", 1},
		{"0.1", "1e-1", 0},
		{"1e999999999", "1", 1},
		{"-1e999999999", "1", -1},
		{"9007199254740993", "9007199254740992", 1},
		{"1e400", "1e-400", 1},
	} {
		require.Equal(t, tc.want, jsonvalue.CompareNumbers(tc.a, tc.b), "%s %s", tc.a, tc.b)
	}
}

// values are any JSON values.
func values() *rapid.Generator[jsonvalue.Value] {
	return rapid.Custom(func(t *rapid.T) jsonvalue.Value { return draw(t, 3) })
}

func draw(t *rapid.T, depth int) jsonvalue.Value {
	kinds := 6
	if depth == 0 {
		kinds = 4
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return nil
	case 1:
		return rapid.Bool().Draw(t, "bool")
	case 2:
		return json.Number(strconv.FormatInt(rapid.Int64().Draw(t, "number"), 10))
	case 3:
		return rapid.String().Draw(t, "string")
	case 4:
		array := []jsonvalue.Value{}
		for range rapid.IntRange(0, 3).Draw(t, "length") {
			array = append(array, draw(t, depth-1))
		}
		return array
	}
	object := jsonvalue.NewObject()
	for range rapid.IntRange(0, 3).Draw(t, "members") {
		object.Set(rapid.String().Draw(t, "key"), draw(t, depth-1))
	}
	return object
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := values().Draw(t, "value")
		text := jsonvalue.Text(v)
		again := decode(t, text)
		require.True(t, jsonvalue.Equal(v, again))
		require.Equal(t, text, jsonvalue.Text(again))
		require.True(t, json.Valid([]byte(text)))
	})
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5e3,null,true,"\u00e9"]}`, `[[[]]]`, `"\ud800"`, `1e999`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := jsonvalue.Decode(text)
		if err != nil {
			return
		}
		require.True(t, json.Valid(text), "what Decode takes is JSON")
		again := decode(t, jsonvalue.Text(v))
		require.True(t, jsonvalue.Equal(v, again))
	})
}
