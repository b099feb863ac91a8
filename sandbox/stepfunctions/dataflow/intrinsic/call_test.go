package intrinsic_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/intrinsic"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonpath"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

const input = `{"name":"Ann","n":3,"half":2.5,"big":9007199254740993,"list":[1,2,3,4,5],"mixed":[1,"a",1,null,"a",{"x":1}],` +
	`"object":{"k":1,"l":[true,null,"s"]},"json":"{\"b\":1,\"a\":[]}","split":"1.2,3..4","template":"<{}>","nothing":null}`

func environment(t testing.TB) intrinsic.Environment {
	t.Helper()
	document, err := jsonvalue.Decode([]byte(input))
	require.NoError(t, err)
	return intrinsic.Environment{
		Resolve: func(path *jsonpath.Path) (jsonvalue.Value, error) { return path.Value(document) },
		Random:  func() float64 { return 0.5 },
		NewUUID: func() string { return "uuid" },
	}
}

const (
	merge  = `States.JsonMerge($.object, States.StringToJson('{"k":{"z":1},"m":2}'), false)`
	nested = ` States.ArrayGetItem( States.StringSplit('a-b' , '-') , States.MathAdd(1,0) ) `
)

func TestEvaluate(t *testing.T) {
	env := environment(t)
	for text, want := range map[string]string{
		`States.Format('Hello')`:                              `"Hello"`,
		`States.Format('Hello {}', $.name)`:                   `"Hello Ann"`,
		`States.Format('{} {} {} {}', 1.50, true, null, 'x')`: `"1.50 true null x"`,
		`States.Format('{}|{}', $.object, $.mixed)`:           `"{k=1, l=[true, null, s]}|[1, a, 1, null, a, {x=1}]"`,
		`States.Format('\{\} it\'s \\ {}', $.big)`:            `"{} it's \\ 9007199254740993"`,
		`States.Format($.template, $.n)`:                      `"<3>"`,
		`States.Format('a, (b) $.c {}', 'd')`:                 `"a, (b) $.c d"`,
		`States.StringToJson($.json)`:                         `{"b":1,"a":[]}`,
		`States.StringToJson('{"a": "\"q\""}')`:               `{"a":"\"q\""}`,
		`States.JsonToString($.object)`:                       `"{\"k\":1,\"l\":[true,null,\"s\"]}"`,
		`States.JsonToString($.name)`:                         `"\"Ann\""`,
		`States.Array()`:                                      `[]`,
		`States.Array('a', $.n, States.Array(1))`:             `["a",3,[1]]`,
		`States.ArrayPartition($.list, 2)`:                    `[[1,2],[3,4],[5]]`,
		`States.ArrayPartition($.list, 9)`:                    `[[1,2,3,4,5]]`,
		`States.ArrayPartition(States.Array(), 2)`:            `[]`,
		`States.ArrayContains($.list, 3)`:                     `true`,
		`States.ArrayContains($.list, 3.0)`:                   `true`,
		`States.ArrayContains($.list, '3')`:                   `false`,
		`States.ArrayContains($.mixed, null)`:                 `true`,
		`States.ArrayRange(1, 9, 2)`:                          `[1,3,5,7,9]`,
		`States.ArrayRange(3, 1, -1)`:                         `[3,2,1]`,
		`States.ArrayRange(3, 1, 1)`:                          `[]`,
		`States.ArrayGetItem($.list, 4)`:                      `5`,
		`States.ArrayLength($.mixed)`:                         `6`,
		`States.ArrayUnique($.mixed)`:                         `[1,"a",null,{"x":1}]`,
		`States.Base64Encode('Data to encode')`:               `"RGF0YSB0byBlbmNvZGU="`,
		`States.Base64Decode('RGF0YSB0byBlbmNvZGU=')`:         `"Data to encode"`,
		`States.Hash('input data', 'MD5')`:                    `"812f45842bc6d66ee14572ce20db8e86"`,
		`States.Hash('input data', 'SHA-1')`:                  `"aaff4a450a104cd177d28d18d74485e8cae074b7"`,
		merge:                                                 `{"k":{"z":1},"l":[true,null,"s"],"m":2}`,
		`States.MathRandom(1, 11)`:                            `6`,
		`States.MathAdd($.n, -1)`:                             `2`,
		`States.MathAdd($.half, 0)`:                           `3`,
		`States.MathAdd(-2.5, 0)`:                             `-2`,
		`States.StringSplit($.split, '.,')`:                   `["1","2","3","4"]`,
		`States.StringSplit('abc', '')`:                       `["abc"]`,
		`States.UUID()`:                                       `"uuid"`,
		nested:                                                `"b"`,
		`States.ArrayLength($.list[?(@ > 2)])`:                `3`,
		`States.Format('{}', $['name'])`:                      `"Ann"`,
	} {
		call, err := intrinsic.Parse(text)
		require.NoError(t, err, text)
		v, err := call.Evaluate(env)
		require.NoError(t, err, text)
		require.Equal(t, want, jsonvalue.Text(v), text)
	}
}

func TestMathRandomWithSeedRepeats(t *testing.T) {
	env := environment(t)
	seeded := func(seed string) string {
		call, err := intrinsic.Parse("States.MathRandom(0, 1000000, " + seed + ")")
		require.NoError(t, err)
		v, err := call.Evaluate(env)
		require.NoError(t, err)
		return jsonvalue.Text(v)
	}
	require.Equal(t, seeded("7"), seeded("7"))
	require.NotEqual(t, seeded("7"), seeded("8"))
}

