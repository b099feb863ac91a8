package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/steptrace/steptrace/spanid"
)

// traced is a function that sends to a new collector.
func traced(t *testing.T) (*function, *collector) {
	t.Helper()
	c := newCollector(t)
	return deployPython(t, "function.handler", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL}), c
}

func TestAnInvocationIsASpanLikeThatOfTheWrapper(t *testing.T) {
	f, c := traced(t)
	event := `{ "n": 9007199254740993, "b":1.0}`
	first, second := f.invoke(event), f.invoke(event)
	require.JSONEq(t, `{"request":"`+first.requestID+`","echo":{"n": 9007199254740993, "b":1.0}}`, first.payload)
	require.Len(t, c.received(), 2, "all is sent before the freeze")

	got := c.invocation(t, first.requestID)
	require.Equal(t, "images", got.Name)
	require.Equal(t, tracepb.Span_SPAN_KIND_SERVER, got.Kind)
	require.Equal(t, tracepb.Status_STATUS_CODE_UNSET, got.Status.GetCode())
	require.Empty(t, got.parent)
	require.Greater(t, got.EndTimeUnixNano, got.StartTimeUnixNano)
	fingerprint, err := spanid.Fingerprint([]byte(event))
	require.NoError(t, err)
	xray := got.attributes["aws.xray.trace_header"]
	require.Contains(t, xray, "Root=1-")
	require.Equal(t, map[string]any{
		"steptrace.kind": "invocation", "faas.coldstart": true, "faas.name": "images", "faas.version": "$LATEST",
		"faas.invocation_id": first.requestID, "aws.lambda.invoked_arn": functionARN, "cloud.resource_id": functionARN,
		"cloud.account.id": "123456789012", "aws.xray.trace_header": xray, "steptrace.payload.fingerprint": fingerprint,
	}, got.attributes)
	require.Equal(t, "images", got.resource["service.name"])
	require.Equal(t, "aws_lambda", got.resource["cloud.platform"])
	require.Equal(t, "eu-west-1", got.resource["cloud.region"])
	require.Equal(t, int64(256<<20), got.resource["faas.max_memory"])
	require.Contains(t, got.resource["faas.instance"], "[$LATEST]")

	warm := c.invocation(t, second.requestID)
	require.Equal(t, false, warm.attributes["faas.coldstart"])
	require.NotEqual(t, got.trace, warm.trace)
}

func TestAnErrorIsTheSpansAndTheCallers(t *testing.T) {
	f, c := traced(t)
	r := f.invoke(`{"do":"fail","text":"kätzchen.png"}`)
	require.True(t, r.failed)
	var payload struct{ ErrorType, ErrorMessage string }
	require.NoError(t, json.Unmarshal([]byte(r.payload), &payload))
	require.Equal(t, "NoSuchImage", payload.ErrorType)
	got := c.invocation(t, r.requestID)
	require.Equal(t, tracepb.Status_STATUS_CODE_ERROR, got.Status.GetCode())
	require.Equal(t, "no such image: kätzchen.png", got.Status.GetMessage())
	require.Equal(t, "NoSuchImage", got.attributes["error.type"])
	require.Equal(t, "NoSuchImage", got.exception["exception.type"])
	require.Contains(t, got.exception["exception.stacktrace"], `raise NoSuchImage("no such image: %s" % event.get("text"))`)
}

func TestATimeoutIsSeen(t *testing.T) {
	f, c := traced(t)
	f.limit(2)
	r := f.invoke(`{"do":"sleep"}`)
	require.True(t, r.failed)
	require.Eventually(t, func() bool { return len(c.received()) == 1 }, patience, 10*time.Millisecond)
	got := c.invocation(t, r.requestID)
	require.Equal(t, "Sandbox.Timedout", got.attributes["error.type"])
	require.Equal(t, true, got.attributes["steptrace.timed_out"])
	require.Equal(t, tracepb.Status_STATUS_CODE_ERROR, got.Status.GetCode())
	require.NotEmpty(t, got.attributes["steptrace.payload.fingerprint"])
	took := time.Duration(got.EndTimeUnixNano - got.StartTimeUnixNano)
	require.LessOrEqual(t, took, 2*time.Second)
	require.Greater(t, took, time.Duration(0))
	f.limit(60)
	next := f.invoke(`{}`)
	require.Equal(t, true, c.invocation(t, next.requestID).attributes["faas.coldstart"])
}

