package outbox

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/otlp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// collector has what was posted and answers with err.
type collector struct {
	got  []string
	err  error
	left time.Duration // until the deadline of the last post
}

func (c *collector) post(ctx context.Context, body []byte) error {
	deadline, _ := ctx.Deadline()
	c.left = time.Until(deadline)
	if c.err == nil {
		c.got = append(c.got, string(body))
	}
	return c.err
}

func newOutbox() (*Outbox, *collector, *bytes.Buffer) {
	c, log := &collector{}, &bytes.Buffer{}
	return New(otlp.Traces, c.post, 2*time.Second, slog.New(slog.NewTextHandler(log, nil))), c, log
}

func TestWhatIsQueuedIsOneExport(t *testing.T) {
	o, c, _ := newOutbox()
	o.Flush(t.Context())
	o.Add([]byte("a"), []byte("b"))
	o.Add([]byte("c"))
	o.Flush(t.Context())
	o.Flush(t.Context())
	require.Equal(t, []string{"abc"}, c.got)
}

func TestAnOutageCostsNothingAndLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, c, log := newOutbox()
		c.err = errors.New("away")
		o.Add([]byte("a"))
		o.Flush(t.Context())
		o.Add([]byte("b"))
		c.err = nil
		o.Flush(t.Context()) // it is left alone
		require.Empty(t, c.got)
		time.Sleep(time.Second)
		o.Flush(t.Context())
		require.Equal(t, []string{"ab"}, c.got)
		require.Equal(t, 2, strings.Count(log.String(), "\n"), log)
	})
}

func TestTheLastExportTriesACollectorThatIsLeftAlone(t *testing.T) {
	o, c, _ := newOutbox()
	c.err = errors.New("away")
	o.Add([]byte("a"))
	o.Flush(t.Context())
	c.err = nil
	o.FlushLast(t.Context())
	require.Equal(t, []string{"a"}, c.got)
}

func TestMemoryIsBoundedAndTheOldestIsKept(t *testing.T) {
	o, c, log := newOutbox()
	c.err = errors.New("away")
	o.Add([]byte("first"))
	o.Flush(t.Context())
	o.Add(make([]byte, MaxQueued-5), []byte("too much"))
	require.Equal(t, MaxQueued, o.Size())
	c.err = nil
	o.FlushLast(t.Context())
	require.True(t, strings.HasPrefix(c.got[0], "first\x00"))
	require.Contains(t, log.String(), "bytes_dropped=8")
}

func TestARefusedExportIsDropped(t *testing.T) {
	o, c, log := newOutbox()
	c.err = &otlp.RefusedError{Status: 401}
	o.Add([]byte("a"))
	o.Flush(t.Context())
	require.Zero(t, o.Size())
	require.Contains(t, log.String(), "401 Unauthorized")
}

func TestAnExportEndsBeforeTheInvocationMust(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, c, _ := newOutbox()
		o.Add([]byte("a"))
		o.Flush(t.Context())
		require.Equal(t, 2*time.Second, c.left)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		o.Add([]byte("b"))
		o.Flush(ctx)
		require.Equal(t, 950*time.Millisecond, c.left)
	})
}

func TestASignalWithoutAnEndpointIsLeft(t *testing.T) {
	o := New(otlp.Logs, nil, time.Second, slog.New(slog.DiscardHandler))
	o.Add([]byte("a"))
	o.Flush(t.Context())
	require.Zero(t, o.Size())
}
