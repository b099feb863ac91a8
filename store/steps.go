package store

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// step is one visit of a state or one attempt, as its span and its events tell together.
type step struct {
	kind, state, typ string
	start, spanEnd   int64 // ms; spanEnd is 0 without a span
	ended            bool  // there is a span, and it is closed
	lastEvent        int64 // ms; 0 without an event
	failed, aborted  bool
	caught           string // error
	failure, message string
	retries          int
}

// Spans come when things end, and events before. Both are sorted by trace and time.
const stepsQuery = `
SELECT id, any(kind) AS kind, max(state), max(type), min(start) AS first, max(end), max(closed), max(event),
    argMax(outcome, end), argMax(caught, end), argMax(error, end), argMax(message, end), max(retry)
FROM (
    SELECT * FROM (
        SELECT SpanId AS id, toString(Kind) AS kind, SpanAttributes['aws.step_functions.state.name'] AS state,
            SpanAttributes['aws.step_functions.state.type'] AS type,
            toUnixTimestamp64Milli(Timestamp) AS start, toInt64(start + intDiv(Duration, 1000000)) AS end,
            SpanAttributes['steptrace.open'] != 'true' AS closed, toInt64(0) AS event,
            multiIf(StatusCode = 'Error', 'FAILED', SpanAttributes['steptrace.aborted'] = 'true', 'ABORTED', '')
                AS outcome,
            SpanAttributes['aws.step_functions.caught_error'] AS caught,
            SpanAttributes['aws.step_functions.error'] AS error, StatusMessage AS message,
            toInt64OrZero(SpanAttributes['aws.step_functions.attempt.retry_count']) AS retry
        FROM otel_traces
        {spans}
        ORDER BY Duration DESC
        LIMIT 1 BY SpanId
    )
    UNION ALL
    SELECT SpanId, LogAttributes['steptrace.kind'], LogAttributes['aws.step_functions.state.name'], '',
        min(toUnixTimestamp64Milli(Timestamp)), 0, 0, max(toUnixTimestamp64Milli(Timestamp)), '', '', '', '', 0
    FROM otel_logs
    {events}
    GROUP BY ALL
)
WHERE id != ''
GROUP BY id
ORDER BY first, id
LIMIT {limit:UInt32}`

// stepsOf reads the visits and attempts of an execution; full says that there were more.
func (db *DB) stepsOf(ctx context.Context, e Execution) (found []step, full bool, err error) {
	var spans, events query
	spans.where("TraceId = {trace:String} AND Kind IN ('state', 'attempt')")
	events.where("TraceId = {trace:String} AND LogAttributes['steptrace.kind'] IN ('state', 'attempt')")
	spans.param("trace", e.TraceID)
	spans.during("Timestamp", e)
	events.during("Timestamp", e)
	spans.param("limit", db.maxSpans+1)
	text := replaceWhere(replaceWhere(stepsQuery, "{spans}", spans), "{events}", events)
	err = db.ask(ctx, "read states and attempts", &spans, text, func(rows driver.Rows) error {
		s, err := scanStep(rows)
		found = append(found, s)
		return err
	})
	if len(found) > db.maxSpans {
		return found[:db.maxSpans], true, err
	}
	return found, false, err
}

func scanStep(rows driver.Rows) (step, error) {
	var s step
	var id, outcome string
	var closed uint8
	var retries int64
	err := rows.Scan(&id, &s.kind, &s.state, &s.typ, &s.start, &s.spanEnd, &closed, &s.lastEvent, &outcome, &s.caught,
		&s.failure, &s.message, &retries)
	s.ended, s.retries = closed != 0, int(retries)
	s.failed, s.aborted = outcome == StateFailed, outcome == StateAborted
	return s, err
}

// runs tells whether the step goes on: its span has not come, or is older than what its events say since a redrive.
// When the execution has ended nothing does; such a span is still on its way.
func (s step) runs(executionRuns bool) bool {
	return executionRuns && (!s.ended || s.lastEvent > s.spanEnd)
}

// addTo counts the step in its state.
func (s step) addTo(states map[string]*WorkflowState, executionRuns bool) {
	if s.state == "" {
		return
	}
	w := states[s.state]
	if w == nil {
		w = &WorkflowState{Name: s.state, Status: StateNotReached}
		states[s.state] = w
	}
	if s.failure != "" || s.caught != "" {
		w.Error, w.Message = s.failure, s.message
		if s.failure == "" {
			w.Error = s.caught
		}
	}
	if s.kind == semconv.KindAttempt {
		w.Attempts++
		if s.retries > 0 {
			w.Retries++
		}
		return
	}
	w.visit(s, s.runs(executionRuns))
}

// visit counts one visit; visits come by their start.
func (w *WorkflowState) visit(s step, runs bool) {
	w.Visits++
	if w.Type == "" {
		w.Type = s.typ
	}
	start := time.UnixMilli(s.start).UTC()
	if w.FirstStart.IsZero() || start.Before(w.FirstStart) {
		w.FirstStart = start
	}
	if runs {
		w.Running++
		w.Status = StateRunning
		return
	}
	status := s.status(w)
	if s.ended {
		w.Duration += float64(s.spanEnd - s.start)
	}
	end := time.UnixMilli(max(s.spanEnd, s.lastEvent)).UTC()
	if latest := !end.Before(w.LastEnd); latest {
		w.LastEnd = end
		if w.Status != StateRunning {
			w.Status = status
		}
	}
}

// status is what became of a visit, which it counts.
func (s step) status(w *WorkflowState) string {
	switch {
	case s.failed:
		w.Failed++
		return StateFailed
	case s.aborted:
		w.Aborted++
		return StateAborted
	case s.caught != "":
		w.Caught++
		return StateCaught
	}
	w.Succeeded++
	return StateSucceeded
}
