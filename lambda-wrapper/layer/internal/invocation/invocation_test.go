package invocation

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/faas"
	"github.com/steptrace/steptrace/lambda-wrapper/layer/internal/runtimeapi"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func begin(l *Log, requestID, event string) {
	to := l.Begin(http.Header{
		"Lambda-Runtime-Aws-Request-Id": {requestID}, "Lambda-Runtime-Trace-Id": {"Root=1-5759e988-bd862e3fe1be46a994272793"},
		"Lambda-Runtime-Deadline-Ms":          {fmt.Sprint(time.Now().Add(time.Minute).UnixMilli())},
		"Lambda-Runtime-Invoked-Function-Arn": {"arn:aws:lambda:eu-west-1:123456789012:function:images:live"},
	})
	_, _ = to.Write([]byte(event))
	_ = to.Close()
}

func newSpans() *Spans {
	return NewSpans(Options{
		Function: faas.Function{Name: "images", Version: "7"}, Propagator: propagation.TraceContext{}, Fingerprints: true,
		Logger: slog.New(slog.DiscardHandler),
	})
}

// encoded are the invocations that are over.
func encoded(t *testing.T, l *Log) []*tracepb.Span {
	t.Helper()
	spans := newSpans()
	begun, ended := l.Take()
	for _, i := range begun {
		spans.Place(i)
	}
	var got []*tracepb.Span
	for _, i := range ended {
		var data tracepb.TracesData
		require.NoError(t, proto.Unmarshal(spans.Encode(i), &data))
		for _, rs := range data.ResourceSpans {
			got = append(got, rs.ScopeSpans[0].Spans...)
		}
	}
	return got
}

func attributes(s *tracepb.Span) map[string]string {
	m := map[string]string{}
	for _, kv := range s.Attributes {
		m[kv.Key] = kv.Value.GetStringValue()
	}
	return m
}

func TestAnswersOfAllKinds(t *testing.T) {
	python := `{"errorMessage":"no","errorType":"NoSuchImage","stackTrace":["  File \"a.py\"\n","    raise"]}`
	node := `{"errorMessage":"no","errorType":"TypeError","trace":["TypeError: no","    at a.js"]}`
	for name, tc := range map[string]struct {
		answer               runtimeapi.Answer
		kind, message, stack string
	}{
		"success":  {runtimeapi.Answer{Status: 202}, "", "", ""},
		"python":   {runtimeapi.Answer{Status: 202, Failed: true, Body: []byte(python)}, "NoSuchImage", "no", "  File \"a.py\"\n    raise\n"},
		"node":     {runtimeapi.Answer{Status: 202, Failed: true, Body: []byte(node)}, "TypeError", "no", "TypeError: no\n    at a.js\n"},
		"one text": {runtimeapi.Answer{Status: 202, Failed: true, Body: []byte(`{"errorType":"E","stackTrace":"at x"}`)}, "E", "", "at x"},
		"header": {
			runtimeapi.Answer{Status: 202, Failed: true, Body: []byte("oops"), Header: http.Header{headerErrorType: {"Runtime.Oops"}}},
			"Runtime.Oops", "", "",
		},
		"nothing": {runtimeapi.Answer{Status: 202, Failed: true}, "Runtime.Unknown", "", ""},
		"cut": {
			runtimeapi.Answer{Status: 202, Failed: true, Body: []byte(python[:20]), Header: http.Header{headerErrorType: {"Unhandled"}}},
			"Unhandled", "", "",
		},
		"stream that broke": {
			runtimeapi.Answer{Status: 202, Trailer: http.Header{
				headerErrorType: {"Boom"}, headerErrorBody: {base64.StdEncoding.EncodeToString([]byte(`{"errorMessage":"lost"}`))},
			}},
			"Boom", "lost", "",
		},
		"too large": {
			runtimeapi.Answer{Status: 413},
			"Function.ResponseSizeTooLarge",
			"Lambda refused the response, which is larger than it takes", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := NewLog(false)
			begin(l, "r1", `{}`)
			tc.answer.RequestID, tc.answer.End = "r1", time.Now()
			l.End(tc.answer)
			got := encoded(t, l)
			require.Len(t, got, 1)
			require.Equal(t, tc.kind, attributes(got[0])["error.type"])
			require.Equal(t, tc.message, got[0].Status.GetMessage())
			if tc.stack != "" {
				require.Equal(t, "exception.stacktrace", got[0].Events[0].Attributes[0].Key)
				require.Equal(t, tc.stack, got[0].Events[0].Attributes[0].Value.GetStringValue())
			}
		})
	}
}

func TestAnAnswerThatLambdaDidNotTakeIsNone(t *testing.T) {
	l := NewLog(false)
	begin(l, "r1", `{}`)
	l.End(runtimeapi.Answer{RequestID: "r1", Status: 400})
	l.End(runtimeapi.Answer{RequestID: "r2", Status: 202})
	require.Empty(t, encoded(t, l))
	l.End(runtimeapi.Answer{RequestID: "r1", Status: 202, End: time.Now()})
	l.End(runtimeapi.Answer{RequestID: "r1", Status: 202, End: time.Now()})
	require.Len(t, encoded(t, l), 1)
}

