package visit_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/grafana-plugin/backend/visit"
	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store"
)

const arn = "arn:aws:states:eu-west-1:123456789012:execution:orders:one"

var begin = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func at(ms int64) time.Time { return begin.Add(time.Duration(ms) * time.Millisecond) }

type attrs map[string]string

// span is one of the execution's; of others attributes replace its ARN.
func span(id, parent, kind string, start, end int64, more attrs) store.Span {
	s := store.Span{
		SpanID: id, ParentSpanID: parent, Name: id, Status: "UNSET",
		StartUnixNano: at(start).UnixNano(), EndUnixNano: at(end).UnixNano(),
		Attributes: attrs{semconv.Kind: kind, semconv.ExecutionARN: arn},
	}
	for k, v := range more {
		s.Attributes[k] = v
	}
	return s
}

func state(id, parent, name string, start, end int64, more attrs) store.Span {
	s := span(id, parent, semconv.KindState, start, end, attrs{semconv.StateName: name, semconv.StateType: "Task"})
	for k, v := range more {
		s.Attributes[k] = v
	}
	return s
}

func failed(s store.Span, message string) store.Span {
	s.Status, s.StatusMessage = "ERROR", message
	s.Attributes[semconv.Error] = "Boom"
	return s
}

func event(id, previous int64, typ, spanID string, ms int64, payload string) store.HistoryEvent {
	return store.HistoryEvent{
		ID: id, PreviousID: previous, Type: typ, SpanID: spanID, Time: at(ms), Payload: json.RawMessage(payload),
	}
}

func trace(status string, spans ...store.Span) store.Trace {
	return store.Trace{ExecutionARN: arn, Status: status, Spans: spans}
}

// drawn is a state in lines that a person reads.
func drawn(s visit.State) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", s.Name, s.Type)
	for _, v := range s.Visits {
		fmt.Fprintf(&b, "visit %s%s%s #%d in %s out %s\n", part(v.Part), place("branch", v.Branch),
			place("iteration", v.Iteration), v.EventID, v.Input, v.Output)
		for _, a := range v.Attempts {
			fmt.Fprintf(&b, "  attempt %d %s queue %g backoff %g %s %s\n", a.Retry, part(a.Part), a.Queue, a.Backoff,
				a.ResourceType, a.Resource)
			for _, i := range a.Invocations {
				fmt.Fprintf(&b, "    %s %s cold %t request %s\n", i.Function, part(i.Part), i.ColdStart, i.RequestID)
				for _, c := range i.Calls {
					fmt.Fprintf(&b, "      %s.%s %s %s http %d retries %d\n", c.Service, c.Operation, c.Resource, part(c.Part),
						c.HTTPStatus, c.Retries)
				}
			}
		}
	}
	return b.String()
}

func part(p visit.Part) string {
	end := "…"
	if p.End != nil {
		end = fmt.Sprint(p.End.Sub(begin).Milliseconds())
	}
	text := fmt.Sprintf("%s %s %d-%s %gms", p.SpanID, p.Status, p.Start.Sub(begin).Milliseconds(), end, p.Duration)
	if p.Error != "" {
		text += " " + p.Error + " (" + p.Message + ")"
	}
	return text
}

func place(what string, index *int) string {
	if index == nil {
		return ""
	}
	return fmt.Sprintf(" %s %d", what, *index)
}

