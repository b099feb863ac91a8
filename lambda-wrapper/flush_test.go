package wrapper

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestFlushPolicyOfTheEnvironment(t *testing.T) {
	for _, c := range []struct {
		environment map[string]string
		want        Flush
		err         string
	}{
		{nil, FlushEnd(), ""},
		{map[string]string{"STEPTRACE_FLUSH": "sync"}, Flush{mode: flushSync, interval: 10 * time.Second, spans: 512}, ""},
		{map[string]string{"STEPTRACE_FLUSH": "periodic"}, FlushPeriodic(10*time.Second, 512), ""},
		{map[string]string{
			"STEPTRACE_FLUSH": "periodic", "STEPTRACE_FLUSH_INTERVAL": "1m", "STEPTRACE_FLUSH_SPANS": "9",
		}, FlushPeriodic(time.Minute, 9), ""},
		{map[string]string{"STEPTRACE_FLUSH": "never"}, Flush{}, `STEPTRACE_FLUSH is "never"; it must be end, periodic or sync`},
		{map[string]string{"STEPTRACE_FLUSH": "periodic", "STEPTRACE_FLUSH_INTERVAL": "10"}, Flush{}, "STEPTRACE_FLUSH_INTERVAL"},
		{map[string]string{"STEPTRACE_FLUSH": "periodic", "STEPTRACE_FLUSH_SPANS": "-1"}, Flush{}, "STEPTRACE_FLUSH_SPANS"},
	} {
		cfg, err := newConfig(func(name string) string { return c.environment[name] }, nil)
		if c.err != "" {
			require.ErrorContains(t, err, c.err)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, c.want, cfg.flush)
	}
	cfg, err := newConfig(func(string) string { return "" }, []Option{WithFlush(FlushSync())})
	require.NoError(t, err)
	require.Equal(t, FlushSync(), cfg.flush)
}

func TestPeriodicWaitsForSpansOrTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, m, _ := newTestSender(100)
		s.policy = FlushPeriodic(10*time.Second, 3)
		s.enqueue(ended("a", 2))
		s.flush(context.Background())
		require.Empty(t, m.received())
		s.enqueue(ended("b", 1))
		s.flush(context.Background())
		require.Equal(t, []string{"a0", "a1", "b0"}, namesOf(m.received()))

		s.enqueue(ended("c", 1))
		time.Sleep(9 * time.Second)
		s.flush(context.Background())
		require.Len(t, m.received(), 3)
		time.Sleep(time.Second)
		s.flush(context.Background())
		require.Len(t, m.received(), 4)
	})
}

func TestTheLastFlushAsksACollectorThatWasAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, m, _ := newTestSender(100)
		m.err = errAway
		s.enqueue(ended("a", 1))
		s.flush(context.Background())
		m.err = nil
		s.flush(context.Background())
		require.Empty(t, m.received(), "it is left alone for a second")
		s.flushLast(context.Background())
		require.Len(t, m.received(), 1)
	})
}

func TestPeriodicSendsAtShutdown(t *testing.T) {
	for _, name := range []string{"echo", "sigterm"} {
		t.Run(name, func(t *testing.T) {
			c := newCollector(t, &logbook{})
			c.open()
			f := deployFunction(t, name, map[string]string{
				"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL, "STEPTRACE_FLUSH": "periodic", "STEPTRACE_FLUSH_SPANS": "3",
				"STEPTRACE_FLUSH_INTERVAL": "1h",
			})
			for range 4 {
				f.invoke(1)
			}
			require.Len(t, c.memory.received(), 3)
			f.replace()
			require.Eventually(t, func() bool { return len(c.memory.received()) == 4 }, patience, time.Millisecond)
		})
	}
}

func TestSyncNeedsNoExtension(t *testing.T) {
	env := &lambdaEnv{journal: &logbook{}, refuseExtensions: true}
	c := newCollector(t, env.journal)
	c.open()
	startFunction(t, "echo", env, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, "STEPTRACE_FLUSH=sync")
	env.invoke(t, `1`)
	require.Equal(t, []string{"response", "export"}, env.settled(t))
}
