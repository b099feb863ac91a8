package store

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

const (
	defaultCallLimit = 100
	maxCallLimit     = 10_000
)

// CallFilter selects AWS calls that Lambda functions made; zero fields select all.
type CallFilter struct {
	Services, Operations, Callers []string  // S3; GetObject; service.name of what called
	StateMachines                 []string  // names or ARNs: calls of the functions that their tasks invoke
	Resource                      string    // the table, bucket, queue, …
	Failed                        bool      // only those that failed
	Since, Until                  time.Time // when they began
	Limit                         int       // 0 is 100, 10,000 the most
}

// CallGroup is the calls of one operation by one caller, in one step of time if asked for.
type CallGroup struct {
	Time      time.Time `json:"time,omitzero"` // the step's begin
	Service   string    `json:"service"`
	Operation string    `json:"operation"`
	Caller    string    `json:"caller"`
	Calls     uint64    `json:"calls"`
	Errors    uint64    `json:"errors"`
	Throttled uint64    `json:"throttled"` // answered 429, or with an error that says so
	Retries   uint64    `json:"retries"`
	P50       float64   `json:"p50_ms"`
	P95       float64   `json:"p95_ms"`
	P99       float64   `json:"p99_ms"`
	Max       float64   `json:"max_ms"`
}

const callGroupsQuery = `
SELECT
    ` + stepOf + ` AS time,
    Service, Operation, Caller, count() AS calls, countIf(Failed),
    countIf(HttpStatus = 429 OR positionCaseInsensitive(Error, 'Throttl') > 0 OR Error = 'TooManyRequestsException'
        OR Error = 'ProvisionedThroughputExceededException' OR Error = 'SlowDown'),
    sum(Retries), quantilesExact(0.5, 0.95, 0.99, 1)(Duration)
FROM aws_calls FINAL
{where}
GROUP BY time, Service, Operation, Caller
ORDER BY time, calls DESC, Service, Operation, Caller
LIMIT {limit:UInt32}` + finalSettings

// Calls groups AWS calls by service, operation and caller, the most frequent first; with a step (whole seconds) one
// group for each step of time, in the order of time.
func (db *DB) Calls(ctx context.Context, filter CallFilter, step time.Duration) ([]CallGroup, error) {
	q := filter.query()
	q.limit(filter.Limit, defaultCallLimit, maxCallLimit)
	q.param("step", stepSeconds(step))
	found := []CallGroup{}
	err := db.ask(ctx, "group AWS calls", &q, callGroupsQuery, func(rows driver.Rows) error {
		var g CallGroup
		var at int64
		var quantiles []uint64
		err := rows.Scan(&at, &g.Service, &g.Operation, &g.Caller, &g.Calls, &g.Errors, &g.Throttled, &g.Retries,
			&quantiles)
		if err != nil {
			return err
		}
		g.Time = knownTime(at)
		g.P50, g.P95, g.P99, g.Max = millis(quantiles[0]), millis(quantiles[1]), millis(quantiles[2]), millis(quantiles[3])
		found = append(found, g)
		return nil
	})
	return found, err
}

// stepSeconds is 0 for no step, else at least 1.
func stepSeconds(step time.Duration) uint32 {
	if step <= 0 {
		return 0
	}
	return uint32(min(max(step/time.Second, 1), 1<<31))
}

func millis(nanoseconds uint64) float64 { return float64(nanoseconds) / 1e6 }

// Call is one AWS call.
type Call struct {
	Start          time.Time `json:"start"`
	Service        string    `json:"service"`
	Operation      string    `json:"operation"`
	Caller         string    `json:"caller"`
	Duration       float64   `json:"duration_ms"`
	Failed         bool      `json:"failed"`
	Error          string    `json:"error,omitempty"`
	HTTPStatus     int       `json:"http_status,omitempty"` // 0 without a response
	Retries        int       `json:"retries"`
	Resource       string    `json:"resource,omitempty"`
	ObjectKey      string    `json:"object_key,omitempty"`      // of an S3 object
	ChildExecution string    `json:"child_execution,omitempty"` // the ARN of the execution that it started
	TraceID        string    `json:"trace_id"`
	SpanID         string    `json:"span_id"`
}

const slowestCallsQuery = `
SELECT toUnixTimestamp64Nano(Start), Service, Operation, Caller, Duration, Failed, Error, HttpStatus, Retries,
    Resource, ObjectKey, ChildExecutionArn, TraceId, SpanId
FROM aws_calls FINAL
{where}
ORDER BY Duration DESC, TraceId, SpanId
LIMIT {limit:UInt32}` + finalSettings

// SlowestCalls lists AWS calls, the longest first.
func (db *DB) SlowestCalls(ctx context.Context, filter CallFilter) ([]Call, error) {
	q := filter.query()
	q.limit(filter.Limit, defaultCallLimit, maxCallLimit)
	found := []Call{}
	err := db.ask(ctx, "list the slowest AWS calls", &q, slowestCallsQuery, func(rows driver.Rows) error {
		var c Call
		var start int64
		var duration uint64
		var status, retries uint16
		err := rows.Scan(&start, &c.Service, &c.Operation, &c.Caller, &duration, &c.Failed, &c.Error, &status, &retries,
			&c.Resource, &c.ObjectKey, &c.ChildExecution, &c.TraceID, &c.SpanID)
		c.Start, c.Duration = time.Unix(0, start).UTC(), millis(duration)
		c.HTTPStatus, c.Retries = int(status), int(retries)
		found = append(found, c)
		return err
	})
	return found, err
}

func (f CallFilter) query() query {
	var q query
	q.between("Start", 9, f.Since, f.Until)
	q.texts("Service IN {texts}", "services", f.Services)
	q.texts("Operation IN {texts}", "operations", f.Operations)
	q.texts("Caller IN {texts}", "callers", f.Callers)
	q.calledFor(f.StateMachines, f.Since, f.Until)
	q.text("Resource = {resource:String}", "resource", f.Resource)
	if f.Failed {
		q.where("Failed")
	}
	return q
}
