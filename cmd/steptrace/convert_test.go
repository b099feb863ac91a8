package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/steptrace/steptrace/store"
)

const convertedARN = "arn:aws:states:eu-west-1:123456789012:execution:images:a"

// cliHistory is as `aws stepfunctions get-execution-history` prints it.
const cliHistory = `{
    "events": [
        {
            "timestamp": "2026-11-23T09:00:00.000000+01:00",
            "type": "ExecutionStarted",
            "id": 1,
            "previousEventId": 0,
            "executionStartedEventDetails": {"input": "{}", "roleArn": "arn:aws:iam::123456789012:role/r"}
        },
        {
            "timestamp": "2026-11-23T09:00:00.010000+01:00",
            "type": "ParallelStateEntered",
            "id": 2,
            "previousEventId": 0,
            "stateEnteredEventDetails": {"name": "Both", "input": "{}"}
        },
        {"timestamp": 1795420800.01, "type": "ParallelStateStarted", "id": 3, "previousEventId": 2},
        {
            "timestamp": 1795420800.01,
            "type": "WaitStateEntered",
            "id": 4,
            "previousEventId": 3,
            "stateEnteredEventDetails": {"name": "Wait"}
        },
        {
            "timestamp": 1795420800.02,
            "type": "FailStateEntered",
            "id": 5,
            "previousEventId": 3,
            "stateEnteredEventDetails": {"name": "Give up"}
        }
    ]
}
`

const (
	endPage = `{"events":[{"timestamp":1795420800.04,"type":"ExecutionFailed","id":6,"previousEventId":5,
		"executionFailedEventDetails":{"error":"Tired","cause":"no more"}}]}`
	convertedDefinition = `{"StartAt":"Both","States":{"Both":{"Type":"Parallel","End":true,"Branches":[
		{"StartAt":"Give up","States":{"Give up":{"Type":"Fail","Error":"Tired","Cause":"no more"}}},
		{"StartAt":"Wait","States":{"Wait":{"Type":"Wait","Seconds":1,"End":true}}}]}}}`
	convertedDescription = `{"executionArn":"` + convertedARN + `","status":"FAILED","startDate":1795420800,
		"stateMachineArn":"arn:aws:states:eu-west-1:123456789012:stateMachine:images"}`
	convertedLogs = `{"id":"2","type":"ExecutionSucceeded","details":{},"previous_event_id":"0",` +
		`"event_timestamp":"1795420800005","execution_arn":"arn:aws:states:eu-west-1:123456789012:express:e:b:c"}
{"id":"1","type":"ExecutionStarted","details":{},"previous_event_id":"0",` +
		`"event_timestamp":"1795420800000","execution_arn":"arn:aws:states:eu-west-1:123456789012:express:e:b:c"}
`
)

// written puts a file into a folder and returns its path.
func written(t *testing.T, dir, name string, body []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, body, 0o600))
	return path
}

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(text))
	require.NoError(t, errors.Join(err, z.Close()))
	return b.Bytes()
}