func TestRetriesWithTheirInvocationsAndCalls(t *testing.T) {
	attempt := func(id string, retry string, start, end int64, more attrs) store.Span {
		s := span(id, "s", semconv.KindAttempt, start, end, attrs{
			semconv.RetryCount: retry, semconv.QueueSeconds: "0.01", semconv.Resource: "invoke", semconv.ResourceType: "lambda",
		})
		for k, v := range more {
			s.Attributes[k] = v
		}
		return s
	}
	lambda := span("l", "b", semconv.KindInvocation, 310, 390, attrs{
		semconv.FaaSName: "store", semconv.FaaSColdStart: "true", semconv.FaaSInvocationID: "r-1", semconv.ExecutionARN: "",
	})
	lambda.Join = &store.Join{Method: "request_id", Confidence: 1}
	put := span("p", "between", semconv.KindCall, 320, 330, attrs{
		semconv.RPCService: "DynamoDB", semconv.RPCMethod: "PutItem", semconv.DynamoDBTables: `["orders"]`,
		semconv.HTTPStatus: "400", semconv.HTTPResendCount: "2", semconv.ErrorType: "Throttled",
	})
	put.Status, put.StatusMessage = "ERROR", "slow down"
	get := span("g", "l", semconv.KindCall, 315, 318, attrs{
		semconv.RPCService: "S3", semconv.RPCMethod: "GetObject", semconv.S3Bucket: "images", semconv.S3Key: "a/b.jpg",
		semconv.HTTPStatus: "200",
	})
	other := span("o", "between", semconv.KindInvocation, 325, 326, nil) // another function, that the first called
	s := visit.Of(trace("SUCCEEDED",
		state("s", "root", "Store", 0, 400, attrs{semconv.EventID: "7"}),
		failed(attempt("a", "0", 10, 100, nil), "Boom: it broke"),
		attempt("b", "1", 300, 400, attrs{semconv.BackoffSeconds: "0.2"}),
		lambda, span("between", "l", "", 311, 389, nil), put, get, other, span("x", "o", semconv.KindCall, 325, 326, nil),
	), "Store", []store.HistoryEvent{
		event(7, 6, "TaskStateEntered", "s", 0, `{"name":"Store","input":"{\"order\":1}"}`),
		event(8, 7, "TaskScheduled", "a", 10, `{}`), event(12, 11, "TaskScheduled", "b", 300, `{}`),
		event(15, 14, "TaskStateExited", "s", 400, `{"name":"Store","output":"[1,2]"}`),
	})
	require.Equal(t, `Store Task
visit s SUCCEEDED 0-400 400ms #7 in {"order":1} out [1,2]
  attempt 0 a FAILED 10-100 90ms Boom (Boom: it broke) queue 0.01 backoff 0 lambda invoke
  attempt 1 b SUCCEEDED 300-400 100ms queue 0.01 backoff 0.2 lambda invoke
    store l OK 310-390 80ms cold true request r-1
      S3.GetObject images/a/b.jpg g OK 315-318 3ms http 200 retries 0
      DynamoDB.PutItem orders p ERROR 320-330 10ms Throttled (slow down) http 400 retries 2
`, drawn(s))
	require.Equal(t, lambda.Join, s.Visits[0].Attempts[1].Invocations[0].Join)
}

func TestWhatRunsIsToldByEvents(t *testing.T) {
	s := visit.Of(trace("RUNNING",
		span("a", "s", semconv.KindAttempt, 10, 20, attrs{semconv.Error: "Odd"}), // the visit's own span has not come
	), "Store", []store.HistoryEvent{
		event(7, 6, "TaskStateEntered", "s", 0, `{"name":"Store","input":"not JSON"}`),
		event(8, 7, "TaskScheduled", "a", 10, `{"resource":"invoke","resourceType":"lambda"}`),
		event(10, 8, "TaskFailed", "a", 20, `{}`),
		event(11, 10, "TaskScheduled", "b", 40, `{"resource":"invoke","resourceType":"lambda"}`),
		event(12, 11, "TaskStarted", "b", 41, `{}`),
		event(30, 29, "TaskStateEntered", "s2", 50, ``),
		event(31, 30, "LambdaFunctionScheduled", "c", 51, `{"resource":"arn:aws:lambda:x"}`),
	})
	require.Equal(t, `Store Task
visit s RUNNING 0-… 0ms #7 in "not JSON" out 
  attempt 0 a SUCCEEDED 10-20 10ms Odd () queue 0 backoff 0  
  attempt 1 b RUNNING 40-… 0ms queue 0 backoff 0 lambda invoke
visit s2 RUNNING 50-… 0ms #30 in  out 
  attempt 0 c RUNNING 51-… 0ms queue 0 backoff 0 lambda arn:aws:lambda:x
`, drawn(s))
}

func TestAStateThatHasLeftAndWhoseSpanIsOnItsWay(t *testing.T) {
	s := visit.Of(trace("RUNNING"), "Wait", []store.HistoryEvent{
		event(2, 1, "WaitStateEntered", "s", 0, `{"input":"{}"}`),
		event(3, 2, "WaitStateExited", "s", 70, `{"output":"{}"}`),
	})
	require.Equal(t, "Wait Wait\nvisit s SUCCEEDED 0-70 70ms #2 in {} out {}\n", drawn(s))
}

func TestCaughtFailedAndAborted(t *testing.T) {
	s := visit.Of(trace("FAILED",
		state("c", "root", "Try", 0, 10, attrs{semconv.CaughtError: "Odd", semconv.EventID: "2"}),
		failed(state("f", "root", "Try", 20, 30, attrs{semconv.EventID: "12"}), "Boom: it broke"),
		state("a", "root", "Try", 40, 50, attrs{semconv.Aborted: "true", semconv.EventID: "22"}),
		state("o", "root", "Try", 60, 60, attrs{semconv.Open: "true", semconv.EventID: "32"}),
		state("x", "root", "Other", 60, 60, nil),
		state("y", "root", "Try", 60, 60, attrs{semconv.ExecutionARN: arn + "-child"}),
	), "Try", nil)
	require.Equal(t, `Try Task
visit c CAUGHT 0-10 10ms Odd () #2 in  out 
visit f FAILED 20-30 10ms Boom (Boom: it broke) #12 in  out 
visit a ABORTED 40-50 10ms #22 in  out 
visit o RUNNING 60-… 0ms #32 in  out 
`, drawn(s))
}

