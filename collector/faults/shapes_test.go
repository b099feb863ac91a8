package faults

import (
	"encoding/binary"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// began is when the first of the numbered spans and records does; the others follow by the millisecond. It is within the
// store's retention.
var began = time.Now().UTC().Truncate(time.Hour).Add(-24 * time.Hour)

const (
	region  = "arn:aws:states:eu-west-1:123456789012:"
	machine = region + "stateMachine:m"
	lambda  = "arn:aws:lambda:eu-west-1:123456789012:function:f"
)

// kinds of the spans by their number.
var kinds = []string{semconv.KindState, semconv.KindAttempt, semconv.KindInvocation, semconv.KindCall, ""}

// spans makes the span of each number, always the same.
func spans(numbers []int) ptrace.Traces {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "faults")
	rs.Resource().Attributes().PutStr(semconv.StateMachineARN, machine)
	all := rs.ScopeSpans().AppendEmpty().Spans()
	for _, n := range numbers {
		s := all.AppendEmpty()
		s.SetTraceID(pcommon.TraceID{1, 15: byte(n % 7)})
		s.SetSpanID(spanID(n))
		s.SetName(fmt.Sprintf("span %d", n))
		s.SetStartTimestamp(at(n))
		s.SetEndTimestamp(at(n + 1 + n%50))
		a := s.Attributes()
		if kind := kinds[n%len(kinds)]; kind != "" {
			a.PutStr(semconv.Kind, kind)
		}
		a.PutInt(semconv.EventID, int64(n+1))
		a.PutStr(semconv.StateName, fmt.Sprintf("State %d", n%11))
		a.PutStr("aws.lambda.invoked_arn", lambda)
		a.PutStr("rpc.service", "S3")
		a.PutStr("rpc.method", "GetObject")
	}
	return td
}

// records makes the record of each number, always the same: an even one starts an execution and the next ends it.
func records(numbers []int) plog.Logs {
	ld := plog.NewLogs()
	rl := ld.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr("service.name", "faults")
	rl.Resource().Attributes().PutStr(semconv.StateMachineARN, machine)
	all := rl.ScopeLogs().AppendEmpty().LogRecords()
	for _, n := range numbers {
		r, execution := all.AppendEmpty(), n/2
		r.SetTraceID(pcommon.TraceID(binary.BigEndian.AppendUint64(make([]byte, 8, 16), uint64(execution)+1)))
		r.SetTimestamp(at(n))
		r.SetEventName([]string{"ExecutionStarted", "ExecutionSucceeded"}[n%2])
		a := r.Attributes()
		a.PutStr(semconv.ExecutionARN, fmt.Sprintf("%sexecution:m:%d", region, execution))
		a.PutStr(semconv.ExecutionStartTime, fmt.Sprint(at(2*execution).AsTime().UnixMilli()))
		a.PutInt(semconv.EventID, int64(n%2+1))
	}
	return ld
}

func at(n int) pcommon.Timestamp {
	return pcommon.NewTimestampFromTime(began.Add(time.Duration(n) * time.Millisecond))
}

func spanID(n int) (id pcommon.SpanID) {
	binary.BigEndian.PutUint64(id[:], uint64(n)+1)
	return id
}
