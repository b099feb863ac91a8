package visit

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store"
)

// visit is a visit that a span tells of.
func (r reading) visit(s store.Span) Visit {
	v := Visit{
		Part: r.step(s), EventID: whole(s, semconv.EventID), Redrive: int(whole(s, semconv.RedriveCount)),
		Branch:    r.around(s, semconv.KindBranch, semconv.BranchIndex),
		Iteration: r.around(s, semconv.KindIteration, semconv.IterationIndex),
	}
	v.Error = cmp.Or(v.Error, s.Attributes[semconv.CaughtError])
	v.Input, v.Output = r.payloads(s.SpanID)
	v.Attempts = r.attempts(s.SpanID)
	return v
}

// entered is a visit that only events tell of: it runs, or its span is on its way.
func (r reading) entered(e store.HistoryEvent) Visit {
	v := Visit{
		Part:    Part{SpanID: e.SpanID, Status: store.StateRunning, Start: e.Time},
		EventID: e.ID, Redrive: e.RedriveCount,
	}
	v.Input, v.Output = r.payloads(e.SpanID)
	if n := slices.IndexFunc(r.bySpan[e.SpanID], isExited); n >= 0 {
		end := r.bySpan[e.SpanID][n].Time
		v.Status, v.End, v.Duration = store.StateSucceeded, &end, milliseconds(end.Sub(e.Time))
	}
	v.Attempts = r.attempts(e.SpanID)
	return v
}

// attempts are those of a visit: first those that have ended, then those that only events tell of.
func (r reading) attempts(visit string) []Attempt {
	found := []Attempt{}
	for _, s := range r.children[visit] {
		if s.Attributes[semconv.Kind] == semconv.KindAttempt {
			found = append(found, r.attempt(s))
		}
	}
	for _, e := range r.scheduled[visit] {
		a := Attempt{
			Part:  Part{SpanID: e.SpanID, Status: store.StateRunning, Start: e.Time},
			Retry: len(found), Invocations: []Invocation{},
		}
		a.Resource, a.ResourceType = called(e)
		found = append(found, a)
	}
	return found
}

func (r reading) attempt(s store.Span) Attempt {
	a := Attempt{
		Part: r.step(s), Retry: int(whole(s, semconv.RetryCount)), Queue: float(s, semconv.QueueSeconds),
		Backoff: float(s, semconv.BackoffSeconds), Resource: s.Attributes[semconv.Resource],
		ResourceType: s.Attributes[semconv.ResourceType], Child: s.Attributes[semconv.ChildExecutionARN],
		Invocations: []Invocation{},
	}
	for _, c := range r.children[s.SpanID] {
		if c.Attributes[semconv.Kind] == semconv.KindInvocation {
			a.Invocations = append(a.Invocations, r.invocation(c))
		}
	}
	return a
}

func (r reading) invocation(s store.Span) Invocation {
	i := Invocation{
		Part: outside(s), Function: cmp.Or(s.Attributes[semconv.FaaSName], s.Name),
		ColdStart: s.Attributes[semconv.FaaSColdStart] == "true", RequestID: s.Attributes[semconv.FaaSInvocationID],
		Join: s.Join, Calls: []Call{},
	}
	seen := map[string]bool{s.SpanID: true}
	queue := slices.Clone(r.children[s.SpanID])
	for n := 0; n < len(queue); n++ {
		c := queue[n]
		kind := c.Attributes[semconv.Kind]
		if seen[c.SpanID] || kind == semconv.KindInvocation || kind == semconv.KindExecution {
			continue // another function's or execution's calls are its own
		}
		seen[c.SpanID] = true
		if kind == semconv.KindCall {
			i.Calls = append(i.Calls, call(c))
		}
		queue = append(queue, r.children[c.SpanID]...)
	}
	slices.SortStableFunc(i.Calls, func(a, b Call) int { return a.Start.Compare(b.Start) })
	return i
}

func call(s store.Span) Call {
	return Call{
		Part: outside(s), Service: s.Attributes[semconv.RPCService], Operation: s.Attributes[semconv.RPCMethod],
		Resource: resource(s), HTTPStatus: int(whole(s, semconv.HTTPStatus)), Retries: int(whole(s, semconv.HTTPResendCount)),
	}
}