func TestAnEndOfTheRuntimeIsSeen(t *testing.T) {
	for _, do := range []string{"exit", "kill"} {
		t.Run(do, func(t *testing.T) {
			f, c := traced(t)
			began := time.Now()
			r := f.invoke(`{"do":"` + do + `"}`)
			require.True(t, r.failed)
			require.Eventually(t, func() bool { return len(c.received()) == 1 }, patience, 10*time.Millisecond)
			got := c.invocation(t, r.requestID)
			require.Equal(t, "Runtime.ExitError", got.attributes["error.type"])
			require.Less(t, time.Unix(0, int64(got.EndTimeUnixNano)).Sub(began), patience)
		})
	}
}

func TestAFunctionThatCannotStartIsSeen(t *testing.T) {
	c := newCollector(t)
	f := deployPython(t, "broken.handler", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL})
	require.True(t, f.invoke(`{}`).failed)
	require.Eventually(t, func() bool { return len(c.received()) > 0 }, patience, 10*time.Millisecond)
	got := c.received()[0]
	require.Equal(t, "images init", got.Name)
	require.Equal(t, "ModuleNotFoundError", got.attributes["error.type"])
	require.Equal(t, "No module named 'no_such_module'", got.Status.GetMessage())
}

// sdkSpan is one that the function exports by itself, in a trace of its own.
func sdkSpan(trace, id, parent, name string) string {
	return fmt.Sprintf(`{"traceId":"%032s","spanId":"%016s","parentSpanId":%q,"name":%q}`, trace, id, parent, name)
}

func TestSpansOfTheFunctionsSDKAreTheInvocationsChildren(t *testing.T) {
	f, c := traced(t)
	r := f.invoke(`{"spans":[` + sdkSpan("a1", "b2", "00000000000000b1", "inner") + `,` + sdkSpan("a1", "b1", "", "outer") + `,` +
		sdkSpan("a2", "b3", "", "another") + `]}`)
	require.False(t, r.failed, r.payload)
	invocation, outer, inner, another := c.invocation(t, r.requestID), c.named(t, "outer"), c.named(t, "inner"), c.named(t, "another")
	require.Equal(t, fmt.Sprintf("%032s", "a1"), invocation.trace)
	require.Equal(t, invocation.id, outer.parent)
	require.Equal(t, outer.id, inner.parent)
	require.Equal(t, invocation.id, another.parent)
	for _, s := range []gotSpan{outer, inner, another} {
		require.Equal(t, invocation.trace, s.trace)
		require.Equal(t, "python", s.resource["service.name"])
	}
	require.Len(t, c.posted(), 1, "one export has it all")
}

func TestSpansOfTheFunctionsSDKGoWhereTheEventComesFrom(t *testing.T) {
	f, c := traced(t)
	arn := "arn:aws:states:eu-west-1:123456789012:execution:images:a1"
	r := f.invoke(`{"spans":[` + sdkSpan("a1", "b1", "", "outer") + `],"_steptrace":{"Execution":{"Id":"` + arn + `"},
		"State":{"EnteredTime":"2026-01-02T03:04:05.678Z","Name":"Resize","RetryCount":1}}}`)
	invocation, outer := c.invocation(t, r.requestID), c.named(t, "outer")
	require.Equal(t, spanid.Trace(arn).String(), invocation.trace)
	require.Equal(t, spanid.AttemptAlias(arn, "Resize", 1767323045678, 1).String(), invocation.parent)
	require.Equal(t, "Resize", invocation.attributes["aws.step_functions.state.name"])
	require.Equal(t, invocation.trace, outer.trace)
	require.Equal(t, invocation.id, outer.parent)
	require.Len(t, outer.Links, 1)
}

func TestTheSpansOfATimedOutFunctionArrive(t *testing.T) {
	f, c := traced(t)
	f.limit(2)
	r := f.invoke(`{"do":"sleep","spans":[` + sdkSpan("a1", "b1", "", "outer") + `]}`)
	require.True(t, r.failed)
	require.Eventually(t, func() bool { return len(c.received()) == 2 }, patience, 10*time.Millisecond)
	require.Equal(t, c.invocation(t, r.requestID).id, c.named(t, "outer").parent)
}

func TestTheCallerDoesNotWaitForTheCollector(t *testing.T) {
	f, c := traced(t)
	goOn := c.hang()
	r := f.call(`{}`) // and the collector has not answered
	require.False(t, r.failed)
	require.Empty(t, c.received())
	goOn()
	require.Eventually(t, func() bool { return len(c.received()) == 1 }, patience, 10*time.Millisecond)
}

func TestACollectorThatIsAwayCostsOneLine(t *testing.T) {
	c := newCollector(t)
	f := deployPython(t, "function.handler", map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL, "OTEL_EXPORTER_OTLP_TIMEOUT": "100",
	})
	_ = c.hang()
	for range 3 { // only the first waits, and for 100 ms
		require.False(t, f.invoke(`{}`).failed)
	}
	require.Equal(t, 1, strings.Count(f.log(), "steptrace: the collector cannot be reached"), f.log())
}

