package asl_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

func parse(t *testing.T, definition string) *asl.StateMachine {
	t.Helper()
	machine, err := asl.Parse([]byte(definition))
	require.NoError(t, err)
	return machine
}

// state parses a machine of one state that has the given members beside End.
func state(t *testing.T, members string) *asl.State {
	t.Helper()
	return parse(t, `{"StartAt":"A","States":{"A":{"End":true,`+members+`}}}`).States["A"]
}

func TestParseTask(t *testing.T) {
	s := state(t, `"Type":"Task","Comment":"c","Resource":"arn:aws:states:::lambda:invoke",
		"InputPath":null,"OutputPath":"$.Payload","ResultPath":"$.a.b",
		"Parameters":{"id":9007199254740993,"z.$":"$$.Execution.Id","a.$":"States.Format('{}', $.x)"},
		"ResultSelector":{"r.$":"$.Payload"},"Credentials":{"RoleArn.$":"$.role"},
		"TimeoutSecondsPath":"$.timeout","HeartbeatSeconds":5,"Assign":{"v.$":"$.Payload.v"},
		"Retry":[{"ErrorEquals":["Lambda.TooManyRequestsException","States.Timeout"],"IntervalSeconds":2,"MaxAttempts":0,
			"BackoffRate":1.5,"MaxDelaySeconds":60,"JitterStrategy":"FULL"},{"ErrorEquals":["States.ALL"]}],
		"Catch":[{"ErrorEquals":["E"],"Next":"A","ResultPath":null,"Assign":{"e.$":"$.Error"}}]`)
	require.Equal(t, asl.TaskType, s.Type)
	require.Equal(t, asl.JSONPath, s.QueryLanguage)
	require.Equal(t, "c", s.Comment)
	require.True(t, s.End)
	require.Equal(t, asl.Path{Null: true}, s.InputPath)
	require.Equal(t, asl.Path{Expression: "$.Payload"}, s.OutputPath)
	require.Equal(t, asl.Path{Expression: "$.a.b"}, s.ResultPath)
	require.Equal(t, `{"id":9007199254740993,"z.$":"$$.Execution.Id","a.$":"States.Format('{}', $.x)"}`,
		jsonvalue.Text(s.Parameters.Value), "order and digits are kept")
	require.Equal(t, "arn:aws:states:::lambda:invoke", s.Task.Resource)
	require.Equal(t, &asl.Int{Field: "TimeoutSecondsPath", Path: "$.timeout"}, s.Task.TimeoutSeconds)
	require.Equal(t, &asl.Int{Field: "HeartbeatSeconds", Value: 5}, s.Task.HeartbeatSeconds)
	require.NotNil(t, s.Task.Credentials)
	require.NotNil(t, s.Assign)
	require.Equal(t, []asl.Retrier{
		{
			ErrorEquals: []string{"Lambda.TooManyRequestsException", "States.Timeout"}, IntervalSeconds: 2,
			MaxAttempts: 0, BackoffRate: 1.5, MaxDelaySeconds: 60, JitterStrategy: "FULL",
		},
		{ErrorEquals: []string{"States.ALL"}, IntervalSeconds: 1, MaxAttempts: 3, BackoffRate: 2, JitterStrategy: "NONE"},
	}, s.Retry)
	require.Len(t, s.Catch, 1)
	require.Equal(t, asl.Path{Null: true}, s.Catch[0].ResultPath)
	require.NotNil(t, s.Catch[0].Assign)
}

func TestParseDefaults(t *testing.T) {
	s := state(t, `"Type":"Pass"`)
	for _, path := range []asl.Path{s.InputPath, s.OutputPath, s.ResultPath} {
		require.Equal(t, asl.Path{Expression: "$"}, path)
	}
	require.Nil(t, s.Parameters)
	require.Nil(t, s.Pass.Result)
	require.Equal(t, &asl.Payload{}, state(t, `"Type":"Pass","Result":null`).Pass.Result, "null is not absent")
}

