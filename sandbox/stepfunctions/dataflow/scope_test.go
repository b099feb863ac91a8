package dataflow_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

const (
	input   = `{"a":{"b":[1,2,3],"name":"x-y"},"n":9007199254740993,"z":null,"ts":"2030-01-02T03:04:05Z","neg":-1,"half":1.5}`
	context = `{"Execution":{"Id":"arn:1","Name":"e"},"Map":{"Item":{"Index":1,"Value":2}}}`
)

func scopeOf(t testing.TB) *dataflow.Scope {
	return &dataflow.Scope{
		Input:     decode(t, input),
		Context:   decode(t, context),
		Variables: dataflow.Variables{"v": decode(t, `{"w":[10,20]}`), "flag": true},
		Now:       func() time.Time { return time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC) },
		Random:    func() float64 { return 0.5 },
		NewUUID:   func() string { return "uuid" },
	}
}

// stateOf parses one state with the given members; where it goes are states named T, U and V.
func stateOf(t testing.TB, members string) *asl.State {
	t.Helper()
	definition := `{"StartAt":"S","States":{"S":{` + members + `}`
	for _, target := range []string{"T", "U", "V"} {
		if strings.Contains(members, `"`+target+`"`) {
			definition += `,"` + target + `":{"Type":"Succeed"}`
		}
	}
	machine, err := asl.Parse([]byte(definition + `}}`))
	require.NoError(t, err, members)
	return machine.States["S"]
}

func task(members string) string {
	return `"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","End":true` + members
}

func TestArguments(t *testing.T) {
	const jsonata = `,"QueryLanguage":"JSONata"`
	for members, want := range map[string]string{
		task(``):                                        input,
		task(`,"InputPath":null`):                       `{}`,
		task(`,"InputPath":"$.a.b"`):                    `[1,2,3]`,
		task(`,"InputPath":"$$.Execution"`):             `{"Id":"arn:1","Name":"e"}`,
		task(`,"InputPath":"$v.w[1]"`):                  `20`,
		task(`,"InputPath":"$.a","Parameters":{"c":1}`): `{"c":1}`,
		task(`,"InputPath":"$.a","Parameters":{"f.$":"States.ArrayLength($.b)","p.$":"$.name",` +
			`"c":{"d.$":"$","e":[{"g.$":"$$.Execution.Name"}]}}`): `{"c":{"e":[{"g":"e"}],"d":{"b":[1,2,3],"name":"x-y"}},"p":"x-y","f":3}`,
		task(`,"Parameters":{"n.$":"$.n","v.$":"$v","all.$":"$.a.b[*]","some.$":"$.a.b[?(@ > 1)]"}`): `{"n":9007199254740993,"v":{"w":[10,20]},"all":[1,2,3],"some":[2,3]}`,
		task(`,"Parameters":[1,{"x.$":"$.z"}]`):                                                      `[1,{"x":null}]`,
		task(`,"Parameters":"text"`):                                                                 `"text"`,
		`"Type":"Pass","End":true,"Result":{"a.$":"$.n"}`:                                            `{"a.$":"$.n"}`,
		`"Type":"Pass","End":true,"Result":null`:                                                     `null`,
		`"Type":"Pass","End":true,"Parameters":{"u.$":"States.UUID()"}`:                              `{"u":"uuid"}`,
		task(jsonata): input,
		task(jsonata + `,"Arguments":"{% $states.input.a.b %}"`): `[1,2,3]`,
		task(jsonata + `,"Arguments":{` +
			`"x":["{% $v.w[0] + 1 %}","plain",null],"n":"{% $states.input.n %}",` +
			`"c":"{% $states.context.Execution.Id %}","t":"{% $now() %}"}`): `{"x":[11,"plain",null],"n":9007199254740993,"c":"arn:1","t":"2030-01-01T00:00:00.000Z"}`,
	} {
		v, err := scopeOf(t).Arguments(stateOf(t, members))
		require.NoError(t, err, members)
		require.Equal(t, want, jsonvalue.Text(v), members)
	}
}

