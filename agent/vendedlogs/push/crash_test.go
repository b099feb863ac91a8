package push_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/steptrace/steptrace/agent/redact"
	"github.com/steptrace/steptrace/agent/vendedlogs"
	"github.com/steptrace/steptrace/agent/vendedlogs/intake"
	"github.com/steptrace/steptrace/agent/vendedlogs/poll"
	"github.com/steptrace/steptrace/agent/vendedlogs/push"
	"github.com/steptrace/steptrace/agent/vendedlogs/spool"
	"github.com/steptrace/steptrace/agent/vendedlogs/vendedlogstest"
)

// process is what takes pushed lines in one process. Its memory is lost with it, dir and sink are not.
type process struct {
	handler *push.Handler
	in      *intake.Intake
	poller  *poll.Poller
	spool   *spool.Spool
}

func newProcess(t *testing.T, dir string, clock *quartz.Mock, sink *vendedlogstest.Sink) *process {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	in := intake.New(vendedlogs.Limits{
		ReorderWindow: 5 * time.Minute, ExpressSilence: time.Hour, StandardSilence: time.Hour,
		MaxExecutions: 1000, MaxBytes: 64 << 20, MaxRemembered: 1000,
	}, redact.Policy{}, intake.Parts{Traces: sink.Traces(), Logs: sink.Logs(), Clock: clock, Logger: logger})
	kept, err := spool.Open(filepath.Join(dir, "spool"), 1<<30)
	require.NoError(t, err)
	poller, err := poll.New(poll.Config{Checkpoint: filepath.Join(dir, "checkpoint.json")}, poll.Parts{
		Intake: in, Spool: kept, Clock: clock, Logger: logger,
	})
	require.NoError(t, err)
	h := push.New(push.Config{MaxBytes: 1 << 20, MaxPlain: 1 << 20, Patience: time.Minute, AtOnce: 1}, in, kept, clock, logger)
	require.NoError(t, kept.Replay(func(messages []vendedlogs.Message) error {
		return in.Take(t.Context(), push.Source, messages)
	}))
	h.Open()
	return &process{h, in, poller, kept}
}

// TestNothingIsLostWhateverStopsTheProcess pushes lines in any order, some twice, while the process is killed and started
// again, and the spool is trimmed. In the end each trace is that of the whole history.
func TestNothingIsLostWhateverStopsTheProcess(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		clock := quartz.NewMock(t).WithLogger(quartz.NoOpLogger)
		clock.Set(epoch).MustWait(t.Context())
		sink := vendedlogstest.NewSink()
		p := newProcess(t, dir, clock, sink)
		defer func() { require.NoError(t, p.spool.Close()) }()
		var unsent, sent []vendedlogstest.Line
		var at []time.Time // by sent
		executions := 0
		post := func(lines ...vendedlogstest.Line) {
			answer := httptest.NewRecorder()
			p.handler.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/",
				bytes.NewReader(firehose(vendedlogstest.Subscription(t, lines...)))))
			require.Equal(rt, http.StatusOK, answer.Code)
			for _, l := range lines {
				sent, at = append(sent, l), append(at, clock.Now())
			}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"run": func(*rapid.T) {
				unsent = append(unsent, vendedlogstest.Lines(t, fmt.Sprint(arn, executions), vendedlogstest.Simple, clock.Now())...)
				executions++
			},
			"push": func(rt *rapid.T) {
				if len(unsent) > 0 {
					i := rapid.IntRange(0, len(unsent)-1).Draw(rt, "line")
					n := rapid.IntRange(1, min(3, len(unsent)-i)).Draw(rt, "lines")
					post(unsent[i : i+n]...)
					unsent = slices.Delete(unsent, i, i+n)
				}
			},
			"push again": func(rt *rapid.T) {
				for len(sent) > 0 && clock.Now().Sub(at[0]) > 2*time.Hour {
					sent, at = sent[1:], at[1:] // no longer sent again
				}
				if len(sent) > 0 {
					post(sent[rapid.IntRange(0, len(sent)-1).Draw(rt, "line")])
				}
			},
			"kill": func(*rapid.T) {
				require.NoError(rt, p.spool.Close()) // it writes nothing
				p = newProcess(t, dir, clock, sink)
			},
			"trim": func(*rapid.T) { require.NoError(rt, p.poller.Save(t.Context())) },
			"time": func(rt *rapid.T) {
				// Lines that are not sent yet would come too late after the window.
				most := 20 * 60
				if len(unsent) > 0 {
					most = 1
				}
				clock.Advance(time.Duration(rapid.IntRange(1, most).Draw(rt, "seconds")) * time.Second).MustWait(t.Context())
				require.NoError(rt, p.in.Step(t.Context()))
			},
			"": func(*rapid.T) {},
		})
		if len(unsent) > 0 {
			post(unsent...)
		}
		require.NoError(t, p.in.Step(t.Context()))
		require.Len(rt, sink.Records(), 4*executions)
		for _, span := range sink.Spans() {
			require.False(rt, strings.Contains(span, "open") || strings.Contains(span, "missing"), span)
		}
		require.Len(rt, sink.Spans(), 2*executions)
	})
}
