package convert

import (
	"encoding/json"
	"math"
	"strings"
	"time"

	"github.com/tidwall/gjson"
	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// trigger is what an execution's input says of its cause.
type trigger struct {
	name       string // of low cardinality
	service    string // who sent it
	at         time.Time
	parent     string // ARN of the execution that started this one
	attributes []attribute.KeyValue
}

// signs are what an input must contain to be looked at, be it in a text within texts.
var signs = []string{"detail-type", "Records", "ventSource", "requestContext", startedBy}

// triggerOf recognises in an execution's input what AWS puts there of its cause. Anything else is no trigger: the
// execution is the root. Trace contexts of others in it are left alone.
func triggerOf(input string) (trigger, bool) {
	if !containsAny(input, signs) || !json.Valid([]byte(input)) {
		return trigger{}, false
	}
	return recognise(gjson.Parse(input), 0)
}

func containsAny(text string, parts []string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// maxWrapped is how deep an event may lie in messages: S3 → SNS → SQS.
const maxWrapped = 2

func recognise(input gjson.Result, wrapped int) (trigger, bool) {
	for _, of := range []func(gjson.Result, int) (trigger, bool){
		startOf, eventOf, recordsOf, requestOf,
	} {
		if t, ok := of(input, wrapped); ok {
			return t, true
		}
	}
	return trigger{}, false
}

func (t *trigger) text(key, value string) {
	if value != "" {
		value = clip(strings.ToValidUTF8(strings.Clone(value), "\ufffd"), longestName)
		t.attributes = append(t.attributes, attribute.String(key, value))
	}
}

func (t *trigger) number(key string, v gjson.Result) {
	if v.Type == gjson.Number {
		t.attributes = append(t.attributes, attribute.Int64(key, v.Int()))
	}
}

// when notes the earliest time that is one, from 1970 on, and that nanoseconds can hold.
func (t *trigger) when(at time.Time) {
	if s := at.Unix(); s > 0 && s < math.MaxInt64/int64(time.Second) && (t.at.IsZero() || at.Before(t.at)) {
		t.at = at.UTC()
	}
}

// timeOf is the zero time for what is none.
func timeOf(v gjson.Result) time.Time {
	at, err := time.Parse(time.RFC3339, v.String())
	if err != nil {
		return time.Time{}
	}
	return at
}

// timeOfSeconds reads epoch seconds, timeOfMilliseconds epoch milliseconds, which some services write as text.
func timeOfSeconds(v gjson.Result) time.Time { return timeOfMilliseconds(v.Float() * 1000) }

func timeOfMilliseconds(ms float64) time.Time {
	if !(ms > 0 && ms < 1e15) {
		return time.Time{}
	}
	return time.UnixMilli(int64(ms))
}

// trigger puts out the span of what started the execution, when its input tells, and makes it the root.
func (c *Converter) trigger(e *history.Event) {
	t, ok := triggerOf(e.Details.Input)
	if !ok {
		return
	}
	start := e.Time
	if !t.at.IsZero() {
		if t.text(semconv.TriggerTime, t.at.Format(time.RFC3339Nano)); t.at.Before(start) {
			start = t.at
		}
	}
	span := Span{
		ID: spanid.Span(semconv.KindTrigger, c.arn, 0, 0), Kind: semconv.KindTrigger,
		Name:     clip(strings.ToValidUTF8(strings.Clone(t.name), "\ufffd"), maxTriggerName),
		SpanKind: spanKind(semconv.KindTrigger), Start: start, End: e.Time,
		Service: clip(strings.ToValidUTF8(strings.Clone(t.service), "\ufffd"), maxTriggerName),
		Attributes: append([]attribute.KeyValue{
			attribute.String(semconv.Kind, semconv.KindTrigger),
			attribute.String(semconv.ExecutionARN, c.arn),
			attribute.Int(semconv.RedriveCount, 0),
		}, t.attributes...),
	}
	c.root.span.Parent = span.ID
	c.root.putText(semconv.ParentExecutionARN, t.parent)
	c.out.Spans = append(c.out.Spans, span)
}

const maxTriggerName = 256
