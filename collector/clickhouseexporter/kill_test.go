package clickhouseexporter

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/steptrace/steptrace/collector/loopback"
	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store/embedded"
)

// engineEnv makes the test binary an engine on the folder that it names, listening on engineListenEnv. With
// enginePasswordEnv it has the users writer and reader, who have that password.
const (
	engineEnv         = "STEPTRACE_TEST_ENGINE"
	engineListenEnv   = "STEPTRACE_TEST_ENGINE_LISTEN"
	enginePasswordEnv = "STEPTRACE_TEST_ENGINE_PASSWORD"
)

// runEngine serves until standard input ends, so that it never outlives the test.
func runEngine(path string) int {
	cfg := embedded.Config{Path: path, Listen: os.Getenv(engineListenEnv)}
	if password := os.Getenv(enginePasswordEnv); password != "" {
		cfg.Users = []embedded.User{{Name: "writer", Password: password}, {Name: "reader", Password: password, ReadOnly: true}}
	}
	server, err := embedded.Open(context.Background(), cfg)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(server.URL())
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := server.Close(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

type engineProcess struct {
	*exec.Cmd
	url   string
	stdin io.Closer
}

func startEngine(t *testing.T, path, listen string, env ...string) *engineProcess {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), engineEnv+"="+path, engineListenEnv+"="+listen), env...)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	url, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err, "the engine did not start")
	return &engineProcess{cmd, url[:len(url)-1], stdin}
}

// kill is kill -9: nothing is flushed or closed.
func (e *engineProcess) kill(t *testing.T) {
	require.NoError(t, e.Process.Kill())
	require.Error(t, e.Wait())
}

const (
	killBatches   = 30
	killBatchRows = 40
)

// numbered makes spans of attempts with the numbers from first on, which sfn_attempts is fed with.
func numbered(first, n int) ptrace.Traces {
	td := ptrace.NewTraces()
	spans := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
	for number := first; number < first+n; number++ {
		s := spans.AppendEmpty()
		id := pcommon.SpanID{}
		binary.BigEndian.PutUint64(id[:], uint64(number)+1)
		s.SetTraceID(pcommon.TraceID{1, 15: byte(number % 7)})
		s.SetSpanID(id)
		s.SetStartTimestamp(pcommon.NewTimestampFromTime(start.Add(time.Duration(number))))
		s.Attributes().PutStr(semconv.Kind, semconv.KindAttempt)
		s.Attributes().PutStr(semconv.LambdaInvokedARN, "arn:aws:lambda:eu-west-1:123456789012:function:f")
	}
	return td
}

func started(number int) plog.Logs {
	ld := plog.NewLogs()
	r := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	r.SetTimestamp(pcommon.NewTimestampFromTime(start))
	r.SetEventName("ExecutionStarted")
	arn := fmt.Sprintf("arn:aws:states:eu-west-1:123456789012:execution:m:%d", number)
	r.Attributes().PutStr(semconv.ExecutionARN, arn)
	r.Attributes().PutInt(semconv.EventID, 1)
	return ld
}

// ClickHouse is killed while batches are written; then everything is sent again in other batches, as after a crash of
// the sender. Nothing may be lost and nothing counted twice.
func TestKilledEngineLosesAndDoublesNothing(t *testing.T) {
	dir := t.TempDir()
	listen, err := loopback.FreeAddress(t.Context())
	require.NoError(t, err)
	engine := startEngine(t, dir, listen)
	cfg := unqueued(engine.url)
	cfg.Retry.Enabled = true
	cfg.Retry.InitialInterval, cfg.Retry.MaxInterval = 20*time.Millisecond, 100*time.Millisecond
	traces, logs := startTraces(t, cfg), startLogs(t, cfg)

	stored, done := make(chan int), make(chan error, 1)
	go func() {
		defer close(stored)
		for batch := range killBatches {
			if err := traces.ConsumeTraces(t.Context(), numbered(batch*killBatchRows, killBatchRows)); err != nil {
				done <- err
				return
			}
			if err := logs.ConsumeLogs(t.Context(), started(batch)); err != nil {
				done <- err
				return
			}
			stored <- batch
		}
		done <- nil
	}()
	for batch := range stored {
		if batch == 5 || batch == 17 { // the next one is on its way
			engine.kill(t)
			engine = startEngine(t, dir, listen)
		}
	}
	require.NoError(t, <-done)

	conn := connect(t, engine.url+"/default")
	const rows = killBatches * killBatchRows
	require.EqualValues(t, rows, count(t, conn, "SELECT uniqExact(TraceId, SpanId) FROM otel_traces"), "nothing is lost")

	for first := 0; first < rows; first += 3 * killBatchRows {
		require.NoError(t, traces.ConsumeTraces(t.Context(), numbered(first, 3*killBatchRows)))
	}
	for _, test := range []struct{ query, why string }{
		{"SELECT count() FROM otel_traces FINAL", "spans"},
		{"SELECT count() FROM (SELECT 1 FROM otel_traces LIMIT 1 BY TraceId, SpanId)", "spans as they are read"},
		{"SELECT count() FROM sfn_attempts FINAL", "what a view made of them"},
	} {
		require.EqualValues(t, rows, count(t, conn, test.query), test.why)
	}
	require.EqualValues(t, killBatches, count(t, conn, "SELECT count() FROM otel_logs FINAL"))
	require.EqualValues(t, killBatches, count(t, conn, "SELECT uniqExact(ExecutionArn) FROM sfn_executions"))

	require.NoError(t, engine.stdin.Close())
	require.NoError(t, engine.Wait())
}
