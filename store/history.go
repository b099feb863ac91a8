package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

const (
	defaultHistoryLimit = 200
	maxHistoryLimit     = 5000
)

// HistoryFilter selects events of one execution's history.
type HistoryFilter struct {
	Execution string   // its ARN, its trace id, or Latest
	Types     []string // TaskStateEntered, …
	State     string   // only events of this state and what is within its tasks
	After     int64    // the next page: the id of the last event seen
	Limit     int      // 0 is 200, 5000 the most
}

// HistoryEvent is an event with what it says. Ids go on after a redrive.
type HistoryEvent struct {
	ID           int64           `json:"id"`
	PreviousID   int64           `json:"previous_id"`
	Type         string          `json:"type"`
	Time         time.Time       `json:"time"`
	State        string          `json:"state,omitempty"`
	SpanID       string          `json:"span_id"`
	RedriveCount int             `json:"redrive_count"`
	Severity     string          `json:"severity"`          // INFO, WARN, ERROR
	Payload      json.RawMessage `json:"payload,omitempty"` // the event's details; text where they are not JSON
}

// Which events make the page is decided without their payloads, of which a history may have gigabytes.
const historyQuery = `
WITH
    toInt64OrZero(LogAttributes['aws.step_functions.event.id']) AS id,
    if(EventName != '', EventName, LogAttributes['aws.step_functions.event.type']) AS type,
    toUnixTimestamp64Milli(Timestamp) AS time,
    LogAttributes['aws.step_functions.state.name'] AS state,
    toInt64OrZero(LogAttributes['aws.step_functions.execution.redrive_count']) AS redrive
SELECT id, toInt64OrZero(LogAttributes['aws.step_functions.event.previous_id']), type, time, state, SpanId, redrive,
    SeverityText, Body
FROM otel_logs
{where}
    AND RecordId IN (
        SELECT RecordId
        FROM otel_logs
        {where}
        ORDER BY id, redrive, time
        LIMIT 1 BY RecordId
        LIMIT {limit:UInt32}
    )
ORDER BY id, redrive, time
LIMIT 1 BY RecordId`

// History reads the events of one execution with their payloads, by id. A page that is as long as the limit may have
// one after it.
func (db *DB) History(ctx context.Context, filter HistoryFilter) ([]HistoryEvent, error) {
	e, err := db.resolve(ctx, filter.Execution)
	if err != nil {
		return nil, err
	}
	q := filter.query(e)
	q.limit(filter.Limit, defaultHistoryLimit, maxHistoryLimit)
	found := []HistoryEvent{}
	err = db.ask(ctx, "read the history", &q, historyQuery, func(rows driver.Rows) error {
		var v HistoryEvent
		var at, redrive int64
		var payload string
		err := rows.Scan(&v.ID, &v.PreviousID, &v.Type, &at, &v.State, &v.SpanID, &redrive, &v.Severity, &payload)
		v.Time, v.RedriveCount, v.Payload = time.UnixMilli(at).UTC(), int(redrive), asJSON(payload)
		found = append(found, v)
		return err
	})
	return found, err
}

func (f HistoryFilter) query(e Execution) query {
	var q query
	q.text("TraceId = {trace:String}", "trace", e.TraceID)
	q.during("Timestamp", e)
	q.where("id > {after_id:Int64}")
	q.param("after_id", max(f.After, 0))
	q.texts("type IN {texts}", "types", f.Types)
	q.text("state = {state:String}", "state", f.State)
	return q
}

// during bounds a nanosecond column to the execution's time, as far as it is known, which spares ClickHouse the days it
// does not lie in.
func (q *query) during(column string, e Execution) {
	var until time.Time
	if !e.End.IsZero() {
		until = e.End.Add(time.Second)
	}
	since := e.Start
	if !since.IsZero() {
		since = since.Add(-time.Second)
	}
	q.between(column, 9, since, until)
}

func asJSON(text string) json.RawMessage {
	switch {
	case text == "":
		return nil
	case json.Valid([]byte(text)):
		return json.RawMessage(text)
	}
	quoted, _ := json.Marshal(text) // a text has JSON
	return quoted
}
