package main

import (
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/steptrace/steptrace/spanid/semconv"
)

const twoStates = `{"StartAt": "Prepare", "States": {
	"Prepare": {"Type": "Pass", "Next": "Rest"},
	"Rest": {"Type": "Wait", "Seconds": 1, "End": true}}}`

// What the backend has not taken, the agent has not sent: neither its sudden death nor an orderly end while the backend
// is away loses an event or a span.
func TestTheAgentLosesNothingWhileTheBackendIsAway(t *testing.T) {
	api := "http://" + startSandbox(t)
	execution := runTwoStates(t, api)
	backend, checkpoint := freeAddress(t), filepath.Join(t.TempDir(), "checkpoint.json")
	env := []string{
		"AWS_ENDPOINT_URL=" + api, "AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=x", "AWS_REGION=eu-west-1",
		"OTEL_EXPORTER_OTLP_ENDPOINT=http://" + backend, "STEPTRACE_CHECKPOINT=" + checkpoint,
	}
	often := "--config=yaml:receivers::stepfunctions::poll_interval: 100ms"

	awaitTry, free := hangUp(t, backend)
	killed := start(t, env, "agent", often)
	awaitTry()
	require.Never(t, func() bool {
		text, err := os.ReadFile(checkpoint)
		return err == nil && strings.Contains(string(text), `"finished":true`)
	}, 2*time.Second, 50*time.Millisecond, "nobody has taken the events")
	require.NoError(t, killed.Process.Kill())
	require.Error(t, killed.Wait())

	stopped := start(t, env, "agent", often)
	awaitTry()
	asked := time.Now()
	require.NoError(t, stopped.Process.Signal(syscall.SIGTERM))
	require.NoError(t, stopped.Wait())
	require.Less(t, time.Since(asked), 5*time.Second, "it does not wait for the backend in order to end")
	free()

	sink := newOTLPSink()
	sink.serve(t, backend)
	start(t, env, "agent", often)
	require.Eventually(t, func() bool { return sink.has(6, 3) }, 30*time.Second, 50*time.Millisecond)
	require.Equal(t, map[int64]string{
		1: "ExecutionStarted", 2: "PassStateEntered", 3: "PassStateExited",
		4: "WaitStateEntered", 5: "WaitStateExited", 6: "ExecutionSucceeded",
	}, sink.logs)
	require.Equal(t, []string{"Prepare", "Rest", "two-states"}, sink.spanNames())
	require.Equal(t, []string{execution}, sink.executions)
	require.Equal(t, []string{twoStates}, sink.definitions)
}

func startSandbox(t *testing.T) string {
	t.Helper()
	address := freeAddress(t)
	start(t, nil, "sandbox", "--listen", address)
	awaitHealthy(t, "http://"+address+"/")
	return address
}

// runTwoStates runs an execution to its end and returns its ARN.
func runTwoStates(t *testing.T, api string) string {
	t.Helper()
	client := sfn.New(sfn.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(api), Credentials: aws.AnonymousCredentials{},
	})
	machine, err := client.CreateStateMachine(t.Context(), &sfn.CreateStateMachineInput{
		Name: aws.String("two-states"), Definition: aws.String(twoStates),
		RoleArn: aws.String("arn:aws:iam::123456789012:role/any"),
	})
	require.NoError(t, err)
	execution, err := client.StartExecution(t.Context(), &sfn.StartExecutionInput{
		StateMachineArn: machine.StateMachineArn, Input: aws.String("{}"),
	})
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		out, err := client.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: execution.ExecutionArn})
		return err == nil && out.Status == "SUCCEEDED"
	}, 10*time.Second, 50*time.Millisecond)
	return *execution.ExecutionArn
}

// hangUp ends each connection to the address without an answer, until it is told to free the address. awaitTry waits
// for a connection made from then on.
func hangUp(t *testing.T, address string) (awaitTry, free func()) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
	require.NoError(t, err)
	free = func() { _ = listener.Close() }
	t.Cleanup(free)
	var tries atomic.Int64
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
			tries.Add(1)
		}
	}()
	awaitTry = func() {
		before := tries.Load()
		require.Eventually(t, func() bool { return tries.Load() > before }, 30*time.Second, 10*time.Millisecond,
			"nobody tries to send")
	}
	return awaitTry, free
}

// otlpSink takes OTLP over HTTP.
type otlpSink struct {
	mu          sync.Mutex
	executions  []string
	definitions []string
	logs        map[int64]string  // event types by event id
	spans       map[string]string // names by span id
}

func newOTLPSink() *otlpSink { return &otlpSink{logs: map[int64]string{}, spans: map[string]string{}} }

func (s *otlpSink) serve(t *testing.T, address string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", address)
	require.NoError(t, err)
	web := httptest.NewUnstartedServer(s)
	require.NoError(t, web.Listener.Close())
	web.Listener = listener
	web.Start()
	t.Cleanup(web.Close)
}

func (s *otlpSink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(r)
	if err == nil {
		err = s.take(r.URL.Path, body)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
}

func readBody(r *http.Request) ([]byte, error) {
	if r.Header.Get("Content-Encoding") != "gzip" {
		return io.ReadAll(r.Body)
	}
	plain, err := gzip.NewReader(r.Body)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(plain)
}

func (s *otlpSink) take(path string, body []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.HasSuffix(path, "/v1/logs") {
		return s.takeLogs(body)
	}
	return s.takeSpans(body)
}

func (s *otlpSink) takeLogs(body []byte) error {
	request := plogotlp.NewExportRequest()
	if err := request.UnmarshalProto(body); err != nil {
		return err
	}
	for _, resource := range request.Logs().ResourceLogs().All() {
		for _, scope := range resource.ScopeLogs().All() {
			for _, record := range scope.LogRecords().All() {
				if record.EventName() == semconv.StateMachineDefined {
					s.definitions = append(s.definitions, record.Body().Str())
					continue
				}
				id, _ := record.Attributes().Get(semconv.EventID)
				s.logs[id.Int()] = record.EventName()
				arn, _ := record.Attributes().Get(semconv.ExecutionARN)
				s.executions = slices.Compact(append(s.executions, arn.Str()))
			}
		}
	}
	return nil
}

func (s *otlpSink) takeSpans(body []byte) error {
	request := ptraceotlp.NewExportRequest()
	if err := request.UnmarshalProto(body); err != nil {
		return err
	}
	for _, resource := range request.Traces().ResourceSpans().All() {
		for _, scope := range resource.ScopeSpans().All() {
			for _, span := range scope.Spans().All() {
				s.spans[span.SpanID().String()] = span.Name()
			}
		}
	}
	return nil
}

func (s *otlpSink) has(logs, spans int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.logs) >= logs && len(s.spans) >= spans
}

func (s *otlpSink) spanNames() []string {
	names := make([]string, 0, len(s.spans))
	for _, name := range s.spans {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
