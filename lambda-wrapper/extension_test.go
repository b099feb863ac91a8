package wrapper

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

	"github.com/steptrace/steptrace/lambda-wrapper/internal/extension"
)

// loopEnv drives an extensionLoop: the test is the Extensions API.
type loopEnv struct {
	loop    *extensionLoop
	answers chan nextAnswer
	flushes int
	log     bytes.Buffer
}

type nextAnswer struct {
	event extension.Event
	err   error
}

// runLoop starts a loop in the bubble; each value sent to answers is one answer of event/next.
func runLoop(t *testing.T) *loopEnv {
	t.Helper()
	env := &loopEnv{answers: make(chan nextAnswer)}
	env.loop = &extensionLoop{logger: slog.New(slog.NewTextHandler(&env.log, nil)), next: env.next}
	env.serve()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	go env.loop.run(ctx)
	return env
}

// serve attaches a telemetry that always has something to send.
func (e *loopEnv) serve() {
	s := newSender(newQueue(10), nil, time.Second, e.loop.logger)
	s.enqueue(ended("a", 1))
	s.post = func(context.Context, []byte) error {
		e.flushes++
		s.enqueue(ended("a", 1))
		return nil
	}
	e.loop.serves(&telemetry{sender: s, cfg: config{flush: FlushEnd}})
}

func (e *loopEnv) next(ctx context.Context) (extension.Event, error) {
	select {
	case a := <-e.answers:
		return a.event, a.err
	case <-ctx.Done():
		return extension.Event{}, ctx.Err()
	}
}

// event is an INVOKE with ten seconds to go.
func event(id string) nextAnswer {
	return nextAnswer{event: extension.Event{
		Type: "INVOKE", RequestID: id, DeadlineMS: time.Now().Add(10 * time.Second).UnixMilli(),
	}}
}

// asksNext tells whether the loop waits for the next event, so that Lambda may freeze the environment.
func (e *loopEnv) asksNext() bool {
	synctest.Wait()
	select {
	case e.answers <- nextAnswer{event: extension.Event{Type: "PROBE"}}:
		synctest.Wait()
		return true
	default:
		return false
	}
}

func TestTheEnvironmentStaysThawedUntilTheResponseIsOutAndTheSpansAreSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		env := runLoop(t)
		for _, eventFirst := range []bool{true, false} {
			var handler *turn
			if eventFirst {
				env.answers <- event("r1")
				synctest.Wait()
				handler = env.loop.begin("r1")
			} else {
				handler = env.loop.begin("r2")
				env.answers <- event("r2")
			}
			require.NotNil(t, handler)
			require.False(t, env.asksNext())
			flushed := env.flushes
			require.True(t, handler.end(), "the extension takes over")
			require.True(t, env.asksNext())
			require.Equal(t, flushed+1, env.flushes)
		}
	})
}

func TestAnInvocationThatIsOverBeforeItsEventIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		env := runLoop(t)
		require.True(t, env.loop.begin("r1").end())
		env.answers <- event("r1")
		require.True(t, env.asksNext())
		require.Equal(t, 1, env.flushes)
	})
}

func TestAHandlerThatNeverBeginsIsNotWaitedForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		env := runLoop(t)
		env.answers <- event("r1")
		time.Sleep(beginWait - time.Nanosecond)
		require.False(t, env.asksNext())
		time.Sleep(time.Nanosecond)
		require.True(t, env.asksNext())
		require.Zero(t, env.flushes)
		require.Nil(t, env.loop.begin("r1"), "if it does begin, it sends by itself")
		require.NotNil(t, env.loop.begin("r2"))
	})
}

func TestAHandlerThatOutlivesItsDeadlineSendsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		env := runLoop(t)
		env.answers <- event("r1")
		handler := env.loop.begin("r1")
		time.Sleep(10 * time.Second)
		require.True(t, env.asksNext())
		require.False(t, handler.end())
	})
}

func TestNestedHandlersAreReleasedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		env := runLoop(t)
		env.answers <- event("r1")
		outer, inner := env.loop.begin("r1"), env.loop.begin("r1")
		require.True(t, inner.end())
		require.False(t, env.asksNext())
		require.True(t, outer.end())
		require.True(t, env.asksNext())
		require.Equal(t, 1, env.flushes)
	})
}

func TestWhileTheExtensionsAPIFailsHandlersSendByThemselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		env := runLoop(t)
		released := env.loop.begin("r1")
		require.True(t, released.end())
		for range 3 {
			env.answers <- nextAnswer{err: errors.New("connection reset")}
			synctest.Wait()
			time.Sleep(retryPause)
		}
		require.NotZero(t, env.flushes, "what had been left to the extension is sent")
		require.Equal(t, 1, strings.Count(env.log.String(), "\n"), env.log.String())
		require.Nil(t, env.loop.begin("r2"))
		require.True(t, env.asksNext())
		require.NotNil(t, env.loop.begin("r3"), "it works again")
	})
}

func TestAnInvocationInProgressIsHandedBackWhenTheExtensionsAPIFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		env := runLoop(t)
		handler := env.loop.begin("r1")
		env.answers <- nextAnswer{err: errors.New("connection reset")}
		synctest.Wait()
		require.False(t, handler.end())
	})
}

func TestWithoutAnExtensionHandlersSendByThemselves(t *testing.T) {
	var none *extensionLoop
	none.serves(&telemetry{})
	require.False(t, none.begin("r1").end())
}

func TestAnEventWithoutDeadlineHasTheLongest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		require.Equal(t, 15*time.Minute, time.Until(extension.Event{Type: "INVOKE"}.Deadline()))
	})
}
