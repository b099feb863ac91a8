package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/steptrace/steptrace/agent"
	"github.com/steptrace/steptrace/sandbox"
	"github.com/steptrace/steptrace/spanid/semconv"
)

const oneState = `{"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": true}}}`

// backfilled is a sandbox with AWS's quotas and executions that have ended, a backend, and what a backfill needs.
type backfilled struct {
	t       *testing.T
	sandbox *sandbox.Sandbox
	client  *sfn.Client
	backend *arrivals
	env     []string
	args    []string
}

func newBackfilled(t *testing.T, executions int) *backfilled {
	t.Helper()
	s, err := sandbox.Start(t.Context(), sandbox.Config{Quotas: sandbox.PublishedQuotas()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close(context.Background())) })
	b := &backfilled{t: t, sandbox: s, backend: &arrivals{events: map[string]int{}, spans: map[string]int{}}}
	b.client = sfn.New(sfn.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(s.URL()), Credentials: aws.AnonymousCredentials{},
	})
	backend := httptest.NewServer(b.backend)
	t.Cleanup(backend.Close)
	b.env = []string{
		"AWS_ENDPOINT_URL=" + s.URL(), "AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=x", "AWS_REGION=eu-west-1",
		"OTEL_EXPORTER_OTLP_ENDPOINT=" + backend.URL,
	}
	b.args = []string{"backfill", "--since", "1d", "--checkpoint", filepath.Join(t.TempDir(), "checkpoint.json")}
	b.run(executions)
	return b
}

// run runs executions of four events and two spans to their ends.
func (b *backfilled) run(executions int) {
	b.t.Helper()
	machine, err := b.client.CreateStateMachine(b.t.Context(), &sfn.CreateStateMachineInput{
		Name: aws.String("one-state"), Definition: aws.String(oneState),
		RoleArn: aws.String("arn:aws:iam::123456789012:role/any"),
	})
	require.NoError(b.t, err)
	for range executions {
		_, err := b.client.StartExecution(b.t.Context(), &sfn.StartExecutionInput{StateMachineArn: machine.StateMachineArn})
		require.NoError(b.t, err)
	}
	require.Eventually(b.t, func() bool {
		out, err := b.client.ListExecutions(b.t.Context(), &sfn.ListExecutionsInput{
			StateMachineArn: machine.StateMachineArn, StatusFilter: "SUCCEEDED", MaxResults: 1000,
		})
		return err == nil && len(out.Executions) == executions
	}, 20*time.Second, 200*time.Millisecond)
}

func (b *backfilled) calls() int { return int(b.sandbox.Calls()["states:GetExecutionHistory"]) }

// backfill runs the program to its end.
func (b *backfilled) backfill(args ...string) outcome {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 90*time.Second)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, program, append(append([]string{}, b.args...), args...)...)
	cmd.Stdout, cmd.Stderr, cmd.Env = &stdout, &stderr, append(cmd.Environ(), b.env...)
	_ = cmd.Run() // the status tells
	return outcome{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

func (b *backfilled) progress(o outcome) (p agent.Progress) {
	b.t.Helper()
	require.NoError(b.t, json.Unmarshal([]byte(o.stdout), &p), "%s\n%s", o.stdout, o.stderr)
	return p
}

// arrivals counts what has arrived over OTLP/HTTP.
type arrivals struct {
	mu          sync.Mutex
	events      map[string]int // by execution and event id
	spans       map[string]int // by id
	definitions int
}

func (a *arrivals) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(r)
	if err == nil {
		err = a.take(r.URL.Path, body)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
}

func (a *arrivals) take(path string, body []byte) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if strings.HasSuffix(path, "/v1/logs") {
		return a.takeLogs(body)
	}
	return a.takeSpans(body)
}

func (a *arrivals) takeLogs(body []byte) error {
	request := plogotlp.NewExportRequest()
	if err := request.UnmarshalProto(body); err != nil {
		return err
	}
	for _, resource := range request.Logs().ResourceLogs().All() {
		for _, record := range resource.ScopeLogs().At(0).LogRecords().All() {
			id, ok := record.Attributes().Get(semconv.EventID)
			if !ok {
				a.definitions++
				continue
			}
			arn, _ := record.Attributes().Get(semconv.ExecutionARN)
			a.events[fmt.Sprint(arn.Str(), " ", id.Int())]++
		}
	}
	return nil
}

func (a *arrivals) takeSpans(body []byte) error {
	request := ptraceotlp.NewExportRequest()
	if err := request.UnmarshalProto(body); err != nil {
		return err
	}
	for _, resource := range request.Traces().ResourceSpans().All() {
		for _, span := range resource.ScopeSpans().At(0).Spans().All() {
			a.spans[span.SpanID().String()]++
		}
	}
	return nil
}