func TestWhatHasNoAnswerEndsWithItsEnvironment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLog(false)
		begin(l, "r1", `{}`)
		deadline := time.Now().Add(time.Minute)
		time.Sleep(2 * time.Minute)
		l.Fail(time.Now(), true)
		got := encoded(t, l)
		require.Equal(t, "Sandbox.Timedout", attributes(got[0])["error.type"])
		require.Equal(t, uint64(deadline.UnixNano()), got[0].EndTimeUnixNano)

		begin(l, "r2", `{}`)
		time.Sleep(time.Second)
		l.Fail(time.Now(), false)
		got = encoded(t, l)
		require.Equal(t, "Runtime.ExitError", attributes(got[0])["error.type"])
		require.Equal(t, uint64(time.Now().UnixNano()), got[0].EndTimeUnixNano)
	})
}

func TestLargeEventsHaveNoFingerprint(t *testing.T) {
	for size, want := range map[int]bool{faas.MaxFingerprinted: true, faas.MaxFingerprinted + 1: false} {
		l := NewLog(false)
		begin(l, "r1", `"`+strings.Repeat("x", size-2)+`"`)
		l.End(runtimeapi.Answer{RequestID: "r1", Status: 202})
		require.Equal(t, want, attributes(encoded(t, l)[0])["steptrace.payload.fingerprint"] != "")
	}
}

func TestAnEventNamesItsSender(t *testing.T) {
	l := NewLog(false)
	begin(l, "r1", `{"requestContext":{},"headers":{"traceparent":"00-0102030405060708090a0b0c0d0e0f10-0102030405060708-01"}}`)
	l.End(runtimeapi.Answer{RequestID: "r1", Status: 202})
	got := encoded(t, l)[0]
	require.Equal(t, "0102030405060708090a0b0c0d0e0f10", hex.EncodeToString(got.TraceId))
	require.Equal(t, "0102030405060708", hex.EncodeToString(got.ParentSpanId))
}

// Other invocations of the environment may be sent when one has just begun.
func TestAnInvocationHasNoPlaceBeforeItsEventIsThere(t *testing.T) {
	l, spans := NewLog(false), newSpans()
	event := `{"requestContext":{},"headers":{"traceparent":"00-0102030405060708090a0b0c0d0e0f10-0102030405060708-01"}}`
	to := l.Begin(http.Header{"Lambda-Runtime-Aws-Request-Id": {"r1"}})
	_, _ = to.Write([]byte(event[:20]))
	begun, _ := l.Take()
	require.Empty(t, begun)
	_, _ = to.Write([]byte(event[20:]))
	require.NoError(t, to.Close())
	begun, _ = l.Take()
	require.Len(t, begun, 1)
	spans.Place(begun[0])
	require.Equal(t, "0102030405060708", begun[0].Parent().SpanID().String())
	begun, _ = l.Take()
	require.Empty(t, begun)
}

func TestASenderThatDoesNotSampleIsFollowed(t *testing.T) {
	l := NewLog(false)
	begin(l, "r1", `{"requestContext":{},"headers":{"traceparent":"00-0102030405060708090a0b0c0d0e0f10-0102030405060708-00"}}`)
	l.End(runtimeapi.Answer{RequestID: "r1", Status: 202})
	require.Empty(t, encoded(t, l))
}

func TestTheIdsArePromised(t *testing.T) {
	l := NewLog(false)
	begin(l, "r1", `{}`)
	begun, _ := l.Take()
	begun[0].Decide(trace.TraceID{7}, trace.SpanContext{})
	l.End(runtimeapi.Answer{RequestID: "r1", Status: 202})
	got := encoded(t, l)[0]
	require.Equal(t, begun[0].Span[:], got.SpanId)
	require.Equal(t, byte(7), got.TraceId[0])
	require.Nil(t, begun[0].event.bytes(), "it is not kept any longer")
}

func TestOnlyTheFirstIsACold(t *testing.T) {
	for provisioned, want := range map[bool][]bool{false: {true, false}, true: {false, false}} {
		l := NewLog(provisioned)
		var got []bool
		for n := range 2 {
			begin(l, fmt.Sprint(n), `{}`)
			begun, _ := l.Take()
			got = append(got, begun[0].coldStart)
		}
		require.Equal(t, want, got)
	}
}

func TestAwaitEndsWithTheAnswerTheRuntimeOrTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLog(false)
		begin(l, "r1", `{}`)
		awaited := make(chan bool, 1)
		await := func(id string) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			awaited <- l.Await(ctx, id)
		}
		go await("r1")
		synctest.Wait()
		require.Empty(t, awaited)
		l.End(runtimeapi.Answer{RequestID: "r1", Status: 202})
		require.True(t, <-awaited)
		begin(l, "early", `{}`)
		l.End(runtimeapi.Answer{RequestID: "early", Status: 202})
		await("early")
		require.True(t, <-awaited, "before the event")
		await("r2")
		require.False(t, <-awaited, "time is up")
		go await("r3")
		synctest.Wait()
		l.Die()
		require.False(t, <-awaited)
	})
}

