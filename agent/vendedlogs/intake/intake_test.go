package intake_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.uber.org/goleak"

	"github.com/steptrace/steptrace/agent/redact"
	"github.com/steptrace/steptrace/agent/vendedlogs"
	"github.com/steptrace/steptrace/agent/vendedlogs/intake"
	"github.com/steptrace/steptrace/agent/vendedlogs/vendedlogstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const arn = "arn:aws:states:eu-west-1:123456789012:express:resize:run:"

var epoch = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

func limits() vendedlogs.Limits {
	return vendedlogs.Limits{
		ReorderWindow: 30 * time.Second, ExpressSilence: 6 * time.Minute, StandardSilence: 24 * time.Hour,
		MaxExecutions: 10_000, MaxBytes: 64 << 20, MaxRemembered: 1000,
	}
}

func messages(t *testing.T, execution, text string) []vendedlogs.Message {
	t.Helper()
	var found []vendedlogs.Message
	for i, l := range vendedlogstest.Lines(t, execution, text, epoch) {
		found = append(found, vendedlogs.Message{Stream: "s", ID: fmt.Sprint(i), Position: i + 1, Time: l.At, Text: l.Text})
	}
	return found
}

// counting answers the calls with the errors, in turn, and nil behind them, and counts what it is given.
type counting struct {
	errs  []error
	calls []int // log records of each call
}

func (c *counting) ConsumeLogs(_ context.Context, logs plog.Logs) error {
	c.calls = append(c.calls, logs.LogRecordCount())
	if len(c.errs) == 0 {
		return nil
	}
	err := c.errs[0]
	c.errs = c.errs[1:]
	return err
}

func (*counting) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

func TestManyExecutionsAreHandedOverTogether(t *testing.T) {
	c := &counting{}
	in := intake.New(limits(), redact.Policy{}, intake.Parts{Logs: c, Clock: quartz.NewMock(t), Logger: slog.New(slog.DiscardHandler)})
	var all []vendedlogs.Message
	for i := range 400 {
		all = append(all, messages(t, fmt.Sprint(arn, i), vendedlogstest.Simple)...)
	}
	require.NoError(t, in.Take(t.Context(), "g", all))
	// Four records and two spans of each: 167 executions make a thousand.
	require.Equal(t, []int{668, 668, 264}, c.calls)
}

func TestRefusals(t *testing.T) {
	busy := errors.New("busy")
	c := &counting{errs: []error{busy, busy, nil, consumererror.NewPermanent(errors.New("never"))}}
	var log strings.Builder
	in := intake.New(limits(), redact.Policy{}, intake.Parts{
		Logs: c, Clock: quartz.NewMock(t), Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	one := messages(t, arn+"1", vendedlogstest.Simple)
	require.NoError(t, in.Take(t.Context(), "g", one), "it is held")
	_, known := in.Resumption(t.Context(), nil, nil, epoch)
	require.False(t, known)
	require.ErrorIs(t, in.Take(t.Context(), "g", messages(t, arn+"2", vendedlogstest.Simple)), intake.ErrRefused)
	require.Equal(t, int64(4), in.Stats().Lines, "nothing of the second was taken")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, in.Settle(ctx), context.Canceled)
	require.NoError(t, in.Step(t.Context()))
	require.NoError(t, in.Settle(t.Context()))
	require.NoError(t, in.Take(t.Context(), "g", messages(t, arn+"2", vendedlogstest.Simple)))
	require.Contains(t, log.String(), "consumer refuses for good, data is dropped")
	require.NoError(t, in.Settle(t.Context()))
	require.Equal(t, []int{4, 4, 4, 4}, c.calls)
}

func TestBadLogEventsAreSaidSparsely(t *testing.T) {
	var log strings.Builder
	clock := quartz.NewMock(t)
	in := intake.New(limits(), redact.Policy{}, intake.Parts{Clock: clock, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	bad := []vendedlogs.Message{{Stream: "s", ID: "e1", Position: 7, Text: "START"}, {Text: "END"}}
	for range 3 {
		require.NoError(t, in.Take(t.Context(), "g", bad))
	}
	require.Equal(t, 1, strings.Count(log.String(), "level=WARN"))
	require.Contains(t, log.String(), "count=2")
	require.Contains(t, log.String(), `stream \"s\", number 7: e1 is not JSON`)
	clock.Advance(10 * time.Second).MustWait(t.Context())
	require.NoError(t, in.Take(t.Context(), "g", bad))
	require.Contains(t, log.String(), "count=6")
	require.Equal(t, int64(8), in.Stats().Bad)
}

func TestPayloadsAreRedacted(t *testing.T) {
	sink := &bodies{}
	redactor, err := redact.New(redact.Rules{Defaults: true})
	require.NoError(t, err)
	in := intake.New(limits(), redact.Policy{Redactor: redactor}, intake.Parts{
		Logs: sink, Clock: quartz.NewMock(t), Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, in.Take(t.Context(), "g", messages(t, arn+"1",
		"1 <- 0 +0 ExecutionStarted input=`{\"password\":\"hunter2\",\"order\":\"o1\"}`")))
	require.Contains(t, sink.text, "o1")
	require.Contains(t, sink.text, "[REDACTED]")
	require.NotContains(t, sink.text, "hunter2")
}

type bodies struct{ text string }

func (b *bodies) ConsumeLogs(_ context.Context, logs plog.Logs) error {
	body, err := (&plog.JSONMarshaler{}).MarshalLogs(logs)
	b.text += string(body)
	return err
}

func (*bodies) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }
