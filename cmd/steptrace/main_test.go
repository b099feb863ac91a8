package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/cmd/steptrace/demo"
	"github.com/steptrace/steptrace/store"
)

// program is the real program, built as `make build` does.
var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "steptrace-test-")
	if err == nil {
		program = filepath.Join(dir, "steptrace")
		err = build(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(status)
}

func build(dir string) error {
	if err := goBuild(program, "."); err != nil {
		return err
	}
	for _, function := range []string{"metadata", "rekognition"} {
		bootstrap := filepath.Join(dir, "functions", function, "bootstrap")
		if err := goBuild(bootstrap, "../../image-workflow/"+function, "-tags", "lambda.norpc"); err != nil {
			return err
		}
	}
	return nil
}

func goBuild(out, pkg string, flags ...string) error {
	args := append([]string{"build", "-trimpath", "-ldflags", "-s -w", "-o", out}, flags...)
	cmd := exec.Command("go", append(args, pkg)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", pkg, err, text)
	}
	return nil
}

type outcome struct {
	stdout, stderr string
	status         int
}

func run(t *testing.T, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.Env = append(os.Environ(), "STEPTRACE_DSN=")
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return outcome{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// The main job, as a person does it: the demo, then its traces again out of the files it left.
func TestDemoLeavesTracesThatCanBeReadAgain(t *testing.T) {
	kept := filepath.Join(t.TempDir(), "kept")
	started := time.Now()
	got := run(t, "demo", "--keep", kept)
	require.Zero(t, got.status, got.stderr+got.stdout)
	require.Less(t, time.Since(started), time.Minute)
	require.Contains(t, got.stdout, "Every upload left one connected trace")
	require.Contains(t, got.stdout, "InvalidImageFormatException")
	require.NotContains(t, got.stdout, "\x1b[", "colours without a terminal")

	executions := executionsOf(t, run(t, "executions", "--data", kept, "--output", "json"))
	require.GreaterOrEqual(t, len(executions), 5)
	failed := executionsOf(t, run(t, "executions", "--data", kept, "--status", "FAILED", "--output", "json"))
	require.Len(t, failed, 1)

	checkCosts(t, kept, len(executions))
	for _, ref := range []string{"latest", executions[0].ExecutionARN, executions[0].TraceID} {
		trace := traceOf(t, run(t, "trace", "--data", kept, "--output", "json", ref))
		require.Empty(t, demo.Check(trace, trace.Status == "SUCCEEDED"))
	}
	trace := traceOf(t, run(t, "trace", "--data", kept, "--output", "json", failed[0].ExecutionARN))
	require.Empty(t, demo.Check(trace, false))
	checkEvents(t, trace)

	tree := run(t, "trace", "--data", kept, failed[0].TraceID)
	require.Zero(t, tree.status, tree.stderr)
	require.Contains(t, tree.stdout, "✗ attempt")
}

// checkCosts holds what the commands say of costs against the reference workflow: each of its executions enters four
// states at least.
func checkCosts(t *testing.T, kept string, executions int) {
	t.Helper()
	var report struct {
		Costs []store.Cost
	}
	got := run(t, "cost", "--data", kept, "--output", "json")
	require.Zero(t, got.status, got.stderr)
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &report))
	require.Len(t, report.Costs, 1)
	require.GreaterOrEqual(t, report.Costs[0].Transitions, uint64(4*executions))
	require.Positive(t, report.Costs[0].Lambda)
	got = run(t, "executions", "--cost", "--data", kept)
	require.Zero(t, got.status, got.stderr)
	require.Contains(t, got.stdout, "COST (USD)")
	require.Contains(t, got.stdout, "0.0001")
}

// Colours come where they are wanted, and NO_COLOR keeps every escape sequence away.
func TestNoColorMeansNone(t *testing.T) {
	kept := filepath.Join(t.TempDir(), "kept")
	t.Setenv("CLICOLOR_FORCE", "1")
	demo := run(t, "demo", "--keep", kept)
	require.Contains(t, demo.stdout, "\x1b[")
	t.Setenv("NO_COLOR", "1")
	require.NotContains(t, run(t, "trace", "--data", kept, "latest").stdout, "\x1b")
}

// Ctrl-C ends the demo in order: nothing is left behind, and the exit status is a shell's.
func TestInterruptedDemoLeavesNothing(t *testing.T) {
	temp := t.TempDir()
	cmd := exec.CommandContext(t.Context(), program, "demo")
	cmd.Env = append(os.Environ(), "TMPDIR="+temp)
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	var said strings.Builder
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "under way") {
			require.NoError(t, cmd.Process.Signal(os.Interrupt))
		}
	}
	require.Error(t, cmd.Wait())
	require.Equal(t, 130, cmd.ProcessState.ExitCode())
	require.True(t, strings.HasSuffix(said.String(), "steptrace: interrupted\n"), said.String())
	left, err := os.ReadDir(temp)
	require.NoError(t, err)
	require.Empty(t, left)
}

