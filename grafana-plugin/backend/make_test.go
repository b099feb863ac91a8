package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// `make plugin` builds the backend where plugin.json says that Grafana finds it, for every platform.
func TestMakeBuildsTheBackendForEveryPlatform(t *testing.T) {
	text, err := os.ReadFile("../src/datasource/plugin.json")
	require.NoError(t, err)
	var plugin struct{ Executable string }
	require.NoError(t, json.Unmarshal(text, &plugin))

	dry := exec.CommandContext(t.Context(), "make", "--dry-run", "--directory", "../..", "plugin")
	dry.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "MAKE") }) // of an outer make
	printed, err := dry.CombinedOutput()
	require.NoError(t, err, string(printed))
	commands := strings.Join(strings.Fields(strings.ReplaceAll(string(printed), "\\\n", "")), " ")
	for _, platform := range []struct{ os, arch string }{{"linux", "amd64"}, {"linux", "arm64"}, {"darwin", "arm64"}} {
		target := "grafana-plugin/dist/datasource/" + plugin.Executable + "_" + platform.os + "_" + platform.arch
		require.Contains(t, commands, "GOOS="+platform.os+" GOARCH="+platform.arch+" CGO_ENABLED=0 go build "+
			`-trimpath -ldflags "-s -w" -o `+target+" ./grafana-plugin/backend")
	}
}
