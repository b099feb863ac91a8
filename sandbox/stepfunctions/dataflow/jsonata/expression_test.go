package jsonata_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonata"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

func environment(t testing.TB) *jsonata.Environment {
	t.Helper()
	env := jsonata.NewEnvironment(jsonata.Sources{
		Now:     func() time.Time { return time.Date(2030, 1, 2, 3, 4, 5, 678900000, time.UTC) },
		Random:  func() float64 { return 0.25 },
		NewUUID: func() string { return "0d9b8f5e-4c1c-4f0e-9f56-0d4ac4f9f0b1" },
	})
	states, err := jsonvalue.Decode([]byte(
		`{"input":{"z":1,"a":{"y":null,"x":[1,2,3]},"id":9007199254740993,"text":"{\"b\":1,\"a\":[]}","none":[]}}`))
	require.NoError(t, err)
	env.Set("states", states)
	env.Set("v", "variable")
	return env
}

func TestEvaluate(t *testing.T) {
	env := environment(t)
	for expression, want := range map[string]string{
		`$states.input`:                        `{"z":1,"a":{"y":null,"x":[1,2,3]},"id":9007199254740993,"text":"{\"b\":1,\"a\":[]}","none":[]}`,
		`$states.input.id`:                     `9007199254740993`,
		`$states.input.a.y`:                    `null`,
		`$states.input.none`:                   `[]`,
		`$v & '!'`:                             `"variable!"`,
		`{'b':1,'a':[$v]}`:                     `{"b":1,"a":["variable"]}`,
		`10`:                                   `10`,
		`1/4`:                                  `0.25`,
		`$sum($states.input.a.x)`:              `6`,
		`$states.input.a.x[$>1]`:               `[2,3]`,
		`$parse($states.input.text)`:           `{"b":1,"a":[]}`,
		`$parse('null')`:                       `null`,
		`$partition([1,null,{'b':1,'a':2}],2)`: `[[1,null],[{"b":1,"a":2}]]`,
		`$partition([0],5)`:                    `[[0]]`,
		`$partition([],5)`:                     `[]`,
		`$range(0,10,3)`:                       `[0,3,6,9]`,
		`$range(3,0,-1)`:                       `[3,2,1,0]`,
		`$range(0,1,0.5)`:                      `[0,0.5,1]`,
		`$range(1,9,9)`:                        `1`,
		`$hash('input data','MD5')`:            `"812f45842bc6d66ee14572ce20db8e86"`,
		`$random()`:                            `0.25`,
		`$random(7) = $random(7)`:              `true`,
		`$random(7) = $random(8)`:              `false`,
		`$uuid()`:                              `"0d9b8f5e-4c1c-4f0e-9f56-0d4ac4f9f0b1"`,
		`$now()`:                               `"2030-01-02T03:04:05.678Z"`,
		`$now('[Y0001]-[M01]')`:                `"2030-01"`,
		`$now('[H01]:[m01]', '+0100')`:         `"04:04"`,
		`$millis()`:                            `1893553445678`,
	} {
		e, err := jsonata.Parse("{% " + expression + " %}")
		require.NoError(t, err, expression)
		v, err := e.Evaluate(env)
		require.NoError(t, err, expression)
		require.Equal(t, want, jsonvalue.Text(v), expression)
	}
}

func TestEvaluateFails(t *testing.T) {
	env := environment(t)
	for expression, want := range map[string]string{
		`$nope`:                                 "returned nothing (undefined)",
		`$states.input.nope`:                    "returned nothing (undefined)",
		`$range(1,0,1)`:                         "returned nothing (undefined)",
		`$parse($nope)`:                         "returned nothing (undefined)",
		`$fn := function($x){$x}`:               "returned an unsupported result type",
		`$sum`:                                  "returned an unsupported result type",
		`[$sum]`:                                "returned an unsupported result type",
		`{'f':function($x){$x}}`:                "returned an unsupported result type",
		`$randomSeeded(1)`:                      "threw an error during evaluation. T1006: Attempted to invoke a non-function",
		`$eval('1+1')`:                          "threw an error during evaluation. T1006: Attempted to invoke a non-function",
		`$abs('x')`:                             `threw an error during evaluation. T0410: Argument 1 of function "abs" does not match function signature`,
		`$sum('a')`:                             `threw an error during evaluation. T0412: Argument 1 of function "sum" must be an array of "numbers"`,
		`$range(1,2,0)`:                         "threw an error during evaluation: the step in $range must not be 0",
		`$range(1,900000000,1)`:                 "threw an error during evaluation: $range would make more than 10000000 elements",
		`$range(1,2)`:                           "threw an error during evaluation: wrong number of arguments: 2",
		`$parse('{')`:                           "threw an error during evaluation: not valid JSON",
		`$hash('x','MD6')`:                      "threw an error during evaluation: the algorithm must be",
		`$partition([1],0)`:                     "threw an error during evaluation: the size in $partition must be",
		`($f := function($n){$f($n)+1}; $f(3))`: "threw an error during evaluation. U1001",
	} {
		e, err := jsonata.Parse("{%" + expression + "%}")
		require.NoError(t, err, expression)
		_, err = e.Evaluate(env)
		require.ErrorContains(t, err, want, expression)
	}
}

func TestParse(t *testing.T) {
	e, err := jsonata.Parse("{%   $v\n%}")
	require.NoError(t, err)
	require.Equal(t, "$v", e.Text)
	for _, text := range []string{"$v", "{% 1 +%}", "{%%}", "{% $x := %}", `{% {"a":} %}`} {
		_, err := jsonata.Parse(text)
		require.Error(t, err, text)
	}
	require.True(t, jsonata.Is("{%%}"))
	require.False(t, jsonata.Is("{%}"))
	require.False(t, jsonata.Is(" {% 1 %}"))
}

func FuzzEvaluate(f *testing.F) {
	for _, seed := range []string{`$states.input.a.x[0]`, `$partition([1..9],2)`, `{'a':$v}`, `$map([1..3],function($v){$v*2})`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := jsonata.Parse("{%" + text + "%}")
		if err != nil {
			return
		}
		if v, err := e.Evaluate(environment(t)); err == nil {
			_ = jsonvalue.Text(v)
		}
	})
}
