package store

import (
	"context"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

const (
	defaultFailureLimit = 100
	maxFailureLimit     = 10_000
	// longestVisit is how long before it failed a state may have been entered to be found; its execution is found
	// however long it took.
	longestVisit = 7 * 24 * time.Hour
)

// Kinds of failures.
const (
	FailedState     = "state"
	FailedExecution = "execution"
)

// FailureFilter selects failures; zero fields select all.
type FailureFilter struct {
	Kind          string // FailedState or FailedExecution; empty is both
	StateMachines []string
	States        []string  // their names; given some, no executions are found
	Errors        []string  // as they are written
	Since, Until  time.Time // when it failed
	Caught        bool      // states whose failure a Catch took, too
	Limit         int       // 0 is 100, 10,000 the most
}

// Failure is a state or an execution that failed.
type Failure struct {
	Kind            string    `json:"kind"` // FailedState, FailedExecution
	Time            time.Time `json:"time"` // when it failed
	Start           time.Time `json:"start"`
	StateMachineARN string    `json:"state_machine_arn"`
	State           string    `json:"state,omitempty"`
	StateType       string    `json:"state_type,omitempty"`
	Status          string    `json:"status"` // FAILED, CAUGHT; of an execution FAILED, TIMED_OUT
	Error           string    `json:"error"`
	Message         string    `json:"message"` // of a state error and cause, of an execution the cause
	ExecutionARN    string    `json:"execution_arn"`
	TraceID         string    `json:"trace_id"`
	SpanID          string    `json:"span_id"`
	RedriveCount    int       `json:"redrive_count"`
	EventID         int64     `json:"event_id,omitempty"` // that entered the state
}

const failedStatesQuery = `
SELECT toUnixTimestamp64Milli(Start), toUnixTimestamp64Milli(Start) + Duration AS failed, StateMachineArn, StateName,
    StateType, toString(Outcome), Error, Message, ExecutionArn, TraceId, RedriveCount, EventId
FROM sfn_state_visits FINAL
{where}
ORDER BY failed DESC, TraceId, EventId
LIMIT {limit:UInt32}` + finalSettings

const failedExecutionsQuery = `
SELECT toUnixTimestamp64Milli(Start), toUnixTimestamp64Milli(End) AS failed, StateMachineArn, '', '',
    toString(Status), Error, Cause, ExecutionArn, TraceId, RedriveCount, toUInt32(0)
FROM sfn_executions FINAL
{where}
ORDER BY failed DESC, TraceId
LIMIT {limit:UInt32}` + finalSettings

// Failures lists the states and executions that failed, the latest first. An execution that was aborted did not fail.
func (db *DB) Failures(ctx context.Context, filter FailureFilter) ([]Failure, error) {
	found := []Failure{}
	limit := 0
	for _, arm := range filter.arms(failedStatesQuery, failedExecutionsQuery) {
		limit = arm.query.limit(filter.Limit, defaultFailureLimit, maxFailureLimit)
		err := db.ask(ctx, "list failures", &arm.query, arm.text, func(rows driver.Rows) error {
			f, err := scanFailure(rows, arm.kind)
			found = append(found, f)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(found, func(a, b Failure) int { return b.Time.Compare(a.Time) })
	return found[:min(limit, len(found))], nil
}

func scanFailure(rows driver.Rows, kind string) (Failure, error) {
	f := Failure{Kind: kind}
	var start, failed int64
	var redrive, event uint32
	err := rows.Scan(&start, &failed, &f.StateMachineARN, &f.State, &f.StateType, &f.Status, &f.Error, &f.Message,
		&f.ExecutionARN, &f.TraceID, &redrive, &event)
	f.Start, f.Time, f.RedriveCount, f.EventID = knownTime(start), knownTime(failed), int(redrive), int64(event)
	if kind == FailedState {
		f.SpanID = spanid.Span(semconv.KindState, f.ExecutionARN, f.RedriveCount, f.EventID).String()
	} else {
		f.SpanID = spanid.Span(semconv.KindExecution, f.ExecutionARN, 0, firstEvent).String()
	}
	return f, err
}

// firstEvent is the id of ExecutionStarted, which opens the execution's span.
const firstEvent = 1

// failureArm is the question put to one table.
type failureArm struct {
	kind, text string
	query      query
}

func (f FailureFilter) arms(ofStates, ofExecutions string) []failureArm {
	var arms []failureArm
	if f.Kind != FailedExecution {
		arms = append(arms, failureArm{FailedState, ofStates, f.ofStates()})
	}
	if f.Kind != FailedState && len(f.States) == 0 {
		arms = append(arms, failureArm{FailedExecution, ofExecutions, f.ofExecutions()})
	}
	return arms
}

func (f FailureFilter) ofStates() query {
	var q query
	q.kind(f.Kind)
	q.where("Outcome IN ('FAILED'" + map[bool]string{true: ", 'CAUGHT'"}[f.Caught] + ")")
	q.machines(f.StateMachines)
	q.texts("StateName IN {texts}", "states", f.States)
	q.texts("Error IN {texts}", "errors", f.Errors)
	q.between("addMilliseconds(Start, Duration)", 3, f.Since, f.Until)
	if !f.Since.IsZero() {
		q.where("Start >= fromUnixTimestamp64Milli({entered:Int64})")
		q.param("entered", f.Since.Add(-longestVisit).UnixMilli())
	}
	if !f.Until.IsZero() {
		q.where("Start < fromUnixTimestamp64Milli({until:Int64})")
	}
	return q
}

func (f FailureFilter) ofExecutions() query {
	var q query
	q.kind(f.Kind)
	q.where("Status IN ('FAILED', 'TIMED_OUT')")
	q.machines(f.StateMachines)
	q.texts("Error IN {texts}", "errors", f.Errors)
	q.ended(f.Since, f.Until)
	return q
}

func (q *query) kind(kind string) {
	if kind != "" && kind != FailedState && kind != FailedExecution {
		q.fail("kind", "it is neither state nor execution")
	}
}