func TestComplete(t *testing.T) {
	const result = `{"Payload":{"r":1},"Status":200}`
	raw := strings.TrimSuffix(input, "}")
	for members, want := range map[string]string{
		task(``):                                              result,
		task(`,"ResultPath":null`):                            input,
		task(`,"ResultPath":"$.z"`):                           strings.Replace(input, `"z":null`, `"z":`+result, 1),
		task(`,"ResultPath":"$.new.deep"`):                    raw + `,"new":{"deep":` + result + `}}`,
		task(`,"InputPath":"$.a","ResultPath":"$.r"`):         raw + `,"r":` + result + `}`,
		task(`,"ResultPath":"$.a.b[0]","OutputPath":"$.a.b"`): `[` + result + `,2,3]`,
		task(`,"OutputPath":"$.Payload"`):                     `{"r":1}`,
		task(`,"OutputPath":null`):                            `{}`,
		task(`,"ResultSelector":{"r.$":"$.Payload.r","e.$":"$$.Execution.Name","v.$":"$v.w[0]"}`): `{"r":1,"e":"e","v":10}`,
		task(`,"ResultSelector":{"r.$":"$.Status"},"ResultPath":"$.r","OutputPath":"$.r"`):        `{"r":200}`,
		task(`,"QueryLanguage":"JSONata"`): result,
		task(`,"QueryLanguage":"JSONata","Output":{"r":"{% $states.result.Payload.r + $v.w[0] %}","i":"{% $states.input.n %}"}`): `{"r":11,"i":9007199254740993}`,
		task(`,"QueryLanguage":"JSONata","Output":null`): `null`,
	} {
		outcome, err := scopeOf(t).Complete(stateOf(t, members), decode(t, result))
		require.NoError(t, err, members)
		require.Equal(t, want, jsonvalue.Text(outcome.Output), members)
		require.Nil(t, outcome.Assigned)
	}
}

func TestAssign(t *testing.T) {
	for members, want := range map[string]string{
		task(`,"Assign":{"x.$":"$.Payload","old.$":"$v.w","e.$":"$$.Execution.Id","c":[1]}`):                 `{"x":1,"old":[10,20],"e":"arn:1","c":[1]}`,
		task(`,"ResultSelector":{"y":2},"ResultPath":"$.r","Assign":{"x.$":"$.Payload"}`):                    `{"x":1}`,
		task(`,"QueryLanguage":"JSONata","Assign":{"x":"{% $states.result.Payload %}","v":"{% $v.w[0] %}"}`): `{"x":1,"v":10}`,
	} {
		outcome, err := scopeOf(t).Complete(stateOf(t, members), decode(t, `{"Payload":1}`))
		require.NoError(t, err, members)
		want := decode(t, want).(*jsonvalue.Object)
		require.Len(t, outcome.Assigned, want.Len())
		want.Range(func(name string, v jsonvalue.Value) bool {
			require.True(t, jsonvalue.Equal(v, outcome.Assigned[name]), "%s: %s", members, name)
			return true
		})
	}
}

func TestWaitAndSucceedPassTheirInput(t *testing.T) {
	for _, members := range []string{
		`"Type":"Succeed","InputPath":"$.a","OutputPath":"$.b"`,
		`"Type":"Wait","Seconds":1,"End":true,"InputPath":"$.a","OutputPath":"$.b"`,
		`"Type":"Succeed","QueryLanguage":"JSONata","Output":"{% $states.input.a.b %}"`,
	} {
		scope, state := scopeOf(t), stateOf(t, members)
		arguments, err := scope.Arguments(state)
		require.NoError(t, err)
		outcome, err := scope.Complete(state, arguments)
		require.NoError(t, err)
		require.Equal(t, `[1,2,3]`, jsonvalue.Text(outcome.Output), members)
	}
}

