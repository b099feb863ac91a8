package layerzip

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTheZipIsWhatLambdaUnpacks(t *testing.T) {
	var one, two bytes.Buffer
	require.NoError(t, Write(&one, []byte("ELF")))
	require.NoError(t, Write(&two, []byte("ELF")))
	require.Equal(t, one.Bytes(), two.Bytes())
	r, err := zip.NewReader(bytes.NewReader(one.Bytes()), int64(one.Len()))
	require.NoError(t, err)
	require.Equal(t, "ELF", content(t, r, "extensions/steptrace"))
	require.True(t, strings.HasPrefix(content(t, r, "steptrace/exec-wrapper"), "#!/bin/sh\n"))
}

func content(t *testing.T, r *zip.Reader, name string) string {
	t.Helper()
	f, err := r.Open(name)
	require.NoError(t, err)
	info, err := f.Stat()
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o755), info.Mode())
	data, err := io.ReadAll(f)
	require.NoError(t, err)
	return string(data)
}

// shells are what /bin/sh may be; Amazon Linux has bash, Debian dash.
func shells(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{"sh": {"/bin/sh"}}
	for name, command := range map[string][]string{"bash": {"bash", "--posix"}, "dash": {"dash"}, "busybox": {"busybox", "sh"}} {
		if path, err := exec.LookPath(command[0]); err == nil {
			found[name] = append([]string{path}, command[1:]...)
		}
	}
	return found
}

// started runs the script in a folder in place of /tmp, and returns the variables that a runtime gets.
func started(t *testing.T, shell []string, tmp string, variables ...string) map[string]string {
	t.Helper()
	command := exec.Command(shell[0], append(shell[1:], "exec-wrapper", "/usr/bin/env")...)
	command.Env = append(variables, "TMPDIR="+tmp, "AWS_LAMBDA_RUNTIME_API=lambda:9001")
	command.Stderr = os.Stderr
	out, err := command.Output()
	require.NoError(t, err)
	got := map[string]string{}
	for line := range strings.Lines(string(out)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		got[name] = value
	}
	for _, ofTheShell := range []string{"PWD", "OLDPWD", "SHLVL", "_", "TMPDIR"} {
		delete(got, ofTheShell)
	}
	return got
}

// handedOver is a folder as the extension leaves it.
func handedOver(t *testing.T, addresses string) string {
	t.Helper()
	tmp := t.TempDir()
	dir := filepath.Join(tmp, "steptrace-layer")
	require.NoError(t, os.Mkdir(dir, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "addresses"), []byte(addresses), 0o600))
	return tmp
}

const addresses = "127.0.0.1:40001 127.0.0.1:4318\n"

func TestTheRuntimeIsPointedAtTheLayer(t *testing.T) {
	for name, shell := range shells(t) {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, map[string]string{
				"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:40001", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318",
				"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf", "OTEL_BSP_SCHEDULE_DELAY": "100", "OTEL_SERVICE_NAME": "",
			}, started(t, shell, handedOver(t, addresses),
				"OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://collector/traces"))
			require.Equal(t, map[string]string{
				"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:40001", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318",
				"OTEL_EXPORTER_OTLP_PROTOCOL": "http/json", "OTEL_BSP_SCHEDULE_DELAY": "100", "OTEL_SERVICE_NAME": "",
				"STEPTRACE_ENDPOINT": "http://s",
			}, started(t, shell, handedOver(t, addresses), "STEPTRACE_ENDPOINT=http://s", "OTEL_EXPORTER_OTLP_PROTOCOL=http/json"))
		})
	}
}

func TestTheSDKsServiceIsTheFunctionUnlessItHasAName(t *testing.T) {
	for variable, want := range map[string]string{
		"A=b": "images", "OTEL_SERVICE_NAME=mine": "mine", "OTEL_RESOURCE_ATTRIBUTES=a=b,service.name=mine": "",
	} {
		got := started(t, []string{"/bin/sh"}, handedOver(t, addresses), "AWS_LAMBDA_FUNCTION_NAME=images", variable)
		require.Equal(t, want, got["OTEL_SERVICE_NAME"])
	}
}

// Python's requests, Node.js's and others' clients ask a proxy for 127.0.0.1 unless told otherwise.
func TestLoopbackIsNotAskedOfAProxy(t *testing.T) {
	proxied := []string{"HTTP_PROXY=http://p"}
	for _, tc := range []struct {
		variables    []string
		lower, upper string
	}{
		{nil, "", ""},
		{[]string{"no_proxy=a"}, "a", ""},
		{proxied, "127.0.0.1", "127.0.0.1"},
		{[]string{"http_proxy=http://p", "no_proxy=a,b"}, "a,b,127.0.0.1", ""},
		{append(proxied, "NO_PROXY=a"), "", "a,127.0.0.1"},
		{append(proxied, "NO_PROXY=a", "no_proxy=b"), "b,127.0.0.1", "a,127.0.0.1"},
		{append(proxied, "NO_PROXY=localhost,127.0.0.1"), "", "localhost,127.0.0.1"},
		{append(proxied, "no_proxy=*"), "*", ""},
	} {
		for name, shell := range shells(t) {
			got := started(t, shell, handedOver(t, addresses), tc.variables...)
			require.Equal(t, tc.lower, got["no_proxy"], "%s: %s", name, tc.variables)
			require.Equal(t, tc.upper, got["NO_PROXY"], "%s: %s", name, tc.variables)
		}
	}
}

func TestWithoutTheLayerNothingIsChanged(t *testing.T) {
	bare := map[string]string{"AWS_LAMBDA_RUNTIME_API": "lambda:9001", "STEPTRACE_ENDPOINT": "x"}
	for name, shell := range shells(t) {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, bare, started(t, shell, t.TempDir(), "STEPTRACE_ENDPOINT=x"))
			require.Equal(t, bare, started(t, shell, handedOver(t, ""), "STEPTRACE_ENDPOINT=x"))
			require.Equal(t, bare, started(t, shell, handedOver(t, "127.0.0.1:40001\n"), "STEPTRACE_ENDPOINT=x"))
		})
	}
}

func TestAPipeThatNobodyReadsDoesNotHoldTheRuntimeUp(t *testing.T) {
	for name, shell := range shells(t) {
		t.Run(name, func(t *testing.T) {
			tmp := handedOver(t, addresses)
			require.NoError(t, syscall.Mkfifo(filepath.Join(tmp, "steptrace-layer", "runtime"), 0o600))
			require.Equal(t, "127.0.0.1:40001", started(t, shell, tmp)["AWS_LAMBDA_RUNTIME_API"])
		})
	}
}

func TestAnotherWrapperComesNext(t *testing.T) {
	next := filepath.Join(t.TempDir(), "next")
	require.NoError(t, os.WriteFile(next, []byte("#!/bin/sh\nexport NEXT=\"$#\"\nexec \"$@\"\n"), 0o700))
	got := started(t, []string{"/bin/sh"}, t.TempDir(), "STEPTRACE_NEXT_WRAPPER="+next)
	require.Equal(t, "1", got["NEXT"])
}
