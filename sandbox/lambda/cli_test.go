package lambda

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAWSCommandLine(t *testing.T) {
	program, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("the AWS CLI is not installed")
	}
	b := start(t, nil)
	folder := t.TempDir()
	zip := filepath.Join(folder, "function.zip")
	require.NoError(t, os.WriteFile(zip, zipOf(t, map[string][]byte{"bootstrap": functionBinary}), 0o600))
	run := func(arguments ...string) string {
		cmd := exec.Command(program, append([]string{"--endpoint-url", b.url, "--region", "eu-west-1", "lambda"}, arguments...)...)
		cmd.Env = []string{"AWS_ACCESS_KEY_ID=id", "AWS_SECRET_ACCESS_KEY=secret", "PATH=" + os.Getenv("PATH"), "HOME=" + folder}
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		return string(out)
	}
	run("create-function", "--function-name", "f", "--runtime", "provided.al2023", "--handler", "bootstrap",
		"--role", role, "--zip-file", "fileb://"+zip)
	payload, out := filepath.Join(folder, "payload"), filepath.Join(folder, "out")
	require.NoError(t, os.WriteFile(payload, []byte(`{"text":"hello"}`), 0o600))
	require.Contains(t, run("invoke", "--function-name", "f", "--payload", "fileb://"+payload, out), `"StatusCode": 200`)
	got, err := os.ReadFile(out)
	require.NoError(t, err)
	require.JSONEq(t, `{"text":"hello"}`, string(got))
}