func TestCaught(t *testing.T) {
	name, cause := "E", `{"errorMessage":"m"}`
	const all = `"ErrorEquals":["States.ALL"],"Next":"T"`
	for members, want := range map[string]string{
		task(`,"OutputPath":"$.nowhere","Catch":[{` + all + `}]`):                                                                        `{"Error":"E","Cause":"{\"errorMessage\":\"m\"}"}`,
		task(`,"Catch":[{` + all + `,"ResultPath":null}]`):                                                                               input,
		task(`,"Catch":[{` + all + `,"ResultPath":"$.z"}]`):                                                                              strings.Replace(input, `"z":null`, `"z":{"Error":"E","Cause":"{\"errorMessage\":\"m\"}"}`, 1),
		task(`,"QueryLanguage":"JSONata","Catch":[{` + all + `}]`):                                                                       `{"Error":"E","Cause":"{\"errorMessage\":\"m\"}"}`,
		task(`,"QueryLanguage":"JSONata","Catch":[{` + all + `,"Output":{"m":"{% $parse($states.errorOutput.Cause).errorMessage %}"}}]`): `{"m":"m"}`,
	} {
		outcome, err := scopeOf(t).Caught(stateOf(t, members), 0, dataflow.Failure{Error: &name, Cause: &cause})
		require.NoError(t, err, members)
		require.Equal(t, want, jsonvalue.Text(outcome.Output), members)
	}
	outcome, err := scopeOf(t).Caught(stateOf(t, task(`,"Catch":[{`+all+`,"Assign":{"e.$":"$.Error"}}]`)), 0,
		dataflow.Failure{Error: &name})
	require.NoError(t, err)
	require.Equal(t, `{"Error":"E"}`, jsonvalue.Text(outcome.Output))
	require.Equal(t, dataflow.Variables{"e": "E"}, outcome.Assigned)
}

// failsWith checks the three things that an *Error says.
func failsWith(t *testing.T, err error, name, message, location string) {
	t.Helper()
	var failed *dataflow.Error
	require.ErrorAs(t, err, &failed)
	require.Equal(t, name, failed.Name)
	require.Contains(t, failed.Message, message)
	require.Equal(t, location, failed.Location)
}

func TestFailures(t *testing.T) {
	const jsonata = `,"QueryLanguage":"JSONata"`
	for _, tc := range []struct{ members, name, message, location string }{
		{task(`,"InputPath":"$.a.c.d"`), "States.Runtime", "Invalid path '$.a.c.d' : Missing property in path $['a']['c']", ""},
		{task(`,"OutputPath":"$.nope"`), "States.Runtime", "Invalid path '$.nope' : No results for path: $['nope']", ""},
		{
			task(`,"InputPath":"$.a","Parameters":{"x":{"y.$":"$.no"}}`), "States.Runtime",
			"The JSONPath '$.no' specified for the " +
				`field 'y.$' could not be found in the input '{"b":[1,2,3],"name":"x-y"}'`, "",
		},
		{task(`,"Parameters":{"x.$":"States.Array($.no)"}`), "States.Runtime", "The JSONPath '$.no' specified for the field 'x.$'", ""},
		{task(`,"Parameters":{"x.$":"$nope"}`), "States.Runtime", "The JSONPath '$nope' specified for the field 'x.$'", ""},
		{
			task(`,"Parameters":{"x.$":"States.MathAdd('a', 1)"}`), "States.IntrinsicFailure",
			"The function 'States.MathAdd('a', 1)' " +
				"had the following error: argument 1 must be a number", "",
		},
		{task(`,"ResultSelector":{"x.$":"$.no"}`), "States.Runtime", "could not be found in the input", ""},
		{task(`,"ResultPath":"$.n.x"`), "States.ResultPathMatchFailure", "Unable to apply ReferencePath $.n.x to input {", ""},
		{
			task(jsonata + `,"Arguments":{"x":["{% $no %}"]}`), "States.QueryEvaluationError",
			"The JSONata expression '$no' specified " +
				"for the field 'Arguments/x[0]' returned nothing (undefined).", "Arguments/x[0]",
		},
		{task(jsonata + `,"Output":"{% $states.errorOutput %}"`), "States.QueryEvaluationError", "field 'Output' returned nothing", "Output"},
		{
			task(jsonata + `,"Assign":{"x":"{% $sum %}"}`), "States.QueryEvaluationError",
			"The JSONata expression '$sum' specified " +
				"for the field 'Assign/x' returned an unsupported result type.", "Assign/x",
		},
		{
			task(jsonata + `,"Output":{"a":"{% $nope() %}"}`), "States.QueryEvaluationError",
			"The JSONata expression '$nope()' specified " +
				"for the field 'Output/a' threw an error during evaluation. T1006: Attempted to invoke a non-function", "Output/a",
		},
	} {
		scope, state := scopeOf(t), stateOf(t, tc.members)
		_, err := scope.Arguments(state)
		if err == nil {
			_, err = scope.Complete(state, decode(t, `{"r":1}`))
		}
		failsWith(t, err, tc.name, tc.message, tc.location)
	}
	_, err := scopeOf(t).Caught(stateOf(t, task(jsonata+`,"Catch":[{"ErrorEquals":["A"],"Next":"T"},`+
		`{"ErrorEquals":["B"],"Next":"U","Output":{"a":"{% $no %}"}}]`)), 1, dataflow.Failure{})
	failsWith(t, err, "States.QueryEvaluationError",
		"for the field 'Catch[1]/Output/a' returned nothing", "Catch[1]/Output/a")
}