// awaiting is what an Await comes to.
func awaiting(t *testing.T, l *Log, id string) chan bool {
	t.Helper()
	over := make(chan bool, 1)
	go func() { over <- l.Await(t.Context(), id) }()
	synctest.Wait()
	return over
}

// Lambda repeats an asynchronous invocation that failed under the same id, in the same environment mostly.
func TestARepeatedInvocationIsAwaitedAgain(t *testing.T) {
	for _, order := range []string{"extension first", "runtime first"} {
		t.Run(order, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := NewLog(false)
				begin(l, "r1", `{}`)
				l.End(runtimeapi.Answer{RequestID: "r1", Status: 202, Failed: true})
				require.True(t, <-awaiting(t, l, "r1"))
				if order == "runtime first" {
					begin(l, "r1", `{}`)
				}
				over := awaiting(t, l, "r1")
				require.Empty(t, over, "the repetition has no answer yet")
				if order == "extension first" {
					begin(l, "r1", `{}`)
				}
				synctest.Wait()
				require.Empty(t, over)
				l.End(runtimeapi.Answer{RequestID: "r1", Status: 202})
				require.True(t, <-over)
				require.Len(t, encoded(t, l), 2)
			})
		})
	}
}

// Otherwise the extension waits, and the caller pays, until the timeout.
func TestARuntimeThatGoesOnWithoutAnAnswerIsNotAwaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLog(false)
		l.Ask()
		begin(l, "r1", `{}`)
		over := awaiting(t, l, "r1")
		l.End(runtimeapi.Answer{RequestID: "r1", Status: 500})
		synctest.Wait()
		require.Empty(t, over, "the runtime may answer once more")
		time.Sleep(time.Second)
		asked := time.Now()
		l.Ask()
		require.True(t, <-over)
		require.Empty(t, encoded(t, l))

		time.Sleep(time.Second)
		begin(l, "r2", `{}`)
		over = awaiting(t, l, "r2")
		got := encoded(t, l)
		require.Len(t, got, 1, "another one goes on in its place")
		require.Equal(t, "Runtime.Unknown", attributes(got[0])["error.type"])
		require.Equal(t, uint64(asked.UnixNano()), got[0].EndTimeUnixNano)
		l.End(runtimeapi.Answer{RequestID: "r2", Status: 202})
		require.True(t, <-over)
	})
}

func TestAnAnswerAfterAllCounts(t *testing.T) {
	l := NewLog(false)
	begin(l, "r1", `{}`)
	l.Ask() // by another thread of the runtime
	l.End(runtimeapi.Answer{RequestID: "r1", Status: 202, End: time.Now()})
	require.Empty(t, attributes(encoded(t, l)[0])["error.type"])
}

func TestWhatWasLeftEndsWithItsEnvironment(t *testing.T) {
	l := NewLog(false)
	begin(l, "r1", `{}`)
	l.Ask()
	l.Fail(time.Now(), false)
	require.Equal(t, "Runtime.Unknown", attributes(encoded(t, l)[0])["error.type"])
}

// A bootstrap may close descriptors that it does not know, the pipe by which its end is seen among them.
func TestARuntimeThatAsksIsAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLog(false)
		l.Ask()
		l.Die()
		l.Ask()
		begin(l, "r1", `{}`)
		over := awaiting(t, l, "r1")
		require.Empty(t, over)
		l.End(runtimeapi.Answer{RequestID: "r1", Status: 202})
		require.True(t, <-over)
	})
}

func TestInvocationsThatNobodyAnswersDoNotKeepOthersOut(t *testing.T) {
	l := NewLog(false)
	for n := range maxOpen + 1 {
		begin(l, fmt.Sprint(n), `{}`)
	}
	l.End(runtimeapi.Answer{RequestID: fmt.Sprint(maxOpen), Status: 202})
	require.Len(t, encoded(t, l), 2, "the one that was answered and the oldest")
	require.Len(t, l.open, maxOpen-1)
}

func TestAFailedStart(t *testing.T) {
	now := time.Now()
	f := InitFailureOf(runtimeapi.Answer{End: now, Body: []byte(`{"errorType":"Runtime.ImportModuleError","errorMessage":"no"}`)})
	var data tracepb.TracesData
	require.NoError(t, proto.Unmarshal(newSpans().EncodeInit(now.Add(-time.Second), f), &data))
	got := data.ResourceSpans[0].ScopeSpans[0].Spans[0]
	require.Equal(t, "images init", got.Name)
	require.Equal(t, "Runtime.ImportModuleError", attributes(got)["error.type"])
	require.EqualValues(t, time.Second, got.EndTimeUnixNano-got.StartTimeUnixNano)
}

func FuzzReport(f *testing.F) {
	f.Add([]byte(`{"errorMessage":"no","errorType":"E","stackTrace":["a"],"trace":"b"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e := report("", body)
		require.NotEmpty(t, e.Type)
		require.LessOrEqual(t, len(e.Stack), 8*len(body)+8)
		require.False(t, bytes.Contains([]byte(e.Message), []byte{0xff, 0xff}))
	})
}