func TestParseJSONata(t *testing.T) {
	machine := parse(t, `{"QueryLanguage":"JSONata","StartAt":"T","States":{
		"T":{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage","Arguments":{"x":"{% $states.input %}"},
			"TimeoutSeconds":"{% $t %}","Output":null,"Next":"W",
			"Catch":[{"ErrorEquals":["States.ALL"],"Next":"F","Output":"{% $states.errorOutput %}"}]},
		"W":{"Type":"Wait","Timestamp":"{% $when %}","Next":"C"},
		"C":{"Type":"Choice","Choices":[{"Condition":"{% $v = 1 %}","Next":"M","Assign":{"v":2}},
			{"Condition":false,"Next":"F","Output":"no"}],"Default":"F"},
		"M":{"Type":"Map","Items":"{% [1..3] %}","MaxConcurrency":"{% $n %}","ItemSelector":{"i":"{% $states.context.Map.Item.Index %}"},
			"ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Succeed","Output":1}}},"End":true},
		"F":{"Type":"Fail","Error":"{% $e %}","Cause":"plain"}}}`)
	task := machine.States["T"]
	require.Equal(t, asl.JSONata, task.QueryLanguage)
	require.Equal(t, &asl.Int{Field: "TimeoutSeconds", Query: "{% $t %}"}, task.Task.TimeoutSeconds)
	require.Equal(t, &asl.Payload{Value: nil}, task.Output)
	require.NotNil(t, task.Catch[0].Output)
	require.Equal(t, &asl.Text{Field: "Timestamp", Query: "{% $when %}"}, machine.States["W"].Wait.Timestamp)
	choice := machine.States["C"].Choice
	require.Equal(t, asl.Query{Value: "{% $v = 1 %}"}, choice.Rules[0].Condition)
	require.Equal(t, asl.Query{Value: false}, choice.Rules[1].Condition)
	require.Equal(t, "F", choice.Default)
	m := machine.States["M"].Map
	require.Equal(t, "{% [1..3] %}", m.Items.Value)
	require.Equal(t, &asl.Int{Field: "MaxConcurrency", Query: "{% $n %}"}, m.MaxConcurrency)
	require.Equal(t, asl.JSONata, m.ItemProcessor.States["P"].QueryLanguage, "nested machines inherit")
	fail := machine.States["F"].Fail
	require.Equal(t, &asl.Text{Field: "Error", Query: "{% $e %}"}, fail.Error)
	require.Equal(t, &asl.Text{Field: "Cause", Value: "plain"}, fail.Cause)
}

func TestNestedMachinesInheritFromTheirMachineAndNotFromTheState(t *testing.T) {
	s := state(t, `"Type":"Parallel","QueryLanguage":"JSONata","Arguments":{"a":1},
		"Branches":[{"StartAt":"B","States":{"B":{"Type":"Pass","InputPath":"$.a","End":true}}}]`)
	require.Equal(t, asl.JSONata, s.QueryLanguage)
	require.Equal(t, asl.JSONPath, s.Parallel.Branches[0].States["B"].QueryLanguage)
}

func TestParseChoice(t *testing.T) {
	machine := parse(t, `{"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[
		{"Variable":"$.a","StringEquals":"x","Next":"S","Comment":"first"},
		{"And":[{"Variable":"$.n","NumericGreaterThanEquals":1.5},{"Not":{"Variable":"$.n","NumericLessThanPath":"$.m"}}],"Next":"S"},
		{"Or":[{"Variable":"$.b","IsPresent":true},{"Variable":"$$.Execution.Name","StringMatches":"*-a"}],"Next":"S"}]},
		"S":{"Type":"Succeed"}}}`)
	rules := machine.States["C"].Choice.Rules
	require.Equal(t, "first", rules[0].Comment)
	require.Equal(t, asl.Comparison{Variable: "$.a", Operator: asl.StringEquals, Value: "x"}, rules[0].Condition)
	and := rules[1].Condition.(asl.And)
	require.Len(t, and, 2)
	require.Equal(t,
		asl.Not{Condition: asl.Comparison{Variable: "$.n", Operator: asl.NumericLessThan, Path: "$.m"}}, and[1])
	require.Equal(t, asl.Or{
		asl.Comparison{Variable: "$.b", Operator: asl.IsPresent, Value: true},
		asl.Comparison{Variable: "$$.Execution.Name", Operator: asl.StringMatches, Value: "*-a"},
	}, rules[2].Condition)
}

