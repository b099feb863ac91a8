package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/stretchr/testify/require"
)

// nodeRuntime takes the place of AWS's nodejs22.x.
func nodeRuntime(t *testing.T) runtime {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node here: ", err)
	}
	return runtime{types.RuntimeNodejs22x, starter(t, node, "testdata/node/bootstrap.js"), zipOf(t, "testdata/node")}
}

func TestStreamsOfNodePass(t *testing.T) {
	c := newCollector(t)
	f := deploy(t, nodeRuntime(t), "stream.handler", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL})
	whole := f.invoke(`{"parts":["one","two","three"]}`)
	require.Equal(t, "onetwothree", whole.payload)
	require.NotContains(t, c.invocation(t, whole.requestID).attributes, "error.type")

	broken := f.invoke(`{"parts":["one"],"fail":"no more"}`)
	require.True(t, broken.failed)
	require.Contains(t, broken.payload, `"errorMessage":"no more"`)
	got := c.invocation(t, broken.requestID)
	require.Equal(t, "RangeError", got.attributes["error.type"])
	require.Equal(t, "no more", got.Status.GetMessage())
	require.Contains(t, got.exception["exception.stacktrace"], "stream.js")
}

// starter is an executable that starts a program with a script of the tests.
func starter(t *testing.T, program, script string) string {
	t.Helper()
	script, err := filepath.Abs(script)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "runtime")
	text := "#!/bin/sh\nexec " + program + " " + script + "\n"
	require.NoError(t, os.WriteFile(path, []byte(text), 0o700))
	return path
}
