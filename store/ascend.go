package store

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store/join"
)

// origin is the span that a trace goes on from, with the evidence.
type origin struct {
	ref join.Ref
	Join
}

// ancestry is what led to an execution.
type ancestry struct {
	root  Span   // the execution's first span, put under what started it
	spans []Span // from what started it up to the root of all
}

// ascend reads what led to an execution: the spans from the attempt, call or upload that started it up to the root of
// that one's trace, and what led to that.
func (db *DB) ascend(ctx context.Context, root *Span, arn, mapRunARN string, levels int) (a ancestry, err error) {
	last := root
	for range levels {
		if last == nil {
			break
		}
		from, found, err := db.origin(ctx, *last, arn, mapRunARN)
		if err != nil || !found {
			return a, err
		}
		chain, err := db.chain(ctx, from.ref)
		if err != nil || len(chain) == 0 || spanIDs(a.spans)[chain[0].SpanID] {
			return a, err
		}
		last.ParentSpanID, last.Join = chain[0].SpanID, &from.Join
		if len(a.spans) == 0 {
			a.root = *last
		}
		a.spans = append(a.spans, chain...)
		last = &a.spans[len(a.spans)-1]
		arn, mapRunARN = last.Attributes[semconv.ExecutionARN], ""
		for _, s := range chain {
			if s.Attributes[semconv.Kind] == semconv.KindExecution {
				mapRunARN = s.Attributes[semconv.MapRunARN]
			}
		}
	}
	return a, nil
}

// putUnder adds what led to the execution, unless what claims to have started it is below it.
func (t *Trace) putUnder(a ancestry) {
	present := spanIDs(t.Spans)
	for n, s := range a.spans {
		if present[s.SpanID] {
			a.spans = a.spans[:n]
			break
		}
	}
	if len(a.spans) == 0 {
		return
	}
	n := indexOf(t.Spans)[a.root.SpanID]
	t.Spans[n].ParentSpanID, t.Spans[n].Join = a.root.ParentSpanID, a.root.Join
	t.Spans = append(t.Spans, a.spans...)
}

// rootOf is a copy of an execution's first span, nil without one.
func rootOf(spans []Span, arn string) *Span {
	present := spanIDs(spans)
	for _, s := range spans {
		kind := s.Attributes[semconv.Kind]
		if !present[s.ParentSpanID] && s.Attributes[semconv.ExecutionARN] == arn && arn != "" &&
			(kind == semconv.KindExecution || kind == semconv.KindTrigger) {
			return &s
		}
	}
	return nil
}

// origin looks for what started an execution of which the first span is known.
func (db *DB) origin(ctx context.Context, root Span, arn, mapRunARN string) (origin, bool, error) {
	if arn == "" {
		return origin{}, false, nil
	}
	found, err := db.caller(ctx, root, arn, mapRunARN)
	if err == nil && len(found) == 0 && root.Attributes[semconv.Kind] == semconv.KindTrigger {
		found, err = db.upload(ctx, root)
	}
	if err != nil || len(found) == 0 {
		return origin{}, false, err
	}
	return found[0], true, nil
}

const callerQuery = `
SELECT TraceId, SpanId, toFloat64(1)
FROM (
    SELECT TraceId, SpanId, Start FROM sfn_attempts {where}
    UNION ALL
    SELECT TraceId, SpanId, Start FROM aws_calls {where}
)
ORDER BY Start, TraceId, SpanId
LIMIT 1`

const mapRunSpanQuery = `
SELECT TraceId, SpanId, toFloat64(1)
FROM otel_traces
{where}
ORDER BY Timestamp, SpanId
LIMIT 1`

// How long before an execution what started it may have begun: an attempt waits for its turn and for throttled starts;
// a Map Run starts its children one after the other.
const (
	callerWindow = 24 * time.Hour
	mapRunWindow = 366 * 24 * time.Hour
)