func executionsOf(t *testing.T, o outcome) []store.Execution {
	t.Helper()
	require.Zero(t, o.status, o.stderr)
	var executions []store.Execution
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &executions), o.stdout)
	return executions
}

func traceOf(t *testing.T, o outcome) store.Trace {
	t.Helper()
	require.Zero(t, o.status, o.stderr)
	var trace store.Trace
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &trace), o.stdout)
	return trace
}

// checkEvents wants every history event once, in order, on a span of the trace.
func checkEvents(t *testing.T, trace store.Trace) {
	t.Helper()
	spans := map[string]bool{}
	for _, s := range trace.Spans {
		spans[s.SpanID] = true
	}
	require.NotEmpty(t, trace.Events)
	for i, e := range trace.Events {
		require.Equal(t, int64(i+1), e.ID)
		require.True(t, spans[e.SpanID], "event %d (%s) belongs to span %q, which is not in the trace", e.ID, e.Type, e.SpanID)
	}
	require.Equal(t, "ExecutionStarted", trace.Events[0].Type)
	require.Equal(t, "ExecutionFailed", trace.Events[len(trace.Events)-1].Type)
}

// The names and types of the JSON are an interface for other programs.
func TestTraceJSONShape(t *testing.T) {
	confidence := store.Trace{
		TraceID: "t", ExecutionARN: "a", Status: "FAILED",
		Spans:  []store.Span{{SpanID: "s", Join: &store.Join{Method: "fingerprint", Confidence: 0.9}}, {SpanID: "u"}},
		Events: []store.Event{{ID: 1, Type: "ExecutionStarted", TimeUnixNano: 2, SpanID: "s"}},
	}
	text, err := json.Marshal(confidence)
	require.NoError(t, err)
	require.JSONEq(t, `{"trace_id":"t","execution_arn":"a","status":"FAILED","spans":[
		{"span_id":"s","parent_span_id":"","name":"","kind":"","start_unix_nano":0,"end_unix_nano":0,"status":"",
		 "status_message":"","service":"","attributes":null,"join":{"method":"fingerprint","confidence":0.9}},
		{"span_id":"u","parent_span_id":"","name":"","kind":"","start_unix_nano":0,"end_unix_nano":0,"status":"",
		 "status_message":"","service":"","attributes":null,"join":null}],
		"events":[{"id":1,"type":"ExecutionStarted","time_unix_nano":2,"span_id":"s"}]}`, string(text))
}

