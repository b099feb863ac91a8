package asl_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
)

func recordings(t testing.TB, folder, suffix string) []string {
	root := os.Getenv("STEPTRACE_RECORDINGS")
	if root == "" {
		t.Skip("STEPTRACE_RECORDINGS is not set")
	}
	files, err := filepath.Glob(filepath.Join(root, folder, "*"+suffix))
	require.NoError(t, err)
	require.NotEmpty(t, files, "no %s in %s/%s", suffix, root, folder)
	return files
}

func TestParseAcceptsRecordedDefinitions(t *testing.T) {
	for _, file := range recordings(t, "histories", ".definition.json") {
		definition, err := os.ReadFile(file)
		require.NoError(t, err)
		_, err = asl.Parse(definition)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(file), err)
		}
	}
}

// substitution is what SAM, CDK and CloudFormation replace before Step Functions sees a definition.
var substitution = regexp.MustCompile(`\$\{[^}]+\}`)

// refused are the published definitions that Step Functions would refuse as well: the problem and its reason.
var refused = map[string]string{
	// Arguments is a field of Task and Parallel only.
	"step-functions__step_functions_supervisor_with_agentcore": "Field 'Arguments' is not supported",
	// A state of a JSONata machine goes back to JSONPath.
	"asl-validator__src_tests_definitions_valid_map_with_item_batcher_jsonata": "can not be 'JSONPath' if set to 'JSONata'",
	// CloudFormation functions stand where the ARN goes.
	"asl-validator__src_tests_definitions_valid_task_intrisic_function": "Value is not a valid resource ARN",
	// A filter compares with a string that is not quoted.
	"asl-validator__src_tests_definitions_valid_current_value_predicate": "must be a valid JSONPath",
	// A script in brackets, which Jayway's JsonPath does not have.
	"asl-validator__src_tests_definitions_valid_path_array_context": "Value is not a valid JSONPath",
	// States.Default does not exist.
	"step-functions__step_functions_web_search_agent": "there is no function",
	// A variable's name must be an identifier.
	"asl-validator__src_tests_definitions_valid_assign": "'top-level' is not a valid variable name",
	// Templates that a program completes.
	"step-functions__step_functions_agent_with_tools_flow_template": "Missing 'Next' target: Get DB Schema",
	"step-functions__step_functions_dynamic_agent_template":         "Expected value of type Array",
	"step-functions__step_functions_supervisor_agent_flow_template": "These fields are required: [Next]",
}

func TestParseAcceptsPublishedDefinitions(t *testing.T) {
	for _, file := range recordings(t, "definitions", ".asl.json") {
		definition, err := os.ReadFile(file)
		require.NoError(t, err)
		filled := substitution.ReplaceAll(definition, []byte("arn:aws:lambda:eu-west-1:123456789012:function:filled-in"))
		_, err = asl.Parse(filled)
		name := strings.TrimSuffix(filepath.Base(file), ".asl.json")
		if problem, ok := refused[name]; ok {
			require.ErrorContains(t, err, problem, name)
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
