package stepfunctionsreceiver_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/stepfunctions"
)

// TestThePolicyAllowsWhatIsCalledAndNoMore compares both files that say what the agent may do with what it calls.
func TestThePolicyAllowsWhatIsCalledAndNoMore(t *testing.T) {
	called := []string{"sqs:DeleteMessage", "sqs:ReceiveMessage"}
	for operation := range maps.Keys(stepfunctions.Quotas("eu-west-1")) {
		called = append(called, "states:"+operation)
	}
	body, err := os.ReadFile("deploy/policy.json")
	require.NoError(t, err)
	var policy struct {
		Statement []struct{ Action []string }
	}
	require.NoError(t, json.Unmarshal(body, &policy))
	var allowed []string
	for _, s := range policy.Statement {
		allowed = append(allowed, s.Action...)
	}
	require.ElementsMatch(t, called, allowed)

	template, err := os.ReadFile("deploy/status-changes.yaml")
	require.NoError(t, err)
	_, managed, ok := strings.Cut(string(template), "AgentPolicy:")
	require.True(t, ok)
	managed, _, _ = strings.Cut(managed, "AgentRole:")
	for _, action := range called {
		require.Contains(t, managed, action)
	}
	require.Equal(t, len(called), strings.Count(managed, "states:")+strings.Count(managed, "sqs:"))
}

func TestTheTemplatePassesCfnLint(t *testing.T) {
	linter, err := exec.LookPath("cfn-lint")
	if err != nil {
		t.Skip("cfn-lint is not installed")
	}
	out, err := exec.Command(linter, "deploy/status-changes.yaml").CombinedOutput()
	require.NoError(t, err, "%s", out)
}
