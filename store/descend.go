package store

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store/join"
)

// starters are the spans of a level that started executions.
type starters struct {
	byTrace  map[string]Child  // by the child's trace id: what is known without its history
	byMapRun map[string]string // span id by the ARN of the Map Run
	first    time.Time         // when the first of them began
}

// startersIn looks for what started executions that are not in the trace yet.
func startersIn(spans []Span, seen map[string]bool, level int) starters {
	s := starters{byTrace: map[string]Child{}, byMapRun: map[string]string{}}
	for _, span := range spans {
		kind := span.Attributes[semconv.Kind]
		started := time.Unix(0, span.StartUnixNano)
		switch arn := span.Attributes[semconv.ChildExecutionARN]; {
		case arn != "" && (kind == semconv.KindAttempt || kind == semconv.KindCall):
			trace := spanid.Trace(arn).String()
			if seen[trace] {
				continue
			}
			s.byTrace[trace] = Child{
				SpanID: span.SpanID, Level: level, Execution: Execution{ExecutionARN: arn, TraceID: trace},
			}
		case kind == semconv.KindMapRun && span.Attributes[semconv.MapRunARN] != "":
			s.byMapRun[span.Attributes[semconv.MapRunARN]] = span.SpanID
		default:
			continue
		}
		if s.first.IsZero() || started.Before(s.first) {
			s.first = started
		}
	}
	return s
}

func (s starters) none() bool { return len(s.byTrace) == 0 && len(s.byMapRun) == 0 }

// Failed ones first, then those that run: what somebody looks for.
const childOrder = `multiIf(Status IN ('FAILED', 'TIMED_OUT'), 0, Status = 'ABORTED', 1, Status = 'RUNNING', 2, 3)`

const startedByTaskQuery = `
SELECT ` + executionColumns + `
FROM sfn_executions FINAL
{where}
ORDER BY ` + childOrder + `, Start, ExecutionArn
LIMIT {limit:UInt32}` + finalSettings

// descend adds the executions that the trace started, level by level.
func (db *DB) descend(ctx context.Context, t *Trace, bounds TraceBounds) error {
	seen := map[string]bool{t.TraceID: true}
	level := t.Spans
	for n := 1; n <= bounds.Levels; n++ {
		from := startersIn(level, seen, n)
		if from.none() {
			return nil
		}
		children, err := db.startedBy(ctx, from, seen, n, bounds.Children-len(t.Children), t)
		if err != nil || len(children) == 0 {
			return err
		}
		ids := make([]string, 0, len(children))
		for _, c := range children {
			seen[c.TraceID] = true
			ids = append(ids, c.TraceID)
		}
		spans, cut, err := db.unitedSpans(ctx, ids, max(db.maxSpans-len(t.Spans), 0))
		if err != nil {
			return err
		}
		adoptChildren(spans, children)
		t.Children = append(t.Children, children...)
		t.Spans = append(t.Spans, spans...)
		if level = spans; cut {
			t.Truncated = true
			return nil
		}
	}
	if from := startersIn(level, seen, bounds.Levels+1); !from.none() {
		t.Truncated = true // deeper than a read goes
	}
	return nil
}

// startedBy reads which executions were started, the most telling ones up to the limit, and counts the others.
func (db *DB) startedBy(
	ctx context.Context, from starters, seen map[string]bool, level, limit int, t *Trace,
) ([]Child, error) {
	found, err := db.startedByTasks(ctx, from)
	if err != nil {
		return nil, err
	}
	if len(from.byMapRun) > 0 {
		ofRuns, err := db.startedByMapRuns(ctx, from, level, limit)
		if err != nil {
			return nil, err
		}
		found = append(found, ofRuns...)
	}
	found = slices.DeleteFunc(found, func(c Child) bool { return seen[c.TraceID] })
	slices.SortStableFunc(found, func(a, b Child) int { return cmp.Compare(rank(a.Status), rank(b.Status)) })
	shown := found[:min(limit, len(found))]
	return shown, db.countOmitted(ctx, from, found, shown, t)
}

func rank(status string) int {
	return slices.Index([]string{"FAILED", "TIMED_OUT", "ABORTED", "RUNNING", "", "SUCCEEDED"}, status)
}

// startedByTasks reads the executions that attempts and calls started. One whose history is not stored yet may have
// spans already.
func (db *DB) startedByTasks(ctx context.Context, from starters) ([]Child, error) {
	known := maps.Clone(from.byTrace)
	for chunk := range slices.Chunk(slices.Sorted(maps.Keys(known)), maxTracesAtOnce) {
		var q query
		q.where("TraceId IN {traces:Array(String)}")
		q.param("traces", chunk)
		q.between("Start", 3, from.first.Add(-aliasDuration), time.Time{})
		q.param("limit", len(chunk))
		err := db.ask(ctx, "read executions that were started", &q, startedByTaskQuery, func(rows driver.Rows) error {
			e, err := scanExecution(rows)
			if child, ok := known[e.TraceID]; ok {
				child.Execution = e
				known[e.TraceID] = child
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	found := slices.Collect(maps.Values(known))
	slices.SortFunc(found, func(a, b Child) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ExecutionARN, b.ExecutionARN))
	})
	return found, nil
}

// aliasDuration is how much earlier than what started it an execution may seem to begin.
const aliasDuration = time.Duration(aliasSkew)

func (db *DB) startedByMapRuns(ctx context.Context, from starters, level, limit int) (found []Child, err error) {
	for chunk := range slices.Chunk(slices.Sorted(maps.Keys(from.byMapRun)), maxTexts) {
		var q query
		q.texts("MapRunArn IN {texts}", "runs", chunk)
		q.between("Start", 3, from.first.Add(-aliasDuration), time.Time{})
		q.param("limit", limit)
		err := db.ask(ctx, "read the children of Map Runs", &q, startedByTaskQuery, func(rows driver.Rows) error {
			e, err := scanExecution(rows)
			found = append(found, Child{SpanID: from.byMapRun[e.MapRunARN], Level: level, Execution: e})
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// adoptChildren puts the root of each child under what started it.
func adoptChildren(spans []Span, children []Child) {
	present := spanIDs(spans)
	starter := make(map[string]string, len(children))
	for _, c := range children {
		starter[c.ExecutionARN] = c.SpanID
	}
	for n := range spans {
		s := &spans[n]
		kind := s.Attributes[semconv.Kind]
		if present[s.ParentSpanID] || kind != semconv.KindExecution && kind != semconv.KindTrigger {
			continue
		}
		if parent, ok := starter[s.Attributes[semconv.ExecutionARN]]; ok {
			s.ParentSpanID, s.Join = parent, &Join{Method: join.ARN, Confidence: 1}
		}
	}
}