func TestParseDistributedMap(t *testing.T) {
	m := state(t, `"Type":"Map","Label":"L","ItemsPath":"$.items","MaxConcurrencyPath":"$.n",
		"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{"Bucket":"b","Key.$":"$.key"},
			"ReaderConfig":{"InputType":"CSV","CSVHeaderLocation":"GIVEN","CSVHeaders":["a","b"],"MaxItemsPath":"$.max"}},
		"ItemBatcher":{"MaxItemsPerBatch":10,"MaxInputBytesPerBatchPath":"$.bytes","BatchInput":{"k.$":"$.k"}},
		"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"b"},
			"WriterConfig":{"OutputType":"JSONL","Transformation":"COMPACT"}},
		"ToleratedFailureCount":3,"ToleratedFailurePercentage":12.5,
		"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"},
			"StartAt":"P","States":{"P":{"Type":"Succeed"}}}`).Map
	require.True(t, m.Distributed())
	require.Equal(t, asl.ProcessorConfig{Mode: asl.Distributed, ExecutionType: "EXPRESS"}, m.ItemProcessor.Processor)
	require.Equal(t, "L", m.Label)
	require.Equal(t, "$.items", m.ItemsPath)
	require.Equal(t, "$.n", m.MaxConcurrency.Path)
	require.Equal(t, []string{"a", "b"}, m.ItemReader.CSVHeaders)
	require.Equal(t, "CSV", m.ItemReader.InputType)
	require.Equal(t, "MaxItemsPath", m.ItemReader.MaxItems.Field)
	require.EqualValues(t, 10, m.ItemBatcher.MaxItemsPerBatch.Value)
	require.Equal(t, "$.bytes", m.ItemBatcher.MaxInputBytesPerBatch.Path)
	require.Equal(t, "JSONL", m.ResultWriter.OutputType)
	require.EqualValues(t, 3, m.ToleratedFailureCount.Value)
	require.InDelta(t, 12.5, m.ToleratedFailurePercentage.Value, 0)
}

func TestParseIteratorAndParametersOfOlderMaps(t *testing.T) {
	m := state(t, `"Type":"Map","Parameters":{"v.$":"$$.Map.Item.Value"},
		"Iterator":{"StartAt":"P","States":{"P":{"Type":"Succeed"}}}`).Map
	require.False(t, m.Distributed())
	require.Equal(t, "$", m.ItemsPath)
	require.NotNil(t, m.ItemSelector)
	require.Equal(t, "P", m.ItemProcessor.StartAt)
}

