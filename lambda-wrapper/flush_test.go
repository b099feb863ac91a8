package wrapper

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestExportsBesideFollowEachOtherAndLoseNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, m, _ := newTestSender(100)
		s.post = func(ctx context.Context, body []byte) error {
			time.Sleep(10 * time.Millisecond)
			return m.post(ctx, body)
		}
		begin := time.Now()
		for range 20 {
			s.enqueue(ended("a", 1))
			s.flushBeside(t.Context())
			time.Sleep(time.Millisecond)
		}
		require.Equal(t, 20*time.Millisecond, time.Since(begin), "nobody waited")
		time.Sleep(time.Second)
		require.Len(t, m.received(), 20)
		require.Equal(t, 3, m.count())
	})
}

func TestConcurrentInvocationsSendPeriodicallyByTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, m, _ := newTestSender(100)
		tel := &telemetry{sender: s, concurrent: true, cfg: config{
			flush: FlushPeriodic, flushSpans: 50, flushInterval: 10 * time.Second,
		}}
		for range 3 {
			s.enqueue(ended("a", 1))
			tel.afterResponse(t.Context())
		}
		time.Sleep(10*time.Second - time.Nanosecond)
		synctest.Wait()
		require.Zero(t, m.count())
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		require.Len(t, m.received(), 3)
		require.Equal(t, 1, m.count())
	})
}

func TestWhenPeriodicExportsAreDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(10)
		require.False(t, q.due(1, 0), "there is nothing")
		for _, span := range ended("a", 2) {
			q.OnEnd(span)
		}
		require.True(t, q.due(2, time.Minute))
		require.False(t, q.due(3, time.Minute))
		time.Sleep(time.Minute)
		require.True(t, q.due(3, time.Minute))
		q.take()
		require.False(t, q.due(1, time.Minute))
	})
}

func TestSettingsOfFlushing(t *testing.T) {
	read := func(env map[string]string, options ...Option) (config, error) {
		return newConfig(func(name string) string { return env[name] }, options)
	}
	c, err := read(nil)
	require.NoError(t, err)
	require.Equal(t, []any{FlushEnd, 512, 10 * time.Second}, []any{c.flush, c.flushSpans, c.flushInterval})
	c, err = read(map[string]string{
		"STEPTRACE_FLUSH": "periodic", "STEPTRACE_FLUSH_SPANS": "7", "STEPTRACE_FLUSH_INTERVAL": "3s",
		"STEPTRACE_TIMEOUT_MARGIN": "1s", "STEPTRACE_QUEUE_SIZE": "9",
	})
	require.NoError(t, err)
	require.Equal(t, []any{FlushPeriodic, 7, 3 * time.Second}, []any{c.flush, c.flushSpans, c.flushInterval})
	require.Equal(t, []any{time.Second, 9}, []any{c.timeoutMargin, c.queueSize})
	c, err = read(map[string]string{"STEPTRACE_FLUSH": "never"}, WithFlush(FlushSync))
	require.NoError(t, err, "options win")
	require.Equal(t, FlushSync, c.flush)
	for name, value := range map[string]string{
		"STEPTRACE_FLUSH": "never", "STEPTRACE_FLUSH_SPANS": "0", "STEPTRACE_FLUSH_INTERVAL": "10",
		"STEPTRACE_TIMEOUT_MARGIN": "-1s", "STEPTRACE_QUEUE_SIZE": "many",
	} {
		_, err := read(map[string]string{name: value})
		require.ErrorContains(t, err, name)
		require.ErrorContains(t, err, value)
	}
}

func TestSettingsDecideWhatIsShared(t *testing.T) {
	read := func(options ...Option) config {
		c, err := newConfig(func(string) string { return "" }, append(options, WithEndpoint("http://c")))
		require.NoError(t, err)
		return c
	}
	require.True(t, read().equal(read()))
	require.True(t, read(WithHeader("a", "b")).equal(read(WithHeader("a", "b"))))
	require.False(t, read().equal(read(WithServiceName("s"))))
	require.False(t, read(WithHeader("a", "b")).equal(read(WithHeader("a", "c"))))
}
