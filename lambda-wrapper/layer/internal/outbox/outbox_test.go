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
	o.Add(make([]byte, MaxQueued-SizeOf([]byte("first"))-SizeOf(nil)), []byte("too much"))
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

// Another export may hang, which another invocation or the function's SDK has begun.
func TestAFlushDoesNotOutwaitItsInvocation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, flush := range map[string]func(*Outbox, context.Context){"a flush": (*Outbox).Flush, "the last": (*Outbox).FlushLast} {
			o, _, _ := newOutbox()
			o.post = func(ctx context.Context, _ []byte) error {
				<-ctx.Done()
				return ctx.Err()
			}
			o.Add([]byte("a"))
			done := make(chan struct{})
			go func() {
				o.Flush(context.Background())
				close(done)
			}()
			synctest.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			began := time.Now()
			flush(o, ctx)
			require.Less(t, time.Since(began), 100*time.Millisecond, name)
			cancel()
			<-done
		}
	})
}

// picky refuses what has "bad" in it.
func picky(o *Outbox, status int) (accepted *[]string, posts *int) {
	accepted, posts = &[]string{}, new(int)
	o.post = func(_ context.Context, body []byte) error {
		*posts++
		if bytes.Contains(body, []byte("bad")) {
			return &otlp.RefusedError{Status: status}
		}
		*accepted = append(*accepted, string(body))
		return nil
	}
	return accepted, posts
}

func TestABadRequestDoesNotCostTheOthers(t *testing.T) {
	for _, status := range []int{400, 413} {
		o, _, log := newOutbox()
		accepted, _ := picky(o, status)
		o.Add([]byte("a"), []byte("b"), []byte("bad"), []byte("c"), []byte("d"))
		o.Flush(t.Context())
		require.Equal(t, "abcd", strings.Join(*accepted, ""))
		require.Equal(t, 1, strings.Count(log.String(), "\n"), log)
		require.Zero(t, o.Size())
		o.Add([]byte("e"))
		o.Flush(t.Context())
		require.Equal(t, "abcde", strings.Join(*accepted, ""), "it is not left alone")
	}
}

func TestACollectorThatRefusesAllIsNotAskedForEach(t *testing.T) {
	for status, want := range map[int]int{400: maxPosts, 401: 1, 404: 1} {
		o, _, _ := newOutbox()
		_, posts := picky(o, status)
		for range 1000 {
			o.Add([]byte("bad"))
		}
		o.Flush(t.Context())
		require.LessOrEqual(t, *posts, want+10)
		require.Zero(t, o.Size())
	}
}

func TestWhatWasNotReachedAmongHalvesIsKept(t *testing.T) {
	o, _, _ := newOutbox()
	o.post = func(_ context.Context, body []byte) error {
		if string(body) == "ab" {
			return &otlp.RefusedError{Status: 400}
		}
		return errors.New("away")
	}
	o.Add([]byte("a"), []byte("b"))
	o.Flush(t.Context())
	require.Equal(t, SizeOf([]byte("a"))+SizeOf([]byte("b")), o.Size())
}

func TestManySmallRequestsCountForTheMemoryTheyTake(t *testing.T) {
	o, _, _ := newOutbox()
	for range MaxQueued / 16 {
		o.Add([]byte("x"))
	}
	require.Less(t, len(o.queued), MaxQueued/32)
}

func TestWhatIsDroppedWithoutAnOutageIsSaid(t *testing.T) {
	o, _, log := newOutbox()
	o.Add([]byte("a"), make([]byte, MaxQueued))
	o.Flush(t.Context())
	require.Equal(t, 1, strings.Count(log.String(), "bytes_dropped=4194304"), log)
}

func TestNothingIsNotSent(t *testing.T) {
	o, c, _ := newOutbox()
	o.Add(nil, []byte{})
	o.Flush(t.Context())
	require.Empty(t, c.got)
}

func TestASignalWithoutAnEndpointIsLeft(t *testing.T) {
	o := New(otlp.Logs, nil, time.Second, slog.New(slog.DiscardHandler))
	o.Add([]byte("a"))
	o.Flush(t.Context())
	require.Zero(t, o.Size())
}
