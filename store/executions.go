package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

const (
	defaultExecutionLimit = 100
	maxExecutionLimit     = 1000
	maxTokens             = 16 // words of one search
)

var executionStatuses = []string{"RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}

// finalSettings read of each row the copy that counts. No row spans partitions, for a row's is a function of its
// identity's start. A new ClickHouse uses skip indexes with FINAL, and then looks for newer copies as well.
const finalSettings = `
SETTINGS do_not_merge_across_partitions_select_final = 1`

const executionColumns = `ExecutionArn, ExecutionName, StateMachineName, StateMachineArn, TraceId, RedriveCount,
    toString(Status), toUnixTimestamp64Milli(Start), toUnixTimestamp64Milli(End), MapRunArn, Error, Cause`

const executionsQuery = `
SELECT ` + executionColumns + `
FROM sfn_executions FINAL
{where}
ORDER BY Start DESC, ExecutionArn
LIMIT {limit:UInt32}` + finalSettings

// Executions lists executions, the newest start first, running ones included.
func (db *DB) Executions(ctx context.Context, filter ExecutionFilter) ([]Execution, error) {
	return db.selectExecutions(ctx, selection{ExecutionFilter: filter})
}

// selection adds to a filter what names one execution.
type selection struct {
	ExecutionFilter
	arn, traceID string
	latest       bool // of all
}

func (db *DB) selectExecutions(ctx context.Context, s selection) ([]Execution, error) {
	q := s.query()
	q.limit(s.Limit, defaultExecutionLimit, maxExecutionLimit)
	found := []Execution{}
	err := db.ask(ctx, "list executions", &q, executionsQuery, func(rows driver.Rows) error {
		e, err := scanExecution(rows)
		found = append(found, e)
		return err
	})
	return found, err
}

func (s selection) query() query {
	var q query
	q.between("Start", 3, s.Since, s.Until)
	if s.latest { // ClickHouse knows it of each part, and reads no other
		q.where("Start = (SELECT max(Start) FROM sfn_executions)")
	}
	q.texts("(StateMachineArn IN {texts} OR StateMachineName IN {texts})", "machines", s.StateMachines)
	q.statuses("Status", s.Statuses, executionStatuses)
	q.text("ExecutionArn = {arn:String}", "arn", s.arn)
	q.text("TraceId = {trace:String}", "trace", s.traceID)
	q.text("MapRunArn = {map_run:String}", "map_run", s.MapRunARN)
	q.texts("Error IN {texts}", "errors", s.Errors)
	q.text("positionCaseInsensitiveUTF8(ExecutionArn, {name:String}) > 0", "name", s.Name)
	q.duration(s.MinDuration, s.MaxDuration)
	q.failedState(s.FailedState, !s.Since.IsZero())
	q.words(s.Text, !s.Since.IsZero())
	if !s.After.Start.IsZero() {
		q.where("Start <= fromUnixTimestamp64Milli({after:Int64})")
		q.where("(Start < fromUnixTimestamp64Milli({after:Int64}) OR ExecutionArn > {after_arn:String})")
		q.check("after_arn", s.After.ExecutionARN)
		q.param("after", s.After.Start.UnixMilli())
		q.param("after_arn", s.After.ExecutionARN)
	}
	return q
}

// duration bounds how long executions took.
func (q *query) duration(least, most time.Duration) {
	const took = "dateDiff('millisecond', Start, if(Status = 'RUNNING', now64(3), End))"
	if least > 0 {
		q.where(took + " >= {least:Int64}")
		q.param("least", least.Milliseconds())
	}
	if most > 0 {
		q.where(took + " <= {most:Int64}")
		q.param("most", most.Milliseconds())
	}
}

// failedState selects executions by a visit of a state in them: that failed, or that their own end broke off. Visits
// come after the execution's start.
func (q *query) failedState(name string, since bool) {
	bound := ""
	if since {
		bound = " AND Start >= fromUnixTimestamp64Milli({since:Int64})"
	}
	visited := func(outcomes string) string {
		return "TraceId IN (SELECT TraceId FROM sfn_state_visits FINAL WHERE StateName = {failed_state:String}" +
			" AND Outcome IN (" + outcomes + ")" + bound + ")"
	}
	q.text("("+visited("'FAILED', 'CAUGHT'")+" OR Status IN ('TIMED_OUT', 'ABORTED') AND "+visited("'ABORTED'")+")",
		"failed_state", name)
}

// words selects executions by words in one of their events. The index knows words only.
func (q *query) words(text string, since bool) {
	if text == "" {
		return
	}
	words := strings.FieldsFunc(lowerASCII(text), func(r rune) bool { return r < 0x80 && !isAlphanumeric(r) })
	if len(words) == 0 {
		q.fail("text", "it has no word: letters or digits")
	}
	if len(words) > maxTokens {
		q.fail("text", fmt.Sprintf("%d words are too many: at most %d", len(words), maxTokens))
		return
	}
	q.check("text", text)
	var conditions []string
	if since {
		conditions = append(conditions, "Timestamp >= fromUnixTimestamp64Milli({since:Int64})")
	}
	for n, word := range words {
		name := fmt.Sprintf("word_%d", n)
		conditions = append(conditions, "hasToken(lower(Body), {"+name+":String})")
		q.param(name, word)
	}
	q.where("TraceId IN (SELECT TraceId FROM otel_logs WHERE TraceId != '' AND " +
		strings.Join(conditions, " AND ") + ")")
}

func isAlphanumeric(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// lowerASCII is ClickHouse's lower.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

func scanExecution(rows driver.Rows) (Execution, error) {
	var e Execution
	var redrive uint32
	var start, end int64
	err := rows.Scan(&e.ExecutionARN, &e.Name, &e.StateMachine, &e.StateMachineARN, &e.TraceID, &redrive, &e.Status,
		&start, &end, &e.MapRunARN, &e.Error, &e.Cause)
	e.RedriveCount, e.Start, e.End = int(redrive), knownTime(start), knownTime(end)
	return e, err
}

// knownTime turns Unix milliseconds into a time, 0 (not known) into the zero time.
func knownTime(millis int64) time.Time {
	if millis == 0 {
		return time.Time{}
	}
	return time.UnixMilli(millis).UTC()
}
