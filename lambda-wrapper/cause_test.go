package wrapper

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/trace"

	"github.com/steptrace/steptrace/spanid"
)

const (
	executionARN  = "arn:aws:states:eu-west-1:123456789012:execution:images:a1"
	contextObject = `{"Execution":{"Id":"` + executionARN + `","Name":"a1"},` +
		`"State":{"EnteredTime":"2026-01-02T03:04:05.678Z","Name":"Resize","RetryCount":1}}`

	upstreamTrace, upstreamSpan = "0102030405060708090a0b0c0d0e0f10", "0102030405060708"
	upstream                    = "00-" + upstreamTrace + "-" + upstreamSpan + "-01"
)

// invokedBy is the span of one invocation with an event.
func invokedBy(t *testing.T, event string) gotSpan {
	t.Helper()
	h, m, _ := traced(t, func() {})
	_, err := h.Invoke(lambdaContext(), []byte(event))
	require.NoError(t, err)
	require.Len(t, m.received(), 1)
	return m.received()[0]
}

func TestAnInvocationWithTheContextObjectIsInTheExecutionsTrace(t *testing.T) {
	got := invokedBy(t, `{"order":7,"_steptrace":`+contextObject+`}`)
	require.Equal(t, spanid.Trace(executionARN).String(), got.trace)
	require.Equal(t, spanid.AttemptAlias(executionARN, "Resize", 1767323045678, 1).String(), got.parent)
	require.Equal(t, executionARN, got.Attributes["aws.step_functions.execution.arn"])
	require.Equal(t, "Resize", got.Attributes["aws.step_functions.state.name"])
	require.Empty(t, got.Links)
}

func TestTheExecutionWinsOverAnEventsHeaders(t *testing.T) {
	got := invokedBy(t, `{"detail-type":"Paid","detail":{"traceparent":"`+upstream+`","_steptrace":`+contextObject+`}}`)
	require.Equal(t, spanid.Trace(executionARN).String(), got.trace)
	require.Equal(t, []gotLink{{upstreamTrace, upstreamSpan, map[string]any{}}}, got.Links)
}

func TestASingleRequestIsTheParent(t *testing.T) {
	got := invokedBy(t, costEvents["message"])
	require.Equal(t, upstreamTrace, got.trace)
	require.Equal(t, upstreamSpan, got.parent)
	require.Empty(t, got.Links)
}

func TestABatchHasALinkForEachRecordThatNamesASpan(t *testing.T) {
	record := func(id, attributes string) string {
		return `{"messageId":"` + id + `","eventSource":"aws:sqs","messageAttributes":{` + attributes + `}}`
	}
	header := `"traceparent":{"stringValue":"` + upstream + `"}`
	records := strings.Join([]string{record("a", header), record("b", ""), record("c", header)}, ",")
	got := invokedBy(t, `{"Records":[`+records+`]}`)
	require.NotEqual(t, upstreamTrace, got.trace)
	require.Empty(t, got.parent)
	require.Equal(t, int64(3), got.Attributes["messaging.batch.message_count"])
	require.Equal(t, []gotLink{
		{upstreamTrace, upstreamSpan, map[string]any{"messaging.message.id": "a"}},
		{upstreamTrace, upstreamSpan, map[string]any{"messaging.message.id": "c"}},
	}, got.Links)
}

func TestARequestThatIsNotSampledIsNotRecorded(t *testing.T) {
	h, m, _ := traced(t, func() {})
	_, err := h.Invoke(lambdaContext(), []byte(`{"httpMethod":"GET","headers":{"traceparent":"00-`+upstreamTrace+`-`+
		upstreamSpan+`-00"}}`))
	require.NoError(t, err)
	require.Empty(t, m.received())
}

func TestTheHandlerHasTheBaggageOfARequest(t *testing.T) {
	var tenant string
	h, _, _ := traced(t, func(ctx context.Context) { tenant = baggage.FromContext(ctx).Member("tenant").Value() })
	_, err := h.Invoke(lambdaContext(), []byte(`{"httpMethod":"GET","headers":{"baggage":"tenant=7"}}`))
	require.NoError(t, err)
	require.Equal(t, "7", tenant)
}

// Invocations of one execution may run in one process at a time, and are all in its trace.
func TestATimeoutCutsOnlyTheSpansOfItsInvocation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, m, _ := traced(t, func(ctx context.Context) {
			time.Sleep(time.Millisecond) // so that it starts second
			ctx, span := trace.SpanFromContext(ctx).TracerProvider().Tracer("resize").Start(ctx, "resize")
			<-ctx.Done()
			span.End()
		})
		event := []byte(`{"_steptrace":` + contextObject + `}`)
		done := make(chan struct{})
		for _, limit := range []time.Duration{10 * time.Second, time.Minute} {
			go func() {
				ctx, cancel := context.WithTimeout(lambdaContext(), limit)
				defer cancel()
				_, _ = h.Invoke(ctx, event)
				done <- struct{}{}
			}()
		}
		time.Sleep(9500 * time.Millisecond)
		synctest.Wait()
		require.Len(t, m.received(), 2)
		require.Equal(t, m.received()[0].id, m.received()[1].parent)
		<-done
		<-done
	})
}