func TestCause(t *testing.T) {
	err := &dataflow.Error{Name: "States.Runtime", Message: "Why."}
	require.Equal(t,
		"An error occurred while executing the state 'S' (entered at the event id #7). Why.", err.Cause("S", 7))
	require.EqualError(t, err, "States.Runtime: Why.")
}

func TestDataLimit(t *testing.T) {
	text := strings.Repeat("é", dataflow.MaxDataBytes/2-1)
	require.NoError(t, dataflow.CheckSize("S", text), "262144 bytes with the quotes")
	_, err := scopeOf(t).Complete(stateOf(t, task("")), text+"x")
	failsWith(t, err, "States.DataLimitExceeded",
		"The state/task 'S' returned a result with a size exceeding the maximum "+
			"number of bytes service limit.", "")
	var failed *dataflow.Error
	require.True(t, errors.As(err, &failed))
	require.Equal(t, failed.Message, failed.Cause("S", 2))
}

func TestItems(t *testing.T) {
	mapState := func(members string) *asl.State {
		return stateOf(t, `"Type":"Map","End":true,"ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Succeed"}}}`+members)
	}
	for members, want := range map[string]string{
		`,"ItemsPath":"$.a.b"`:                 `[1,2,3]`,
		`,"InputPath":"$.a","ItemsPath":"$.b"`: `[1,2,3]`,
		`,"ItemsPath":"$v.w"`:                  `[10,20]`,
		`,"QueryLanguage":"JSONata","Items":"{% $states.input.a.b[$ > 1] %}"`: `[2,3]`,
		`,"QueryLanguage":"JSONata","Items":[1,"{% $v.w[0] %}"]`:              `[1,10]`,
	} {
		items, err := scopeOf(t).Items(mapState(members))
		require.NoError(t, err, members)
		require.Equal(t, want, jsonvalue.Text(items), members)
	}
	_, err := scopeOf(t).Items(mapState(`,"ItemsPath":"$.n"`))
	failsWith(t, err, "States.Runtime", `Reference path "$.n" must point to array.`, "")
	_, err = scopeOf(t).Items(mapState(`,"QueryLanguage":"JSONata","Items":"{% 1 %}"`))
	failsWith(t, err, "States.QueryEvaluationError",
		"The JSONata expression '1' specified for the field 'Items' returned an "+
			"unexpected result type. Expected 'array', but was 'number' for value: 1", "Items")

	for members, want := range map[string]string{
		``: `2`,
		`,"InputPath":"$.a","ItemSelector":{"item.$":"$$.Map.Item.Value","name.$":"$.name"}`:                                      `{"item":2,"name":"x-y"}`,
		`,"Parameters":{"i.$":"$$.Map.Item.Index"}`:                                                                               `{"i":1}`,
		`,"QueryLanguage":"JSONata","ItemSelector":{"item":"{% $states.context.Map.Item.Value %}","n":"{% $states.input.neg %}"}`: `{"item":2,"n":-1}`,
	} {
		v, err := scopeOf(t).ItemInput(mapState(members), decode(t, `2`))
		require.NoError(t, err, members)
		require.Equal(t, want, jsonvalue.Text(v), members)
	}
}

