package dataflow_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// choose tells whether a state with this one rule takes it.
func choose(t *testing.T, rule string) (bool, error) {
	state := stateOf(t, `"Type":"Choice","Choices":[{`+rule+`,"Next":"T"}],"Default":"U"`)
	choice, err := scopeOf(t).Choose(state)
	return choice.Next == "T", err
}

func TestConditions(t *testing.T) {
	for rule, want := range map[string]bool{
		`"Variable":"$.a.name","StringEquals":"x-y"`:                                        true,
		`"Variable":"$.a.name","StringEquals":"x"`:                                          false,
		`"Variable":"$.a.name","StringEqualsPath":"$.a.name"`:                               true,
		`"Variable":"$.a.name","StringLessThan":"y"`:                                        true,
		`"Variable":"$.a.name","StringLessThanPath":"$$.Execution.Id"`:                      false,
		`"Variable":"$.a.name","StringLessThanEquals":"x-y"`:                                true,
		`"Variable":"$.a.name","StringGreaterThan":"x-y"`:                                   false,
		`"Variable":"$.a.name","StringGreaterThanEquals":"x-y"`:                             true,
		`"Variable":"$.a.name","StringMatches":"x*"`:                                        true,
		`"Variable":"$.a.name","StringMatches":"*"`:                                         true,
		`"Variable":"$.a.name","StringMatches":"*-*"`:                                       true,
		`"Variable":"$.a.name","StringMatches":"y*"`:                                        false,
		`"Variable":"$.n","StringMatches":"*"`:                                              false,
		`"Variable":"$.n","StringEquals":"9007199254740993"`:                                false,
		`"Variable":"$.n","NumericEquals":9007199254740993`:                                 true,
		`"Variable":"$.n","NumericEquals":9007199254740992`:                                 false,
		`"Variable":"$.half","NumericEquals":1.50`:                                          true,
		`"Variable":"$.half","NumericLessThan":2`:                                           true,
		`"Variable":"$.half","NumericLessThanEquals":1.4`:                                   false,
		`"Variable":"$.half","NumericGreaterThan":-1e3`:                                     true,
		`"Variable":"$.half","NumericGreaterThanPath":"$.neg"`:                              true,
		`"Variable":"$.half","NumericGreaterThanEquals":1.5`:                                true,
		`"Variable":"$.a.name","NumericEquals":1`:                                           false,
		`"Variable":"$flag","BooleanEquals":true`:                                           true,
		`"Variable":"$flag","BooleanEquals":false`:                                          false,
		`"Variable":"$flag","BooleanEqualsPath":"$flag"`:                                    true,
		`"Variable":"$.a.name","BooleanEquals":true`:                                        false,
		`"Variable":"$.ts","TimestampEquals":"2030-01-02T04:04:05+01:00"`:                   true,
		`"Variable":"$.ts","TimestampLessThan":"2030-01-02T03:04:05.5Z"`:                    true,
		`"Variable":"$.ts","TimestampGreaterThanPath":"$.ts"`:                               false,
		`"Variable":"$.ts","TimestampGreaterThanEqualsPath":"$.ts"`:                         true,
		`"Variable":"$.a.name","TimestampLessThan":"2030-01-02T03:04:05.5Z"`:                false,
		`"Variable":"$.z","IsNull":true`:                                                    true,
		`"Variable":"$.n","IsNull":false`:                                                   true,
		`"Variable":"$.z","IsPresent":true`:                                                 true,
		`"Variable":"$.no","IsPresent":true`:                                                false,
		`"Variable":"$.no.no","IsPresent":false`:                                            true,
		`"Variable":"$nope","IsPresent":false`:                                              true,
		`"Variable":"$.n","IsNumeric":true`:                                                 true,
		`"Variable":"$.a","IsNumeric":true`:                                                 false,
		`"Variable":"$.ts","IsString":true`:                                                 true,
		`"Variable":"$flag","IsBoolean":true`:                                               true,
		`"Variable":"$.ts","IsTimestamp":true`:                                              true,
		`"Variable":"$.a.name","IsTimestamp":false`:                                         true,
		`"Not":{"Variable":"$.z","IsNull":true}`:                                            false,
		`"And":[{"Variable":"$.z","IsNull":true},{"Variable":"$.n","IsNumeric":true}]`:      true,
		`"And":[{"Variable":"$.z","IsNull":false},{"Variable":"$.no","IsNumeric":true}]`:    false,
		`"Or":[{"Variable":"$.z","IsNull":true},{"Variable":"$.no","IsNumeric":true}]`:      true,
		`"Or":[{"Variable":"$.z","IsNull":false},{"Not":{"Variable":"$.z","IsNull":true}}]`: false,
	} {
		got, err := choose(t, rule)
		require.NoError(t, err, rule)
		require.Equal(t, want, got, rule)
	}
}

func TestConditionsThatFail(t *testing.T) {
	for _, rule := range []string{
		`"Variable":"$.no","StringEquals":"x"`, `"Variable":"$.no","IsNull":true`,
		`"And":[{"Variable":"$.z","IsNull":true},{"Variable":"$.no","IsNumeric":true}]`,
	} {
		_, err := choose(t, rule)
		failsWith(t, err, "States.Runtime",
			"Invalid path '$.no': The choice state's condition path references an invalid value.", "")
	}
	_, err := choose(t, `"Variable":"$.n","NumericEqualsPath":"$.x"`)
	failsWith(t, err, "States.Runtime", "Invalid path '$.x'", "")
}

