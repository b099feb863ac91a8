package store

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

const (
	defaultMapRunLimit = 50
	maxMapRunLimit     = maxTexts
)

// MapRunFilter selects runs of distributed Map states; zero fields select all.
type MapRunFilter struct {
	MapRunARN     string
	ExecutionARN  string    // whose run it is
	StateMachines []string  // names or ARNs
	Since, Until  time.Time // when they started
	Limit         int       // newest first; 0 is 50, 200 the most
}

// MapRun is one run of a distributed Map state.
type MapRun struct {
	MapRunARN       string         `json:"map_run_arn"` // empty where payloads are off and the run goes on
	ExecutionARN    string         `json:"execution_arn"`
	StateMachineARN string         `json:"state_machine_arn"`
	State           string         `json:"state"`
	Status          string         `json:"status"` // RUNNING, SUCCEEDED, FAILED, ABORTED
	Start           time.Time      `json:"start"`
	End             time.Time      `json:"end,omitzero"`  // zero while running
	RedriveCount    int            `json:"redrive_count"` // of the run
	TraceID         string         `json:"trace_id"`
	SpanID          string         `json:"span_id"`
	Children        ChildrenCounts `json:"children"` // that the store knows
}

// ChildrenCounts counts executions by status.
type ChildrenCounts struct {
	Running   uint64 `json:"running"`
	Succeeded uint64 `json:"succeeded"`
	Failed    uint64 `json:"failed"`
	TimedOut  uint64 `json:"timed_out"`
	Aborted   uint64 `json:"aborted"`
}

// A run's span comes when it has ended; the event that started it, before.
const mapRunsQuery = `
SELECT id, max(trace), max(arn) AS run, max(execution) AS parent, max(machine) AS StateMachineArn, max(state),
    min(start) AS first, max(end), max(event), argMax(outcome, end), max(redrives)
FROM (
    SELECT * FROM (
        SELECT SpanId AS id, TraceId AS trace, SpanAttributes['aws.step_functions.map_run.arn'] AS arn,
            SpanAttributes['aws.step_functions.execution.arn'] AS execution,
            ResourceAttributes['aws.step_functions.state_machine.arn'] AS machine,
            SpanAttributes['aws.step_functions.state.name'] AS state,
            toUnixTimestamp64Milli(Timestamp) AS start,
            if(SpanAttributes['steptrace.open'] = 'true', 0, toInt64(start + intDiv(Duration, 1000000))) AS end,
            toInt64(0) AS event,
            multiIf(
                StatusCode = 'Error', 'FAILED', SpanAttributes['steptrace.aborted'] = 'true', 'ABORTED', 'SUCCEEDED')
                AS outcome,
            toInt64OrZero(SpanAttributes['aws.step_functions.map_run.redrive_count']) AS redrives
        FROM otel_traces
        {spans}
        ORDER BY Duration DESC
        LIMIT 1 BY TraceId, SpanId
    )
    UNION ALL
    SELECT SpanId, TraceId, JSONExtractString(Body, 'mapRunArn'), LogAttributes['aws.step_functions.execution.arn'],
        ResourceAttributes['aws.step_functions.state_machine.arn'], LogAttributes['aws.step_functions.state.name'],
        toUnixTimestamp64Milli(Timestamp), 0, toUnixTimestamp64Milli(Timestamp), '',
        toInt64(JSONExtractUInt(Body, 'redriveCount'))
    FROM otel_logs
    {events}
)
GROUP BY id
HAVING {having}
ORDER BY first DESC, id
LIMIT {limit:UInt32}`

const childrenCountsQuery = `
SELECT MapRunArn, countIf(Status = 'RUNNING'), countIf(Status = 'SUCCEEDED'), countIf(Status = 'FAILED'),
    countIf(Status = 'TIMED_OUT'), countIf(Status = 'ABORTED')
FROM sfn_executions FINAL
{where}
GROUP BY MapRunArn` + finalSettings

// MapRuns lists runs of distributed Map states with what became of their children, the newest first.
func (db *DB) MapRuns(ctx context.Context, filter MapRunFilter) ([]MapRun, error) {
	q, text := filter.query()
	q.limit(filter.Limit, defaultMapRunLimit, maxMapRunLimit)
	found := []MapRun{}
	err := db.ask(ctx, "list Map Runs", &q, text, func(rows driver.Rows) error {
		m, err := scanMapRun(rows)
		found = append(found, m)
		return err
	})
	if err != nil {
		return nil, err
	}
	return found, db.countChildren(ctx, found)
}

func (f MapRunFilter) query() (query, string) {
	var q, spans, events, having query
	spans.where("Kind = 'map_run'")
	spans.between("Timestamp", 9, f.Since, f.Until)
	events.where("EventName IN ('MapRunStarted', 'MapRunRedriven')")
	events.between("Timestamp", 9, f.Since, time.Time{}) // a redrive may come after the range
	having.between("fromUnixTimestamp64Milli(first)", 3, f.Since, f.Until)
	having.where("id != ''")
	having.text("run = {map_run:String}", "map_run", f.MapRunARN)
	having.text("parent = {execution:String}", "execution", f.ExecutionARN)
	having.machines(f.StateMachines)
	text := replaceWhere(replaceWhere(mapRunsQuery, "{spans}", spans), "{events}", events)
	// Nanoseconds and milliseconds of the range have names of their own.
	q.params = append(spans.params, having.params...)
	q.err = having.err
	return q, replaceConditions(text, "{having}", having)
}

func scanMapRun(rows driver.Rows) (MapRun, error) {
	var m MapRun
	var start, end, event, redrives int64
	err := rows.Scan(&m.SpanID, &m.TraceID, &m.MapRunARN, &m.ExecutionARN, &m.StateMachineARN, &m.State, &start, &end,
		&event, &m.Status, &redrives)
	m.Start, m.RedriveCount = knownTime(start), int(redrives)
	if end == 0 || event > end {
		m.Status = StateRunning
	} else {
		m.End = knownTime(end)
	}
	return m, err
}

// countChildren counts the children of the runs, which start after them.
func (db *DB) countChildren(ctx context.Context, runs []MapRun) error {
	index := map[string]int{}
	var arns []string
	var first time.Time
	for n, m := range runs {
		if m.MapRunARN == "" {
			continue
		}
		index[m.MapRunARN] = n
		arns = append(arns, m.MapRunARN)
		if first.IsZero() || m.Start.Before(first) {
			first = m.Start
		}
	}
	if len(arns) == 0 {
		return nil
	}
	var q query
	q.texts("MapRunArn IN {texts}", "runs", arns)
	q.between("Start", 3, first.Add(-time.Second), time.Time{})
	return db.ask(ctx, "count the children of Map Runs", &q, childrenCountsQuery, func(rows driver.Rows) error {
		arn, c, err := scanChildrenCounts(rows)
		if n, known := index[arn]; known && err == nil {
			runs[n].Children = c
		}
		return err
	})
}