// resource is what a call is about: bucket and key, table, queue, function, …
func resource(s store.Span) string {
	bucket, key := s.Attributes[semconv.S3Bucket], s.Attributes[semconv.S3Key]
	if bucket != "" && key != "" {
		return bucket + "/" + key
	}
	return cmp.Or(bucket, strings.Trim(s.Attributes[semconv.DynamoDBTables], `[]"`),
		s.Attributes[semconv.MessagingDestination], s.Attributes[semconv.FaaSInvokedName],
		s.Attributes[semconv.ChildExecutionARN])
}

// step is what a span of a history tells.
func (r reading) step(s store.Span) Part {
	p := spanned(s)
	p.Status = store.StateSucceeded
	p.Error = s.Attributes[semconv.Error]
	switch {
	case s.Attributes[semconv.Open] == "true" || r.resumed(s):
		p.Status, p.End, p.Duration = store.StateRunning, nil, 0
	case s.Status == "ERROR":
		p.Status = store.StateFailed
	case s.Attributes[semconv.CaughtError] != "":
		p.Status = store.StateCaught
	case s.Attributes[semconv.Aborted] == "true":
		p.Status = store.StateAborted
	}
	return p
}

// outside is what a span that is not of a history tells.
func outside(s store.Span) Part {
	p := spanned(s)
	p.Status = "OK"
	if s.Status == "ERROR" {
		p.Status, p.Error = s.Status, s.Attributes[semconv.ErrorType]
	}
	return p
}

func spanned(s store.Span) Part {
	end := time.Unix(0, s.EndUnixNano).UTC()
	return Part{
		SpanID: s.SpanID, Start: time.Unix(0, s.StartUnixNano).UTC(), End: &end,
		Duration: milliseconds(time.Duration(s.EndUnixNano - s.StartUnixNano)), Message: s.StatusMessage,
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func whole(s store.Span, attribute string) int64 {
	n, _ := strconv.ParseInt(s.Attributes[attribute], 10, 64) // absent is 0
	return n
}

func index(s store.Span, attribute string) *int {
	n, err := strconv.Atoi(s.Attributes[attribute])
	if err != nil {
		return nil
	}
	return &n
}

func float(s store.Span, attribute string) float64 {
	f, err := strconv.ParseFloat(s.Attributes[attribute], 64)
	if err != nil || f-f != 0 { // what is not finite has no JSON
		return 0
	}
	return f
}

// details are those of events that the plugin shows.
type details struct {
	Input        json.RawMessage `json:"input"`
	Output       json.RawMessage `json:"output"`
	Resource     string          `json:"resource"`
	ResourceType string          `json:"resourceType"`
}

func detailsOf(e store.HistoryEvent) details {
	var d details
	if json.Unmarshal(e.Payload, &d) != nil {
		return details{} // a payload that is not the history's form, such as one that is cut
	}
	return d
}

// payloads are the input and the output of a visit. The history has them as JSON in a text.
func (r reading) payloads(spanID string) (input, output json.RawMessage) {
	for _, e := range r.bySpan[spanID] {
		switch {
		case isEntered(e) && input == nil:
			input = unquoted(detailsOf(e).Input)
		case isExited(e):
			output = unquoted(detailsOf(e).Output)
		}
	}
	return input, output
}

// unquoted is the JSON in a JSON text; what is none stays a text.
func unquoted(raw json.RawMessage) json.RawMessage {
	var text string
	if json.Unmarshal(raw, &text) != nil || !json.Valid([]byte(text)) {
		return raw
	}
	return json.RawMessage(text)
}

// called is what an attempt calls. A Lambda function's own event names it alone.
func called(e store.HistoryEvent) (resource, resourceType string) {
	d := detailsOf(e)
	switch e.Type {
	case "LambdaFunctionScheduled":
		return d.Resource, "lambda"
	case "ActivityScheduled":
		return d.Resource, "activity"
	}
	return d.Resource, d.ResourceType
}