func TestChoose(t *testing.T) {
	state := stateOf(t, `"Type":"Choice","InputPath":"$.a","OutputPath":"$.b",`+
		`"Choices":[{"Variable":"$.b[0]","NumericEquals":1,"Next":"T","Assign":{"x.$":"$.name"}}],"Default":"U"`)
	choice, err := scopeOf(t).Choose(state)
	require.NoError(t, err)
	require.Equal(t, "T", choice.Next)
	require.Equal(t, `[1,2,3]`, jsonvalue.Text(choice.Output))
	require.Equal(t, dataflow.Variables{"x": "x-y"}, choice.Assigned)

	state = stateOf(t, `"Type":"Choice","Assign":{"d":1},"Choices":[{"Variable":"$.n","IsNull":true,"Next":"T","Assign":{"x":2}},`+
		`{"Variable":"$.z","IsNull":false,"Next":"V"}],"Default":"U"`)
	choice, err = scopeOf(t).Choose(state)
	require.NoError(t, err)
	require.Equal(t, "U", choice.Next)
	require.Equal(t, input, jsonvalue.Text(choice.Output))
	require.Equal(t, `1`, jsonvalue.Text(choice.Assigned["d"]), "the state's own Assign goes with the default")

	state = stateOf(t, `"Type":"Choice","Choices":[{"Variable":"$.n","IsNull":true,"Next":"T"}]`)
	_, err = scopeOf(t).Choose(state)
	failsWith(t, err, "States.NoChoiceMatched",
		"Failed to transition out of the state. The state does not point to a next state.", "")
}

func TestChooseByQuery(t *testing.T) {
	const jsonata = `"Type":"Choice","QueryLanguage":"JSONata",`
	state := stateOf(t, jsonata+`"Choices":[{"Condition":false,"Next":"V"},{"Condition":"{% $flag %}","Next":"T",`+
		`"Output":{"n":"{% $states.input.neg %}"},"Assign":{"x":"{% $states.input.a.name %}"}}],"Default":"U","Output":"default"`)
	choice, err := scopeOf(t).Choose(state)
	require.NoError(t, err)
	require.Equal(t, "T", choice.Next)
	require.Equal(t, `{"n":-1}`, jsonvalue.Text(choice.Output))
	require.Equal(t, dataflow.Variables{"x": "x-y"}, choice.Assigned)

	state = stateOf(t, jsonata+`"Choices":[{"Condition":false,"Next":"T"}],"Default":"U","Output":"default","Assign":{"d":true}`)
	choice, err = scopeOf(t).Choose(state)
	require.NoError(t, err)
	require.Equal(t, "U", choice.Next)
	require.Equal(t, "default", choice.Output)
	require.Equal(t, dataflow.Variables{"d": true}, choice.Assigned)

	for condition, want := range map[string]string{
		`"{% 'yes' %}"`: "Expected 'boolean', but was 'string' for value: \"yes\"", `"{% $no %}"`: "returned nothing (undefined).",
	} {
		_, err = scopeOf(t).Choose(stateOf(t, jsonata+`"Choices":[{"Condition":`+condition+`,"Next":"T"}]`))
		failsWith(t, err, "States.QueryEvaluationError", want, "Choices[0]/Condition")
	}
	_, err = scopeOf(t).Choose(stateOf(t, jsonata+`"Choices":[{"Condition":true,"Next":"T","Output":{"a":"{% $no %}"}}]`))
	failsWith(t, err, "States.QueryEvaluationError", "for the field 'Choices[0]/Output/a'", "Choices[0]/Output/a")
	_, err = scopeOf(t).Choose(stateOf(t, jsonata+`"Choices":[{"Condition":false,"Next":"T"}]`))
	failsWith(t, err, "States.NoChoiceMatched", "Failed to transition", "")
}

// TestStringMatches holds the pattern against a matcher that tries every possibility.
func TestStringMatches(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.StringMatching(`[ab*\\]{0,6}`).Draw(r, "text")
		pattern := rapid.StringMatching(`([ab*]|\\\\|\\\*){0,6}`).Draw(r, "pattern")
		scope := scopeOf(t)
		scope.Input = text
		quoted := jsonvalue.Text(pattern)
		choice, err := scope.Choose(stateOf(t, `"Type":"Choice","Choices":[{"Variable":"$","StringMatches":`+quoted+
			`,"Next":"T"}],"Default":"U"`))
		require.NoError(t, err)
		require.Equal(t, globs(text, pattern), choice.Next == "T", "%q %q", text, pattern)
	})
}

func globs(text, pattern string) bool {
	switch {
	case pattern == "":
		return text == ""
	case pattern[0] == '*':
		return globs(text, pattern[1:]) || text != "" && globs(text[1:], pattern)
	case pattern[0] == '\\' && len(pattern) > 1 && (pattern[1] == '*' || pattern[1] == '\\'):
		pattern = pattern[1:]
	}
	return text != "" && text[0] == pattern[0] && globs(text[1:], pattern[1:])
}
