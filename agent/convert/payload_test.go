package convert_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/definition"
	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/agent/history/historytest"
	"github.com/steptrace/steptrace/agent/redact"
	"github.com/steptrace/steptrace/spanid/semconv"
)

func defaults(t testing.TB) redact.Policy {
	t.Helper()
	r, err := redact.New(redact.Rules{Defaults: true, Paths: []string{"$.Payload", "$..detail"}})
	require.NoError(t, err)
	return redact.Policy{MaxBytes: 64 << 10, Redactor: r}
}

const secretCall = `
	1 <- 0 +0 ExecutionStarted input=§{"token":"x"}§
	2 <- 0 +0 TaskStateEntered name=Call input=§{"token":"x"}§
	3 <- 2 +1 TaskScheduled resourceType=lambda resource=invoke parameters=§{"FunctionName":"f","Payload":{"a":1}}§
	4 <- 3 +2 TaskFailed resourceType=lambda error=Denied cause=§{"errorMessage":"bad password=x","requestId":"7d1c34a0-0"}§
	5 <- 4 +3 ExecutionFailed error=Denied cause=§{"errorMessage":"bad password=x"}§
`

func secretEvents(t testing.TB) []history.Event {
	t.Helper()
	return historytest.Parse(t, strings.ReplaceAll(secretCall, "§", "`"))
}

func TestSpansCarryRedactedCauses(t *testing.T) {
	out := convert.New(convert.Execution{ARN: workflow}, nil, convert.Exposing(defaults(t).Expose)).
		Feed(secretEvents(t)...)
	attempt := spanOf(t, out.Spans, semconv.KindAttempt)
	require.Equal(t, "Denied: bad password=[REDACTED]", attempt.Message)
	require.Equal(t, `{"errorMessage":"bad password=[REDACTED]","requestId":"7d1c34a0-0"}`,
		attr(attempt.Attributes, semconv.Cause))
	require.Equal(t, fingerprintOfA1, attr(attempt.Attributes, semconv.PayloadFingerprint), "of the payload as it came")
	require.Equal(t, `{"resourceType":"lambda","resource":"invoke",`+
		`"parameters":"{\"FunctionName\":\"f\",\"Payload\":\"[REDACTED]\"}"}`, out.Records[2].Body)
	require.Equal(t, `{"input":"{\"token\":\"[REDACTED]\"}"}`, out.Records[0].Body)
}

func TestWithheldPayloadsLeaveErrorsAndRequests(t *testing.T) {
	out := convert.New(convert.Execution{ARN: workflow}, nil,
		convert.Exposing(redact.Policy{Off: true}.Expose), convert.WithoutFingerprints()).Feed(secretEvents(t)...)
	attempt := spanOf(t, out.Spans, semconv.KindAttempt)
	require.Equal(t, "Denied", attempt.Message)
	require.Equal(t, "Denied", attr(attempt.Attributes, semconv.Error))
	require.Equal(t, "7d1c34a0-0", attr(attempt.Attributes, semconv.AWSRequestID))
	require.Nil(t, attr(attempt.Attributes, semconv.Cause))
	require.Nil(t, attr(attempt.Attributes, semconv.PayloadFingerprint))
	require.Equal(t, []string{
		`{}`, `{"name":"Call"}`, `{"resourceType":"lambda","resource":"invoke"}`,
		`{"resourceType":"lambda","error":"Denied"}`, `{"error":"Denied"}`,
	}, []string{out.Records[0].Body, out.Records[1].Body, out.Records[2].Body, out.Records[3].Body, out.Records[4].Body})
}

func TestFailStatesCauseIsRedacted(t *testing.T) {
	d := definitionOf(t, `{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"E","Cause":"password=hunter2"}}}`)
	c := convert.New(convert.Execution{ARN: workflow}, d, convert.Exposing(defaults(t).Expose))
	out := c.Feed(historytest.Parse(t, `
		1 <- 0 +0 ExecutionStarted
		2 <- 0 +0 FailStateEntered name=F
		3 <- 2 +1 ExecutionFailed error=E cause="password=hunter2"
	`)...)
	require.Equal(t, "E: password=[REDACTED]", spanOf(t, out.Spans, semconv.KindState).Message)
}

func spanOf(t *testing.T, spans []convert.Span, kind string) convert.Span {
	t.Helper()
	i := slices.IndexFunc(spans, func(s convert.Span) bool { return s.Kind == kind })
	require.GreaterOrEqual(t, i, 0, kind)
	return spans[i]
}

func TestPoliciesKeepTheTraceOfRecordings(t *testing.T) {
	small := defaults(t)
	small.MaxBytes = 10
	for _, file := range historytest.Histories(t) {
		events, d := historytest.Events(t, file), historytest.Definition(t, file)
		want := bare(convert.New(convert.Execution{ARN: arn}, d).Feed(events...))
		for _, policy := range []redact.Policy{defaults(t), small, {Off: true}} {
			got := exposed(events, d, policy)
			for _, record := range got.Records {
				require.True(t, json.Valid([]byte(record.Body)), "%s: %s", file, record.Body)
			}
			require.Equal(t, want, bare(got), file)
		}
	}
}

func exposed(events []history.Event, d *definition.Definition, policy redact.Policy) convert.Output {
	return convert.New(convert.Execution{ARN: arn}, d, convert.Exposing(policy.Expose)).Feed(events...)
}

// bare is the output without what a policy may change.
func bare(out convert.Output) convert.Output {
	for i := range out.Spans {
		s := &out.Spans[i]
		s.Message = ""
		s.Attributes = slices.DeleteFunc(slices.Clone(s.Attributes), func(a attribute.KeyValue) bool {
			return string(a.Key) == semconv.Cause
		})
	}
	for i := range out.Records {
		out.Records[i].Body = ""
	}
	return out
}

// BenchmarkRedactWideHistory is BenchmarkConvertWideHistory with the rules that apply by default.
func BenchmarkRedactWideHistory(b *testing.B) {
	events := wide(b)
	r, err := redact.New(redact.Rules{Defaults: true})
	require.NoError(b, err)
	policy := redact.Policy{MaxBytes: 64 << 10, Redactor: r}
	b.ReportAllocs()
	for b.Loop() {
		convert.New(convert.Execution{ARN: workflow}, nil, convert.Exposing(policy.Expose)).Feed(events...)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(events)), "ns/event")
}