func TestSpansOfAnOutageArriveLater(t *testing.T) {
	f, c := traced(t)
	c.answer(http.StatusServiceUnavailable)
	lost := f.invoke(`{"spans":[` + sdkSpan("a1", "b1", "", "outer") + `]}`)
	c.answer(0)
	require.Eventually(t, func() bool {
		f.invoke(`{}`)
		return len(c.received()) > 2
	}, patience, 100*time.Millisecond)
	require.Equal(t, c.invocation(t, lost.requestID).id, c.named(t, "outer").parent)
}

func TestARefusalStopsNothing(t *testing.T) {
	f, c := traced(t)
	c.answer(http.StatusUnauthorized)
	require.False(t, f.invoke(`{}`).failed)
	require.Contains(t, f.log(), "refused")
}

func TestWithoutAnEndpointNothingIsChanged(t *testing.T) {
	for name, variables := range map[string]map[string]string{
		"no endpoint":  {},
		"disabled":     {"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"},
		"bad endpoint": {"STEPTRACE_ENDPOINT": "collector"},
	} {
		t.Run(name, func(t *testing.T) {
			f := deployPython(t, "function.handler", variables)
			got := variablesOf(t, f)
			require.Equal(t, variables["OTEL_EXPORTER_OTLP_ENDPOINT"], got["OTEL_EXPORTER_OTLP_ENDPOINT"])
			require.NotContains(t, got, "OTEL_EXPORTER_OTLP_PROTOCOL")
			require.NotContains(t, got, "OTEL_BSP_SCHEDULE_DELAY")
			require.Equal(t, name == "bad endpoint", strings.Contains(f.log(), "tracing is off"), f.log())
		})
	}
}

// variablesOf are those that the function sees.
func variablesOf(t *testing.T, f *function) map[string]string {
	t.Helper()
	r := f.invoke(`{"do":"variables"}`)
	require.False(t, r.failed, r.payload)
	var variables map[string]string
	require.NoError(t, json.Unmarshal([]byte(r.payload), &variables))
	return variables
}

func TestTheFunctionsOwnSettingsStayWithAnEndpointOfOurs(t *testing.T) {
	c := newCollector(t)
	f := deployPython(t, "function.handler", map[string]string{
		"STEPTRACE_ENDPOINT": c.URL, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://elsewhere:4318", "OTEL_BSP_SCHEDULE_DELAY": "7",
	})
	got := variablesOf(t, f)
	require.Equal(t, "http://elsewhere:4318", got["OTEL_EXPORTER_OTLP_ENDPOINT"])
	require.NotContains(t, got, "OTEL_EXPORTER_OTLP_PROTOCOL", "elsewhere may speak gRPC, as many SDKs do unless told")
	require.Equal(t, "7", got["OTEL_BSP_SCHEDULE_DELAY"])
	require.Len(t, c.received(), 1)
}

// An SDK that speaks gRPC to the layer would try in vain, for up to 10 s at the end of each invocation.
func TestTheFunctionsSDKIsToldToSpeakHTTP(t *testing.T) {
	c := newCollector(t)
	for _, tc := range []struct{ set, want string }{{"grpc", "http/protobuf"}, {"", "http/protobuf"}, {"http/json", "http/json"}} {
		f := deployPython(t, "function.handler", map[string]string{
			"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL, "OTEL_EXPORTER_OTLP_PROTOCOL": tc.set, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc",
		})
		got := variablesOf(t, f)
		require.Equal(t, tc.want, got["OTEL_EXPORTER_OTLP_PROTOCOL"])
		require.NotContains(t, got, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
	}
}

func TestAProxyIsNotAskedForTheLayer(t *testing.T) {
	c := newCollector(t)
	f := deployPython(t, "function.handler", map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL, "http_proxy": "http://127.0.0.1:1",
	})
	r := f.invoke(`{"spans":[` + sdkSpan("a1", "b1", "", "outer") + `]}`)
	require.False(t, r.failed, r.payload)
	c.named(t, "outer")
}

func TestWithoutTheExecWrapperTheLayerSaysSo(t *testing.T) {
	c := newCollector(t)
	f := deployPython(t, "function.handler", map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL, "AWS_LAMBDA_EXEC_WRAPPER": "",
	})
	for range 3 {
		require.False(t, f.invoke(`{}`).failed)
	}
	require.Equal(t, 1, strings.Count(f.log(), "set AWS_LAMBDA_EXEC_WRAPPER=/opt/steptrace/exec-wrapper"))
	require.Empty(t, c.received())
}