func TestWaitUntil(t *testing.T) {
	entered := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	wait := func(members string) *asl.State { return stateOf(t, `"Type":"Wait","End":true,`+members) }
	for members, want := range map[string]time.Time{
		`"Seconds":10`:                                                           entered.Add(10 * time.Second),
		`"SecondsPath":"$.a.b[1]"`:                                               entered.Add(2 * time.Second),
		`"Timestamp":"2030-01-02T04:04:05+01:00"`:                                entered,
		`"TimestampPath":"$.ts"`:                                                 entered,
		`"QueryLanguage":"JSONata","Seconds":"{% $v.w[0] %}"`:                    entered.Add(10 * time.Second),
		`"QueryLanguage":"JSONata","Seconds":3`:                                  entered.Add(3 * time.Second),
		`"QueryLanguage":"JSONata","Timestamp":"{% $states.input.ts %}"`:         entered,
		`"QueryLanguage":"JSONata","Timestamp":"2030-01-02T03:04:05.000000001Z"`: entered.Add(1),
	} {
		until, err := scopeOf(t).WaitUntil(wait(members), entered)
		require.NoError(t, err, members)
		require.True(t, want.Equal(until), "%s: %s", members, until)
	}
	for _, tc := range []struct{ members, name, message, location string }{
		{`"SecondsPath":"$.no"`, "States.Runtime", "The SecondsPath parameter does not reference an input value: $.no", ""},
		{
			`"SecondsPath":"$.half"`,
			"States.Runtime", "The SecondsPath parameter cannot be parsed as a long value: $.half == 1.5", "",
		},
		{`"SecondsPath":"$.neg"`, "States.Runtime", "The SecondsPath parameter references a negative value: $.neg == -1", ""},
		{`"SecondsPath":"$.n"`, "States.Runtime", "The SecondsPath parameter references a value over 99999999", ""},
		{
			`"TimestampPath":"$.a.name"`, "States.Runtime",
			"The TimestampPath parameter does not reference a valid ISO-8601 extended " +
				"offset date-time format string: $.a.name == x-y", "",
		},
		{
			`"QueryLanguage":"JSONata","Timestamp":"{% '2016-12-05 21:29:29Z' %}"`, "States.QueryEvaluationError",
			"The Timestamp field " +
				"cannot be parsed as an ISO-8601 extended offset date-time format string: 2016-12-05 21:29:29Z", "Timestamp",
		},
		{
			`"QueryLanguage":"JSONata","Seconds":"{% 'x' %}"`,
			"States.QueryEvaluationError", "Expected 'integer', but was 'string' for value: \"x\"", "Seconds",
		},
		{`"QueryLanguage":"JSONata","Seconds":"{% -1 %}"`, "States.QueryEvaluationError", "must not be negative", "Seconds"},
	} {
		_, err := scopeOf(t).WaitUntil(wait(tc.members), entered)
		failsWith(t, err, tc.name, tc.message, tc.location)
	}
}

