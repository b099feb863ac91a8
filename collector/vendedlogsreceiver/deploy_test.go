package vendedlogsreceiver_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTemplatePassesCfnLint(t *testing.T) {
	t.Parallel()
	path, err := exec.LookPath("cfn-lint")
	if err != nil {
		t.Skip("cfn-lint is not installed")
	}
	out, err := exec.Command(path, "deploy/firehose.yaml").CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func TestPolicyIsJSON(t *testing.T) {
	body, err := os.ReadFile("deploy/poll-policy.json")
	require.NoError(t, err)
	require.True(t, json.Valid(body))
}