// runWith runs the program with standard input, 90 columns wide.
func runWith(t *testing.T, stdin string, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &stdout, &stderr
	cmd.Env = append(os.Environ(), "COLUMNS=90")
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return outcome{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

func TestConvertDrawsWhatTheCLIPrinted(t *testing.T) {
	dir := t.TempDir()
	definition := written(t, dir, "d.asl.json", []byte(convertedDefinition))
	described := written(t, dir, "x.json", []byte(convertedDescription))
	got := runWith(t, cliHistory+endPage, "convert", "--definition", definition, "--describe", described, "-")
	require.Zero(t, got.status, got.stderr)
	require.Empty(t, got.stderr)
	require.Equal(t, strings.TrimPrefix(`
FAILED  `+convertedARN+`
trace 66ed858f41237acf14ba05fb793f9180

                              0                                                     40.0ms
✗ execution images    40.0ms  ████████████████████████████████████████████████████████████
└─ ✗ Both             30.0ms                 █████████████████████████████████████████████
   ├─ ✗ branch 0      20.0ms                                ██████████████████████████████
   │  └─ ✗ Give up    20.0ms                                ██████████████████████████████
   │        Tired: no more
   └─ ⊘ branch 1      30.0ms                 █████████████████████████████████████████████
      └─ ⊘ Wait       30.0ms                 █████████████████████████████████████████████
`, "\n"), strings.ReplaceAll(got.stdout, " \n", "\n"))
}

// The definition of today need not be the one that an execution used.
func TestConvertWarnsOfADefinitionThatDoesNotFit(t *testing.T) {
	later := `{"StartAt":"Both","States":{"Both":{"Type":"Map","ItemProcessor":{"States":{"Wait":{"Type":"Wait"}}}}}}`
	definition := written(t, t.TempDir(), "d.asl.json", []byte(later))
	got := runWith(t, cliHistory, "convert", "--execution-arn", convertedARN, "--definition", definition, "-")
	require.Zero(t, got.status, got.stderr)
	require.Equal(t, "steptrace: warning: "+convertedARN+": "+definition+
		` is not the definition that it used: it does not have the state "Both", "Give up"`+"\n", got.stderr)
	require.Contains(t, got.stdout, "branch Give up")
}

// The same history, come in several ways, gives the same bytes.
func TestConvertIsTheSameForEveryForm(t *testing.T) {
	dir := t.TempDir()
	first, second := written(t, dir, "1.json", []byte(cliHistory)), written(t, dir, "2.json.gz", zipped(t, endPage))
	one := written(t, dir, "h.json.gz", zipped(t, endPage+"\n"+cliHistory))
	for _, output := range []string{"tree", "json", "otlp-json"} {
		flags := []string{"convert", "--execution-arn", convertedARN, "--output", output}
		want := runWith(t, "", append(flags, one)...)
		require.Zero(t, want.status, want.stderr)
		require.NotEmpty(t, want.stdout)
		require.Equal(t, want, runWith(t, "", append(flags, second, first)...), output)
		require.Equal(t, want, runWith(t, endPage, append(flags, first, "-")...), output)
		require.Equal(t, want, runWith(t, string(zipped(t, cliHistory+endPage)), append(flags, "-")...), output)
	}
}

func TestConvertJSONIsTheShapeOfTrace(t *testing.T) {
	got := runWith(t, cliHistory, "convert", "-o", "json", "--execution-arn", convertedARN, "-")
	require.Zero(t, got.status, got.stderr)
	decoder := json.NewDecoder(strings.NewReader(got.stdout))
	decoder.DisallowUnknownFields()
	var trace store.Trace
	require.NoError(t, decoder.Decode(&trace))
	require.Equal(t, "RUNNING", trace.Status)
	require.Equal(t, convertedARN, trace.ExecutionARN)
	require.True(t, trace.Connected())
	require.Len(t, trace.Events, 5)
	for _, s := range trace.Spans {
		require.Equal(t, "true", s.Attributes["steptrace.open"], s.Name)
	}
}

func TestConvertGivesOTLP(t *testing.T) {
	path := written(t, t.TempDir(), "my.history.json", []byte(cliHistory+endPage))
	got := runWith(t, "", "convert", "-o", "otlp-json", path)
	require.Zero(t, got.status, got.stderr)
	traces, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces([]byte(got.stdout))
	require.NoError(t, err)
	require.Equal(t, 6, traces.SpanCount())
	require.Contains(t, got.stdout, `"arn:aws:states:::execution:unknown:my"`)
	got = runWith(t, "", "convert", "-o", "otlp-json", "--signal", "logs", path)
	require.Zero(t, got.status, got.stderr)
	logs, err := (&plog.JSONUnmarshaler{}).UnmarshalLogs([]byte(got.stdout))
	require.NoError(t, err)
	require.Equal(t, 6, logs.LogRecordCount())
}

func TestConvertReadsLogLines(t *testing.T) {
	got := runWith(t, convertedLogs+convertedLogs, "convert", "--format", "vended-logs", "-o", "json", "-")
	require.Zero(t, got.status, got.stderr)
	var trace store.Trace
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &trace))
	require.Equal(t, "SUCCEEDED", trace.Status)
	require.Len(t, trace.Events, 2)
	require.Equal(t, "e", trace.Spans[0].Service)
}