func (a *arrivals) countDefinitions() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.definitions
}

// count is how many different events and spans have arrived, and how many arrived again.
func (a *arrivals) count() (events, spans, again int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, arrived := range []map[string]int{a.events, a.spans} {
		for _, n := range arrived {
			again += n - 1
		}
	}
	return len(a.events), len(a.spans), again
}

// Killed in the midst of its work, a backfill goes on where it was: nothing is missing, and what had been delivered is
// not read again. All along it keeps to its share of the quotas.
func TestABackfillGoesOnAfterAKill(t *testing.T) {
	const executions, atOnce, perSecond = 60, 40, 2 // with a share of a tenth
	b := newBackfilled(t, executions)
	b.args = append(b.args, "--quota-share", "0.1", "--output", "json")
	began := time.Now()
	killed := start(t, b.env, b.args...)
	require.Eventually(t, func() bool { // two more than the first poll, which is in the checkpoint then
		events, _, _ := b.backend.count()
		return events >= 4*(atOnce+2)
	}, 60*time.Second, 10*time.Millisecond)
	require.NoError(t, killed.Process.Kill())
	require.Error(t, killed.Wait())
	read := b.calls()
	require.LessOrEqual(t, float64(read), atOnce+perSecond*time.Since(began).Seconds()+1)

	ended := b.backfill()
	require.Zero(t, ended.status, ended.stderr)
	p := b.progress(ended)
	require.True(t, p.Complete)
	require.Equal(t, executions, p.Found)
	require.Equal(t, executions, p.Read)
	events, spans, again := b.backend.count()
	require.Equal(t, 4*executions, events)
	require.Equal(t, 2*executions, spans)
	const underWay = executions - atOnce // at most: the first poll's were in the checkpoint
	require.LessOrEqual(t, b.calls(), executions+underWay)
	require.LessOrEqual(t, again, 6*underWay)
	require.Empty(t, b.sandbox.Throttled())
}

func TestABackfillSaysWhatCameOfIt(t *testing.T) {
	b := newBackfilled(t, 5)
	ended := b.backfill()
	require.Zero(t, ended.status, ended.stderr)
	require.Contains(t, ended.stdout, "executions  5 of 5: 5 read\nnested      0 of them\nevents      20\n")
	require.Empty(t, ended.stderr)
	require.Equal(t, 1, b.backend.countDefinitions())

	const missing = "arn:aws:states:eu-west-1:123456789012:stateMachine:missing"
	machine := strings.Replace(missing, "missing", "one-state", 1)
	ended = b.backfill("--since", "2h", "--state-machine", missing, "--state-machine", machine, "--output", "json")
	require.Equal(t, 1, ended.status)
	p := b.progress(ended)
	require.False(t, p.Complete)
	require.Equal(t, 5, p.Read)
	require.Len(t, p.Left, 1)
	require.Equal(t, missing, p.Left[0].ARN)
	require.Contains(t, p.Left[0].Reason, "StateMachineDoesNotExist")
	require.Contains(t, ended.stderr, "not everything is there")

	ended = b.backfill("--since", "3h")
	require.Equal(t, 1, ended.status)
	require.Contains(t, ended.stderr, "is that of an unfinished backfill")
	require.Empty(t, ended.stdout)
}

func TestABackfillOfAPeriodWithoutExecutions(t *testing.T) {
	b := newBackfilled(t, 1)
	ended := b.backfill("--since", "2d", "--until", "1d", "--output", "json")
	require.Zero(t, ended.status, ended.stderr)
	require.Zero(t, b.progress(ended).Found)
	require.Zero(t, b.calls())
}

// While the backend is away a backfill waits; it does not when it is asked to end.
func TestABackfillCanBeInterrupted(t *testing.T) {
	b := newBackfilled(t, 3)
	backend := freeAddress(t)
	awaitTry, free := hangUp(t, backend)
	env := append(append([]string{}, b.env...), "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+backend)
	interrupted := start(t, env, b.args...)
	awaitTry()
	require.NoError(t, interrupted.Process.Signal(syscall.SIGTERM))
	require.Error(t, interrupted.Wait())
	require.Equal(t, 130, interrupted.ProcessState.ExitCode())
	free()
	ended := b.backfill("--output", "json")
	require.Zero(t, ended.status, ended.stderr)
	require.Equal(t, 3, b.progress(ended).Read)
	_, _, again := b.backend.count()
	require.Zero(t, again)
}