// One clear sentence for each, on standard error, with the exit status that scripts can tell apart.
func TestMistakesAreAnsweredClearly(t *testing.T) {
	empty := t.TempDir()
	badYAML := filepath.Join(empty, "bad.yaml")
	require.NoError(t, os.WriteFile(badYAML, []byte("receivers:\n  otlp:\n    protcols: {}\n"), 0o600))
	cases := []struct {
		name   string
		args   []string
		status int
		want   string
	}{
		{"unknown command", []string{"exekutions"}, 2, `unknown command "exekutions"`},
		{"unknown flag", []string{"trace", "--frmat", "json", "x"}, 2, "unknown flag: --frmat"},
		{"no reference", []string{"trace"}, 2, "accepts 1 arg(s), received 0"},
		{"unknown format", []string{"trace", "--output", "xml", "latest"}, 2, "--output xml: not one of [tree json]"},
		{"unknown status", []string{"executions", "--status", "BROKEN"}, 2, "--status BROKEN: not one of RUNNING"},
		{"negative time", []string{"executions", "--since", "-1h"}, 2, "--since -1h0m0s: must be positive"},
		{"cost of nothing known", []string{"cost", "--by", "moon"}, 2, "--by moon: not one of machine, state, execution"},
		{"unknown processor", []string{"cost", "--architecture", "z80"}, 2, "--architecture z80: not one of"},
		{"prices that are none", []string{"cost", "--prices", badYAML}, 2, "bad.yaml"},
		{"folder without data", []string{"trace", "--data", empty, "latest"}, 2, "holds no Steptrace data"},
		{"two sources", []string{"trace", "--data", empty, "--dsn", "http://127.0.0.1:1", "latest"}, 2, "give one of them"},
		{"no store there", []string{"trace", "--dsn", "http://127.0.0.1:1/default", "latest"}, 1, "127.0.0.1:1"},
		{"negative trickle", []string{"up", "--trickle", "-1s"}, 2, "--trickle -1s: must not be negative"},
		{"no functions", []string{"demo", "--functions", empty}, 1, "run `make functions`"},
		{"no such config", []string{"collector", "validate", "--config", "nowhere.yaml"}, 1, "nowhere.yaml"},
		{"bad config key to print", []string{"collector", "print-config", "--config", badYAML}, 1, "protcols"},
		{"bad config key", []string{"collector", "validate", "--config", badYAML}, 1, "protcols"},
		{"period", []string{"backfill", "--since", "yesterday"}, 2, `--since "yesterday": is neither how long ago`},
		{"no period", []string{"backfill", "--since", "1d", "--until", "2d"}, 2, "--since 1d is not before --until 2d"},
		{"more than all", []string{"backfill", "--quota-share", "7"}, 2, "--quota-share 7: must be above 0 and at most 1"},
		{"pattern", []string{"backfill", "--state-machine", "["}, 2, `--state-machine 0: "[" is neither the ARN`},
		{"store without a path", []string{"store"}, 2, "--path"},
		{"open listen", []string{"store", "--path", empty, "--listen", "0.0.0.0:0"}, 1, "password"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := run(t, c.args...)
			require.Equal(t, c.status, got.status, got.stderr)
			require.Contains(t, got.stderr, c.want)
			require.Empty(t, got.stdout)
			require.Equal(t, 1, strings.Count(got.stderr, "steptrace:"), got.stderr)
		})
	}
}

func TestMissingEngineLibraryIsNamedWithItsRemedy(t *testing.T) {
	t.Setenv("STEPTRACE_LIBCHDB", filepath.Join(t.TempDir(), "libchdb.so"))
	got := run(t, "store", "--path", t.TempDir(), "--listen", "127.0.0.1:0")
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stderr, "make chdb")
}

func TestDefaultConfigurationIsValid(t *testing.T) {
	got := run(t, "collector", "validate")
	require.Zero(t, got.status, got.stderr)
	printed := run(t, "collector", "--print-default-config")
	require.Zero(t, printed.status)
	path := filepath.Join(t.TempDir(), "config.yaml")
	require.NoError(t, os.WriteFile(path, []byte(printed.stdout), 0o600))
	require.Zero(t, run(t, "collector", "validate", "--config", path).status)
	effective := run(t, "collector", "print-config", "--config", path)
	require.Zero(t, effective.status)
	require.Contains(t, effective.stdout, "quota_share: 0.5", "with the defaults")
}

// The README's and help texts' commands exist.
func TestHelpListsEveryCommand(t *testing.T) {
	help := run(t, "--help")
	require.Zero(t, help.status)
	for _, command := range []string{
		"demo", "up", "agent", "backfill", "collector", "store", "migrate", "executions", "trace", "convert", "sandbox",
	} {
		require.Regexp(t, regexp.MustCompile(`(?m)^  `+command+` +\S`), help.stdout)
		require.Zero(t, run(t, command, "--help").status)
	}
}