func TestConvertWarnsOfGaps(t *testing.T) {
	got := runWith(t, endPage, "convert", "--execution-arn", convertedARN, "-")
	require.Zero(t, got.status, got.stderr)
	require.Equal(t, "steptrace: warning: "+convertedARN+": no event 1–5\n", got.stderr)
	require.Contains(t, got.stdout, "✗ execution images")
}

func TestConvertAnswersMistakesClearly(t *testing.T) {
	dir := t.TempDir()
	good := written(t, dir, "good.json", []byte(cliHistory))
	named := func(name, body string) string { return written(t, dir, name, []byte(body)) }
	cases := []struct {
		name   string
		args   []string
		status int
		want   string
	}{
		{"no file", nil, 2, "requires at least 1 arg(s)"},
		{"no such format", []string{"--format", "xml", good}, 2, "--format xml: not one of [history vended-logs]"},
		{"no such output", []string{"-o", "yaml", good}, 2, "--output yaml: not one of [tree json otlp-json]"},
		{"no such signal", []string{"-o", "otlp-json", "--signal", "metrics", good}, 2, "--signal metrics: not one of"},
		{"signal without OTLP", []string{"--signal", "logs", good}, 2, "--signal is for --output otlp-json"},
		{"no ARN", []string{"--execution-arn", "images:a", good}, 2, `--execution-arn: want an execution's ARN`},
		{"two ARNs", []string{"--execution-arn", convertedARN, "--describe", good, good}, 2, "give one of them"},
		{"standard input twice", []string{"--definition", "-", "-"}, 2, "- is given 2 times"},
		{"no such file", []string{good, filepath.Join(dir, "none.json")}, 1, "none.json: no such file"},
		{"folder", []string{dir}, 1, "is a directory"},
		{"nothing on standard input", []string{"-"}, 1, "history stdin is empty"},
		{"cut off", []string{good, named("cut.json", cliHistory[:200])}, 1, "cut.json is not whole"},
		{
			"event without a time",
			[]string{good, named("e.json", "\n"+`{"events":[{"id":9,"type":"T"}]}`)},
			1,
			"e.json:2: event 1 (id 9): timestamp: is missing",
		},
		{"gzip cut off", []string{named("cut.gz", string(zipped(t, cliHistory))[:40])}, 1, "cut.gz: unexpected EOF"},
		{"UTF-16", []string{named("w.json", "\xff\xfe{\x00")}, 1, "w.json is UTF-16"},
		{"bad definition", []string{"--definition", good, good}, 1, `good.json has no member "States"`},
		{"bad description", []string{"--describe", good, good}, 1, "good.json is not the JSON of DescribeExecution"},
		{"log lines as history", []string{named("l.jsonl", convertedLogs)}, 1, "read them with --format vended-logs"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := runWith(t, "", append([]string{"convert"}, c.args...)...)
			require.Equal(t, c.status, got.status, got.stderr)
			require.Contains(t, got.stderr, c.want)
			require.Empty(t, got.stdout)
			require.Equal(t, 1, strings.Count(got.stderr, "steptrace:"), got.stderr)
		})
	}
}

func TestInputsAreBounded(t *testing.T) {
	in := inputs{stdin: strings.NewReader("12345"), limit: 4}
	_, err := in.read("-")
	require.EqualError(t, err, "stdin is larger than the 4 bytes that are read at once")
	bomb := zipped(t, strings.Repeat(" ", 1<<20))
	in = inputs{stdin: bytes.NewReader(bomb), limit: int64(len(bomb))}
	_, err = in.read("-")
	require.ErrorContains(t, err, "stdin is larger than the")
}