func TestIterationsAndBranches(t *testing.T) {
	s := visit.Of(trace("SUCCEEDED",
		span("m", "root", semconv.KindState, 0, 100, attrs{semconv.StateName: "Each"}),
		span("i0", "m", semconv.KindIteration, 0, 50, attrs{semconv.IterationIndex: "0"}),
		span("i1", "m", semconv.KindIteration, 0, 60, attrs{semconv.IterationIndex: "1"}),
		state("s1", "br", "Resize", 5, 60, attrs{semconv.EventID: "9"}),
		span("pa", "i1", semconv.KindState, 0, 60, attrs{semconv.StateName: "Both"}),
		span("br", "pa", semconv.KindBranch, 0, 60, attrs{semconv.BranchIndex: "2"}),
		state("s0", "i0", "Resize", 5, 40, attrs{semconv.EventID: "8"}),
	), "Resize", nil)
	require.Equal(t, `Resize Task
visit s0 SUCCEEDED 5-40 35ms iteration 0 #8 in  out 
visit s1 SUCCEEDED 5-60 55ms branch 2 iteration 1 #9 in  out 
`, drawn(s))
}

func TestALoopHasAVisitForEachRound(t *testing.T) {
	var spans []store.Span
	var events []store.HistoryEvent
	for n := range int64(600) {
		id := fmt.Sprintf("s%d", n)
		s := state(id, "root", "Poll", n*10, n*10+5, attrs{semconv.EventID: fmt.Sprint(n * 3)})
		if n == 590 || n == 10 {
			s = failed(s, "")
		}
		spans = append(spans, s)
		events = append(events, event(n*3, n*3-1, "TaskStateEntered", id, n*10, fmt.Sprintf(`{"input":"%d"}`, n)))
	}
	s := visit.Of(trace("SUCCEEDED", spans...), "Poll", events)
	require.Len(t, s.Visits, 500)
	require.Equal(t, 100, s.Omitted)
	require.Equal(t, "497", string(s.Visits[497].Input))
	require.Equal(t, []string{"s497", "s590"}, []string{s.Visits[498-1].SpanID, s.Visits[499].SpanID})
	require.Equal(t, []int{1, 498, 591}, []int{s.Visits[0].Number, s.Visits[497].Number, s.Visits[499].Number})
	require.Equal(t, "FAILED", s.Visits[10].Status)
	require.Equal(t, "FAILED", s.Visits[499].Status)
}

func TestARedriveGoesOnWithAVisit(t *testing.T) {
	spans := []store.Span{failed(state("s", "root", "Store", 0, 10, attrs{semconv.EventID: "2"}), "")}
	events := []store.HistoryEvent{
		event(2, 1, "TaskStateEntered", "s", 0, `{}`), event(9, 8, "TaskScheduled", "again", 5000, `{}`),
		event(10, 9, "TaskStarted", "s", 5001, `{}`),
	}
	events[1].PreviousID = 2
	require.Equal(t, "RUNNING", visit.Of(trace("RUNNING", spans...), "Store", events).Visits[0].Status)
	require.Equal(t, "FAILED", visit.Of(trace("FAILED", spans...), "Store", events).Visits[0].Status)
}

func TestHostileTraces(t *testing.T) {
	round := []store.HistoryEvent{
		event(1, 2, "TaskScheduled", "a", 0, `{"resource":7}`), event(2, 1, "TaskScheduled", "b", 0, `[]`),
	}
	s := visit.Of(trace("RUNNING",
		state("s", "s", "S", 0, -5, attrs{semconv.EventID: "x", semconv.RetryCount: "99999999999999999999"}),
		span("a1", "s", semconv.KindAttempt, 0, 0, attrs{semconv.QueueSeconds: "NaN", semconv.BackoffSeconds: "Inf"}),
		span("l", "a1", semconv.KindInvocation, 0, 0, nil), span("l2", "l", semconv.KindCall, 0, 0, nil),
		span("l", "l2", semconv.KindCall, 0, 0, nil), span("l2", "l2", semconv.KindCall, 0, 0, nil),
	), "S", round)
	_, err := json.Marshal(s)
	require.NoError(t, err)
	require.Len(t, s.Visits, 1)

	none, err := json.Marshal(visit.Of(store.Trace{}, "S", nil))
	require.NoError(t, err)
	require.JSONEq(t, `{"state": "S", "type": "", "visits": []}`, string(none))
}