func (db *DB) caller(ctx context.Context, root Span, arn, mapRunARN string) ([]origin, error) {
	started := time.Unix(0, root.StartUnixNano)
	latest := started.Add(2 * time.Second) // by another clock
	var q query
	text := callerQuery
	if mapRunARN != "" {
		text = mapRunSpanQuery
		q.between("Timestamp", 9, started.Add(-mapRunWindow), latest)
		q.where("Kind = 'map_run' AND SpanAttributes['aws.step_functions.map_run.arn'] = {run:String}")
		q.param("run", mapRunARN)
	} else {
		q.between("Start", 9, started.Add(-callerWindow), latest)
		q.where("ChildExecutionArn = {arn:String}")
		q.param("arn", arn)
	}
	return db.origins(ctx, "look for what started the execution", &q, text, join.ARN)
}

// Uploads that a trigger may be about. The event is written after the upload; its time may be whole seconds, and comes
// from another clock. Of several with the same content nothing tells which; a version is one upload's.
const uploadQuery = `
SELECT TraceId, SpanId, if(ObjectVersion != '' AND ObjectVersion = {version:String}, 1., 0.9 / count() OVER ())
FROM aws_calls FINAL
{where}
ORDER BY ObjectVersion = {version:String} DESC, Start DESC, TraceId, SpanId
LIMIT 1`

// uploadWindow is how long before its event an upload may have begun: one in parts takes a while.
const uploadWindow = 15 * time.Minute

func (db *DB) upload(ctx context.Context, trigger Span) ([]origin, error) {
	bucket, key := trigger.Attributes[semconv.S3Bucket], trigger.Attributes[semconv.S3Key]
	tag, version := trigger.Attributes[semconv.S3ETag], trigger.Attributes[semconv.S3VersionID]
	if bucket == "" || key == "" || tag == "" && version == "" {
		return nil, nil
	}
	at := time.Unix(0, trigger.StartUnixNano)
	var q query
	q.between("Start", 9, at.Add(-uploadWindow), at.Add(2*time.Second))
	q.where("Operation IN ('PutObject', 'CompleteMultipartUpload', 'CopyObject') AND NOT Failed")
	q.where("Resource = {bucket:String} AND ObjectKey = {key:String}")
	q.where(`if({version:String} != '' AND ObjectVersion != '', ObjectVersion = {version:String},
        {tag:String} != '' AND ObjectTag = {tag:String})`)
	for name, value := range map[string]string{"bucket": bucket, "key": key, "tag": tag, "version": version} {
		q.param(name, value)
	}
	return db.origins(ctx, "look for the upload", &q, uploadQuery, join.Object)
}

func (db *DB) origins(ctx context.Context, what string, q *query, text, method string) (found []origin, err error) {
	err = db.ask(ctx, what, q, text, func(rows driver.Rows) error {
		o := origin{Join: Join{Method: method}}
		err := rows.Scan(&o.ref.TraceID, &o.ref.SpanID, &o.Confidence)
		found = append(found, o)
		return err
	})
	return found, err
}

// chain reads a span and those above it, from the span to the root: in its trace and, of a call by a Lambda, in that of
// the execution that invoked it. It is empty when the span has not come yet.
func (db *DB) chain(ctx context.Context, ref join.Ref) ([]Span, error) {
	found, _, err := db.spansOf(ctx, []string{ref.TraceID}, db.maxSpans)
	if err != nil {
		return nil, err
	}
	spans := make([]Span, 0, len(found))
	for _, s := range found {
		spans = append(spans, s.Span)
	}
	adoptByAlias(spans)
	chain := upFrom(spans, ref.SpanID)
	if len(chain) == 0 || chain[len(chain)-1].Attributes[semconv.Kind] != semconv.KindInvocation {
		return chain, nil
	}
	last := len(chain) - 1
	further, err := db.invokedBy(ctx, join.Ref{TraceID: ref.TraceID, SpanID: chain[last].SpanID})
	if err != nil || len(further) == 0 {
		return chain, err
	}
	return append(chain[:last], further...), nil
}

// upFrom lists a span and those above it.
func upFrom(spans []Span, id string) []Span {
	index := indexOf(spans)
	var chain []Span
	for n, ok := index[id]; ok; n, ok = index[spans[n].ParentSpanID] {
		delete(index, spans[n].SpanID)
		chain = append(chain, spans[n])
	}
	return chain
}
