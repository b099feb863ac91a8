package wrapper

import (
	"encoding/base64"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// start runs a traced function that sends to a collector, both writing into one journal, and waits for its init.
func start(t *testing.T, name string, env *lambdaEnv) (*lambdaEnv, *collector) {
	t.Helper()
	env.journal = &logbook{}
	c := newCollector(t, env.journal)
	startFunction(t, name, env, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL)
	init := env.settled(t)
	if env.refuseExtensions {
		require.Empty(t, init)
	} else {
		require.Equal(t, []string{"register steptrace-wrapper"}, init)
	}
	return env, c
}

func TestSpansLeaveAfterTheResponseAndBeforeTheFreeze(t *testing.T) {
	for name, refuse := range map[string]bool{"extension": false, "no extension": true} {
		t.Run(name, func(t *testing.T) {
			env, c := start(t, "echo", &lambdaEnv{refuseExtensions: refuse})
			c.open()
			for range 3 {
				require.Equal(t, `{"n":9007199254740993}`, string(env.invoke(t, `{"n":9007199254740993}`).body))
				require.Equal(t, []string{"response", "export"}, env.settled(t))
			}
			require.Len(t, c.memory.received(), 3)
		})
	}
}

func TestTheCallerDoesNotWaitForTheCollector(t *testing.T) {
	for name, refuse := range map[string]bool{"extension": false, "no extension": true} {
		t.Run(name, func(t *testing.T) {
			env, c := start(t, "echo", &lambdaEnv{refuseExtensions: refuse})
			require.Equal(t, `1`, string(env.invoke(t, `1`).body)) // and the collector has not answered
			c.open()
			require.Equal(t, []string{"response", "export"}, env.settled(t))
		})
	}
}

func TestACollectorThatNeverAnswersStopsNothing(t *testing.T) {
	env := &lambdaEnv{journal: &logbook{}}
	c := newCollector(t, env.journal)
	startFunction(t, "echo", env, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, "OTEL_EXPORTER_OTLP_TIMEOUT=100")
	env.settled(t)
	for range 3 { // only the first tries; then the collector is left alone for a second
		require.Equal(t, `1`, string(env.invoke(t, `1`).body))
	}
	require.Equal(t, []string{"response", "export", "response", "response"}, env.settled(t))
	_ = env.process.Process.Kill()
	<-env.exited
	require.Equal(t, 1, strings.Count(env.stderr.String(), "steptrace:"), env.stderr.String())
}

func TestSpansOfAnOutageArriveLater(t *testing.T) {
	env, c := start(t, "userspan", &lambdaEnv{})
	c.open()
	c.memory.refuse(errAway)
	env.invoke(t, `{}`)
	env.idle(t)
	c.memory.refuse(nil)
	require.Eventually(t, func() bool {
		env.invoke(t, `{}`)
		env.idle(t)
		return c.memory.has("request-1")
	}, patience, 100*time.Millisecond)
}

func TestErrorsPassUnchangedAndAreSentBeforeTheFreeze(t *testing.T) {
	env, c := start(t, "fail", &lambdaEnv{})
	c.open()
	a := env.invoke(t, `{}`)
	require.Equal(t, "error", a.path)
	require.JSONEq(t, `{"errorMessage":"no such image","errorType":"imageError"}`, string(a.body))
	require.ElementsMatch(t, []string{"error", "export"}, env.settled(t))
	require.Equal(t, "ERROR: no such image", c.memory.received()[0].Status)
}

func TestAPanicIsSentBeforeTheProcessEnds(t *testing.T) {
	env, c := start(t, "panic", &lambdaEnv{})
	c.open()
	kind, message := decodeError(t, env.invoke(t, `{}`).body)
	require.Equal(t, "imageError", kind)
	require.Equal(t, "out of pixels", message)
	receive(t, env.exited, "the process to end")
	require.Equal(t, []string{"export", "error"}, env.journal.take())
	require.Equal(t, "ERROR: out of pixels", c.memory.received()[0].Status)
}

func TestStreamsStayStreams(t *testing.T) {
	env, c := start(t, "stream", &lambdaEnv{})
	c.open()
	a := env.invoke(t, `{}`)
	require.Equal(t, "onetwothree", string(a.body))
	require.Equal(t, "text/plain", a.contentType)
	require.Equal(t, []string{"response", "export"}, env.settled(t))
}

func TestAStreamThatBreaksIsAnError(t *testing.T) {
	env, c := start(t, "badread", &lambdaEnv{})
	c.open()
	a := env.invoke(t, `{}`)
	require.Equal(t, "one", string(a.body))
	require.Equal(t, "imageError", a.trailer.Get("Lambda-Runtime-Function-Error-Type"))
	detail, err := base64.StdEncoding.DecodeString(a.trailer.Get("Lambda-Runtime-Function-Error-Body"))
	require.NoError(t, err)
	require.JSONEq(t, `{"errorMessage":"lost","errorType":"imageError"}`, string(detail))
	require.Equal(t, []string{"response", "export"}, env.settled(t))
	require.Equal(t, "ERROR: lost", c.memory.received()[0].Status)
}

func TestATimeoutIsSeenBeforeLambdaKillsTheFunction(t *testing.T) {
	env, c := start(t, "outlive", &lambdaEnv{})
	c.open()
	env.begin(t, `{}`, 2*time.Second)
	require.Eventually(t, func() bool { return len(c.memory.received()) == 2 }, patience, 10*time.Millisecond)
	require.NoError(t, env.process.Process.Kill()) // as Lambda does
	invocation, resize := c.memory.received()[0], c.memory.received()[1]
	require.Equal(t, invocation.id, resize.parent)
	for _, s := range []gotSpan{invocation, resize} {
		require.Equal(t, "ERROR: had not ended shortly before the function's timeout", s.Status)
		require.Equal(t, true, s.Attributes["steptrace.timed_out"])
		require.Equal(t, "Sandbox.Timedout", s.Attributes["error.type"])
	}
	require.Equal(t, "request-1", invocation.Attributes["faas.invocation_id"])
}

func TestWithoutAnEndpointNothingHappens(t *testing.T) {
	env := startFunction(t, "echo", &lambdaEnv{journal: &logbook{}, refuseExtensions: true})
	require.Equal(t, `{"a":1}`, string(env.invoke(t, `{"a":1}`).body))
	require.Equal(t, []string{"response"}, env.settled(t))
}

// startQuietly is start for functions whose init is not looked at.
func startQuietly(t *testing.T, name string, env *lambdaEnv, variables ...string) (*lambdaEnv, *collector) {
	t.Helper()
	env.journal = &logbook{}
	c := newCollector(t, env.journal)
	c.open()
	startFunction(t, name, env, append(variables, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL)...)
	env.settled(t)
	return env, c
}

func TestSyncSendsAfterTheResponseWithoutAnExtension(t *testing.T) {
	env := &lambdaEnv{journal: &logbook{}, refuseExtensions: true}
	c := newCollector(t, env.journal)
	startFunction(t, "echo", env, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, "STEPTRACE_FLUSH=sync")
	require.Equal(t, `1`, string(env.invoke(t, `1`).body), "the collector has not answered")
	c.open()
	require.Equal(t, []string{"response", "export"}, env.settled(t))
}

func TestPeriodicSendsWhenEnoughHasGathered(t *testing.T) {
	env, c := startQuietly(t, "echo", &lambdaEnv{}, "STEPTRACE_FLUSH=periodic", "STEPTRACE_FLUSH_SPANS=3",
		"STEPTRACE_FLUSH_INTERVAL=1h")
	for _, want := range [][]string{{"response"}, {"response"}, {"response", "export"}, {"response"}} {
		env.invoke(t, `1`)
		require.Equal(t, want, env.settled(t))
	}
	require.Len(t, c.memory.received(), 3)
	env.terminate(t, func() bool { return c.memory.has("request-4") })
}

// terminate sends SIGTERM, as Lambda does at shutdown, until what is to be sent has come: a busy machine may need more
// than the half second that Lambda leaves.
func (e *lambdaEnv) terminate(t *testing.T, sent func() bool) {
	t.Helper()
	require.Eventually(t, func() bool {
		require.NoError(t, e.process.Process.Signal(syscall.SIGTERM))
		return sent()
	}, patience, 50*time.Millisecond)
}

func TestPeriodicSendsWhatHasWaitedLongEnough(t *testing.T) {
	env, _ := startQuietly(t, "echo", &lambdaEnv{}, "STEPTRACE_FLUSH=periodic", "STEPTRACE_FLUSH_INTERVAL=1ns")
	env.invoke(t, `1`)
	require.Equal(t, []string{"response", "export"}, env.settled(t))
}

func TestHandlersOfSIGTERMStillRunAndTheirSpansAreSent(t *testing.T) {
	env, c := startQuietly(t, "sigterm", &lambdaEnv{})
	env.invoke(t, `1`)
	require.Equal(t, []string{"response", "export"}, env.settled(t))
	env.terminate(t, func() bool {
		spans := c.memory.received()
		return len(spans) == 2 && spans[1].Name == "farewell"
	})
}

func TestAHandlerWrappedAgainIsTracedOnce(t *testing.T) {
	env, c := startQuietly(t, "several", &lambdaEnv{})
	env.invoke(t, `1`)
	require.Equal(t, []string{"response", "export"}, env.settled(t))
	require.Len(t, c.memory.received(), 1)
}

func TestSeveralWrappersShareOneExtensionAndOneExport(t *testing.T) {
	env := &lambdaEnv{journal: &logbook{}}
	c := newCollector(t, env.journal)
	c.open()
	startFunction(t, "choice", env, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL)
	require.Equal(t, []string{"register steptrace-wrapper"}, env.settled(t))
	for _, name := range []string{`"echo"`, `"userspan"`} {
		env.invoke(t, name)
		require.Len(t, env.settled(t), 2, "one response, one export")
	}
	require.Len(t, c.memory.received(), 1+2)
	require.Equal(t, true, c.memory.received()[0].Attributes["faas.coldstart"])
	require.Equal(t, false, c.memory.received()[2].Attributes["faas.coldstart"], "the process was warm")
}

// On Lambda managed instances, several invocations run in one process, which is not frozen.
func TestConcurrentInvocationsDoNotWaitForEachOthersExport(t *testing.T) {
	env := &lambdaEnv{journal: &logbook{}, refuseExtensions: true}
	c := newCollector(t, env.journal) // does not answer yet
	startFunction(t, "echo", env, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, "AWS_LAMBDA_MAX_CONCURRENCY=2")
	for range 6 {
		require.Equal(t, `1`, string(env.invoke(t, `1`).body))
	}
	c.open()
	require.Eventually(t, func() bool { return len(c.memory.received()) == 6 }, patience, 10*time.Millisecond)
	for n := 1; n <= 6; n++ {
		require.True(t, c.memory.has(fmt.Sprintf("request-%d", n)))
	}
}