func TestTimestampsThatStepFunctionsRefuses(t *testing.T) {
	for _, text := range []string{
		"05-12-2016T21:29:29Z", "2016-12-05 21:29:29Z", "2016-12-05T21:29:29", "2016-13-05T21:29:29Z", "2016-12-05T25:29:29Z",
		"2016-12-05t21:29:29z", "",
	} {
		_, err := asl.ParseTimestamp(text)
		require.Error(t, err, text)
	}
}

func TestFailFields(t *testing.T) {
	fail := func(members string) *asl.State { return stateOf(t, `"Type":"Fail"`+members) }
	for members, want := range map[string][2]string{
		``:                         {"<nil>", "<nil>"},
		`,"Error":"E","Cause":"c"`: {"E", "c"},
		`,"ErrorPath":"$.a.name","CausePath":"States.Format('no {}', $.neg)"`:             {"x-y", "no -1"},
		`,"ErrorPath":"$$.Execution.Name"`:                                                {"e", "<nil>"},
		`,"QueryLanguage":"JSONata","Error":"{% $states.input.a.name %}","Cause":"plain"`: {"x-y", "plain"},
	} {
		name, cause, err := scopeOf(t).Failure(fail(members))
		require.NoError(t, err, members)
		require.Equal(t, want, [2]string{show(name), show(cause)}, members)
	}
	_, _, err := scopeOf(t).Failure(fail(`,"ErrorPath":"$.n"`))
	failsWith(t, err, "States.Runtime", "not a string", "")
	_, _, err = scopeOf(t).Failure(fail(`,"QueryLanguage":"JSONata","Cause":"{% 1 %}"`))
	failsWith(t, err, "States.QueryEvaluationError", "Expected 'string', but was 'number'", "Cause")
}

func show(s *string) string {
	if s == nil {
		return "<nil>"
	}
	return *s
}

func TestNumbers(t *testing.T) {
	state := stateOf(t, task(""))
	query := stateOf(t, task(`,"QueryLanguage":"JSONata"`))
	scope := scopeOf(t)
	for _, tc := range []struct {
		state *asl.State
		field asl.Int
		want  int64
	}{
		{state, asl.Int{Field: "TimeoutSeconds", Value: 7}, 7},
		{state, asl.Int{Field: "TimeoutSecondsPath", Path: "$.a.b[2]"}, 3},
		{query, asl.Int{Field: "TimeoutSeconds", Query: "{% $v.w[1] %}"}, 20},
	} {
		n, err := scope.Int(tc.state, &tc.field)
		require.NoError(t, err)
		require.Equal(t, tc.want, n)
	}
	_, err := scope.Int(state, &asl.Int{Field: "MaxItemsPath", Path: "$.half"})
	failsWith(t, err, "States.Runtime",
		`The MaxItemsPath field refers to value "1.5" which is not a valid integer: $.half`, "")
	_, err = scope.Int(query, &asl.Int{Field: "TimeoutSeconds", Query: "{% 1.5 %}"})
	failsWith(t, err, "States.QueryEvaluationError",
		"Expected 'integer', but was 'number' for value: 1.5", "TimeoutSeconds")

	f, err := scope.Float(state, &asl.Float{Field: "ToleratedFailurePercentagePath", Path: "$.half"})
	require.NoError(t, err)
	require.InDelta(t, 1.5, f, 0)
	f, err = scope.Float(query, &asl.Float{Field: "ToleratedFailurePercentage", Query: "{% 5 %}"})
	require.NoError(t, err)
	require.InDelta(t, 5, f, 0)
	_, err = scope.Float(state, &asl.Float{Field: "ToleratedFailurePercentagePath", Path: "$.a"})
	failsWith(t, err, "States.Runtime", "is not a valid number", "")

	v, err := scope.Payload(state, "Credentials", &asl.Payload{Value: decode(t, `{"RoleArn.$":"$.a.name"}`)})
	require.NoError(t, err)
	require.Equal(t, `{"RoleArn":"x-y"}`, jsonvalue.Text(v))
}