func TestParseRefuses(t *testing.T) {
	const machine = `{"StartAt":"A","States":{"A":{`
	for _, tc := range []struct{ definition, want string }{
		{`{`, "INVALID_JSON_DESCRIPTION: not valid JSON"},
		{`[]`, "SCHEMA_VALIDATION_FAILED: Expected value of type Object"},
		{`{}`, "SCHEMA_VALIDATION_FAILED: These fields are required: [StartAt, States]"},
		{`{"StartAt":"A","States":{}}`, "States must not be empty at /States"},
		{machine + `"Type":"Pass","Next":"B"}}}`, "MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Next, " +
			"MISSING_END_STATE: Workflow has no terminal state"},
		{
			`{"StartAt":"B","States":{"A":{"Type":"Succeed"}}}`,
			"MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /StartAt, " +
				`MISSING_TRANSITION_TARGET: State "A" is not reachable. at /States/A`,
		},
		{machine + `"Type":"Pass"}}}`, "One of the following fields is required: [Next, End] at /States/A"},
		{
			machine + `"Type":"Pass","End":true,"Next":"A"}}}`,
			"There should only be one of the following fields: [Next, End] at /States/A",
		},
		{machine + `"Type":"Nap","End":true}}}`, "Value 'Nap' is not a type of state at /States/A/Type"},
		{machine + `"Type":"Pass","End":true,"Catch":[]}}}`, "Field 'Catch' is not supported at /States/A"},
		{machine + `"Type":"Pass","End":true,"TimeoutSeconds":1}}}`, "Field 'TimeoutSeconds' is not supported at /States/A"},
		{
			machine + `"Type":"Pass","End":true,"Output":1}}}`,
			"The QueryLanguage is set to 'JSONPath', but field 'Output' is only " +
				"supported for the 'JSONata' QueryLanguage at /States/A",
		},
		{
			machine + `"Type":"Pass","QueryLanguage":"JSONata","End":true,"InputPath":"$.a"}}}`,
			"The QueryLanguage is set to 'JSONata', " +
				"but field 'InputPath' is only supported for the 'JSONPath' QueryLanguage at /States/A",
		},
		{
			machine + `"Type":"Pass","QueryLanguage":"JSONata","End":true,"Output":{"a":[1,"{% 1 + %}"]}}}}`,
			"at /States/A/Output/a[1]",
		},
		{machine + `"Type":"Task","End":true}}}`, "These fields are required: [Resource] at /States/A"},
		{machine + `"Type":"Task","Resource":"fn","End":true}}}`, "Value is not a valid resource ARN at /States/A/Resource"},
		{
			machine + `"Type":"Task","Resource":"arn:aws:states:::a:b","TimeoutSeconds":0,"End":true}}}`,
			"Minimum value is 1 at /States/A/TimeoutSeconds",
		},
		{
			machine + `"Type":"Task","Resource":"arn:aws:states:::a:b","TimeoutSeconds":"1","End":true}}}`,
			"Expected value of type Integer at /States/A/TimeoutSeconds",
		},
		{
			machine + `"Type":"Task","Resource":"arn:aws:states:::a:b","TimeoutSeconds":5,"HeartbeatSeconds":5,"End":true}}}`,
			"HeartbeatSeconds must be smaller",
		},
		{
			machine + `"Type":"Task","Resource":"arn:aws:states:::a:b","TimeoutSeconds":5,"TimeoutSecondsPath":"$.t","End":true}}}`,
			"There should only be one of the following fields: [TimeoutSeconds, TimeoutSecondsPath] at /States/A",
		},
		{
			machine + `"Type":"Pass","ResultPath":"$.a[*]","End":true}}}`,
			"Value is not a Reference Path: $.a[*] at /States/A/ResultPath",
		},
		{
			machine + `"Type":"Pass","Assign":{"states":1},"End":true}}}`,
			"'states' is not a valid variable name at /States/A/Assign",
		},
		{
			machine + `"Type":"Pass","Assign":{"a-b.$":"$.x"},"End":true}}}`,
			"'a-b' is not a valid variable name at /States/A/Assign",
		},
		{machine + `"Type":"Pass","Assign":1,"End":true}}}`, "Expected value of type Object at /States/A/Assign"},
		{machine + `"Type":"Pass","InputPath":"a","End":true}}}`, "Value is not a valid JSONPath"},
		{
			machine + `"Type":"Pass","Parameters":{"x":[{"a.$":"a"}]},"End":true}}}`,
			"The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call at /States/A/Parameters/x[0]",
		},
		{
			machine + `"Type":"Pass","Parameters":{"a.$":1},"End":true}}}`,
			"must be a STRING that contains a JSONPath but was NUMBER",
		},
		{machine + `"Type":"Pass","Parameters":{"a.$":"States.Nope()"},"End":true}}}`, "there is no function"},
		{
			machine + `"Type":"Wait","End":true}}}`,
			"One of the following fields is required: [Seconds, SecondsPath, Timestamp, TimestampPath] at /States/A",
		},
		{
			machine + `"Type":"Wait","Seconds":1,"Timestamp":"2030-01-01T00:00:00Z","End":true}}}`,
			"There should only be one of the following fields",
		},
		{machine + `"Type":"Wait","Timestamp":"tomorrow","End":true}}}`, "at /States/A/Timestamp"},
		{machine + `"Type":"Choice","Choices":[]}}}`, "Choices must not be empty at /States/A/Choices"},
		{
			machine + `"Type":"Choice","Choices":[{"Variable":"$.a","StringMatches":"b"}]}}}`,
			"These fields are required: [Next] at /States/A/Choices[0]",
		},
		{
			machine + `"Type":"Choice","Choices":[{"Variable":"a","StringMatches":"b","Next":"A"}]}}}`,
			"Value is not a Reference Path: Reference path didn't start with '$' at /States/A/Choices[0]/Variable",
		},
		{
			machine + `"Type":"Choice","Choices":[{"Variable":"$.a","NumericEquals":"b","Next":"A"}]}}}`,
			"Expected value of type Numeric at /States/A/Choices[0]/NumericEquals",
		},
		{
			machine + `"Type":"Choice","Choices":[{"Variable":"$.a","Next":"A"}]}}}`,
			"Exactly one comparison operator is required at /States/A/Choices[0]",
		},
		{
			machine + `"Type":"Choice","Choices":[{"Variable":"$.a","IsNullPath":"$.b","Next":"A"}]}}}`,
			"Exactly one comparison operator is required",
		},
		{
			machine + `"Type":"Choice","Choices":[{"Not":{"Variable":"$.a","IsNull":true,"Next":"A"},"Next":"A"}]}}}`,
			"Field 'Next' is not supported at /States/A/Choices[0]/Not",
		},
		{
			machine + `"Type":"Task","Resource":"arn:aws:states:::a:b","End":true,"Retry":[{"ErrorEquals":["States.ALL"]},{"ErrorEquals":["E"]}]}}}`,
			"States.ALL must be in the last entry at /States/A/Retry[0]/ErrorEquals",
		},
		{
			machine + `"Type":"Task","Resource":"arn:aws:states:::a:b","End":true,"Retry":[{"ErrorEquals":[],"BackoffRate":0.5}]}}}`,
			"ErrorEquals must not be empty",
		},
		{
			machine + `"Type":"Task","Resource":"arn:aws:states:::a:b","End":true,"Retry":[{"ErrorEquals":["E"],"BackoffRate":0.5}]}}}`,
			"Minimum value is 1.0 at /States/A/Retry[0]/BackoffRate",
		},
		{
			machine + `"Type":"Task","Resource":"arn:aws:states:::a:b","End":true,"Catch":[{"ErrorEquals":["E"],"Next":"Z"}]}}}`,
			"Missing 'Next' target: Z at /States/A/Catch[0]/Next",
		},
		{
			machine + `"Type":"Parallel","End":true,"Branches":[{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}]}}}`,
			"DUPLICATE_STATE_NAME: Duplicate State name: A at /States/A/Branches[0]/States/A",
		},
		{machine + `"Type":"Map","End":true}}}`, "These fields are required: [ItemProcessor] at /States/A"},
		{
			machine + `"Type":"Map","End":true,"ToleratedFailurePercentage":101,"Iterator":{"StartAt":"B","States":{"B":{"Type":"Succeed"}}}}}}`,
			"Maximum value is 100.0",
		},
		{
			`{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass","QueryLanguage":"JSONPath","End":true}}}`,
			"can not be 'JSONPath'",
		},
	} {
		_, err := asl.Parse([]byte(tc.definition))
		var refused *asl.DefinitionError
		require.ErrorAs(t, err, &refused, tc.definition)
		require.NotEmpty(t, refused.Problems)
		require.ErrorContains(t, err, tc.want, tc.definition)
		require.ErrorContains(t, err, "Invalid State Machine Definition: '")
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"a.$":"$.b"},"End":true}}}`,
		`{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Not":{"Variable":"$.a","IsNull":true},"Next":"B"}]},"B":{"Type":"Succeed"}}}`,
		`{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Map","Items":"{% [1] %}","ItemProcessor":{"StartAt":"B","States":{"B":{"Type":"Fail"}}},"End":true}}}`,
		`{"StartAt":"A","States":{"A":{"Type":"Parallel","Branches":[null],"Retry":[1],"Catch":{}}}}`,
		`{"StartAt":"A","States":null}`, `null`, `{"States":{"A":null}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, definition []byte) {
		machine, err := asl.Parse(definition)
		if err != nil {
			var refused *asl.DefinitionError
			require.ErrorAs(t, err, &refused)
			return
		}
		require.Contains(t, machine.States, machine.StartAt)
	})
}