func TestEvaluateFails(t *testing.T) {
	env := environment(t)
	for text, want := range map[string]string{
		`States.Format('{} {}', 1)`:                  "fewer arguments",
		`States.Format('{}', 1, 2)`:                  "more arguments",
		`States.Format('{', 1)`:                      "without its counterpart",
		`States.Format($.n)`:                         "argument 1 must be a string",
		`States.StringToJson('{')`:                   "not valid JSON",
		`States.StringToJson($.n)`:                   "argument 1 must be a string",
		`States.ArrayPartition($.list, 0)`:           "must be a positive integer",
		`States.ArrayPartition($.name, 1)`:           "argument 1 must be an array",
		`States.ArrayContains($.name, 1)`:            "argument 1 must be an array",
		`States.ArrayRange(0, 1000, 1)`:              "more than 1000 elements",
		`States.ArrayRange(0, 1, 0)`:                 "must not be 0",
		`States.ArrayGetItem($.list, 5)`:             "index 5 is out of bounds",
		`States.ArrayGetItem($.list, -1)`:            "index -1 is out of bounds",
		`States.ArrayLength($.n)`:                    "argument 1 must be an array",
		`States.ArrayUnique(null)`:                   "argument 1 must be an array",
		`States.Base64Decode('!')`:                   "not valid base64",
		`States.Hash('x', 'MD6')`:                    "the algorithm must be",
		`States.JsonMerge($.object, $.list, false)`:  "must be objects",
		`States.JsonMerge($.object, $.object, true)`: "only shallow merging",
		`States.MathAdd(2147483647, 1)`:              "the sum is not within",
		`States.MathAdd(1e300, 1)`:                   "argument 1 must be within",
		`States.MathAdd('1', 1)`:                     "argument 1 must be a number",
		`States.MathRandom(3, 3)`:                    "the start must be less",
		`States.StringSplit($.list, ',')`:            "argument 1 must be a string",
	} {
		call, err := intrinsic.Parse(text)
		require.NoError(t, err, text)
		_, err = call.Evaluate(env)
		var failed *intrinsic.Error
		require.ErrorAs(t, err, &failed, text)
		require.ErrorContains(t, err, want, text)
		require.ErrorContains(t, err, "The function '"+text+"' had the following error: ")
	}
}

func TestPathErrorsPassThrough(t *testing.T) {
	broken := errors.New("broken")
	call, err := intrinsic.Parse("States.Array($.a, States.Array($v.b))")
	require.NoError(t, err)
	_, err = call.Evaluate(intrinsic.Environment{
		Resolve: func(*jsonpath.Path) (jsonvalue.Value, error) { return nil, broken },
	})
	require.ErrorIs(t, err, broken)
	require.Len(t, call.Paths(), 2)
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`States.Array`:                    "'(' is missing",
		`States.Array(`:                   "it ends too early",
		`States.Array(1`:                  `unexpected "1"`,
		`States.Array(1,)`:                `unexpected ")"`,
		`States.Array(1 2)`:               `unexpected "2)"`,
		`States.Array('a)`:                "not closed",
		`States.Array("a")`:               "unexpected",
		`States.Array(tru)`:               "unexpected",
		`States.Array({})`:                "unexpected",
		`States.Array($.a`:                "it ends too early",
		`States.Array($.a[)`:              "JSONPath",
		`States.Array() x`:                `unexpected "x"`,
		`States.Array()[0]`:               `unexpected "[0]"`,
		`States.Nope()`:                   `there is no function "States.Nope"`,
		`States.UUID(1)`:                  "wrong number of arguments",
		`States.Hash('a')`:                "wrong number of arguments",
		`States.Array(` + calls(11) + `)`: "nested functions",
	} {
		_, err := intrinsic.Parse(text)
		require.ErrorContains(t, err, want, text)
	}
	_, err := intrinsic.Parse(calls(10))
	require.NoError(t, err)
}

func calls(depth int) string {
	if depth == 0 {
		return "1"
	}
	return "States.Array(" + calls(depth-1) + ")"
}

func TestLiteralsSurvive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-z'{}\\ ,()]*`).Draw(t, "text")
		escaped := ""
		for _, r := range text {
			if r == '\'' || r == '{' || r == '}' || r == '\\' {
				escaped += `\`
			}
			escaped += string(r)
		}
		for _, call := range []string{"States.Format('" + escaped + "')", "States.ArrayGetItem(States.Array('" + escaped + "'), 0)"} {
			parsed, err := intrinsic.Parse(call)
			require.NoError(t, err)
			v, err := parsed.Evaluate(intrinsic.Environment{})
			require.NoError(t, err)
			require.Equal(t, text, v)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`States.Format('a \' {}', $.name)`, `States.Array($.a[?(@.b == 'x,)')], 1e5, null)`, `States.MathAdd(-1.5, 2)`,
		`States.ArrayGetItem(States.StringSplit($$.Execution.Id, ':'), 6)`,
	} {
		f.Add(seed)
	}
	env := environment(f)
	f.Fuzz(func(_ *testing.T, text string) {
		call, err := intrinsic.Parse(text)
		if err != nil {
			return
		}
		if v, err := call.Evaluate(env); err == nil {
			_ = jsonvalue.Text(v)
		}
	})
}
