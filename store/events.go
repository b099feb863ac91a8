package store

import (
	"context"
	"math"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// maxEvents is above the 25,000 events that a history can have, for redrives add to it.
const maxEvents = 60_000

const eventsQuery = `
SELECT id, type, time, SpanId
FROM (
    SELECT
        toInt64OrZero(LogAttributes['aws.step_functions.event.id']) AS id,
        if(EventName != '', EventName, LogAttributes['aws.step_functions.event.type']) AS type,
        toUnixTimestamp64Nano(Timestamp) AS time,
        SpanId
    FROM otel_logs
    WHERE TraceId = {trace:String} AND id > 0
        AND Timestamp BETWEEN fromUnixTimestamp64Nano({from:Int64}) AND fromUnixTimestamp64Nano({to:Int64})
    LIMIT 1 BY RecordId
)
ORDER BY id, time
LIMIT {limit:UInt32}`

// eventsOf reads the history of an execution; full says that there was more. The execution's time spares ClickHouse
// the days it does not lie in.
func (db *DB) eventsOf(ctx context.Context, e Execution) (found []Event, full bool, err error) {
	from, to := int64(0), int64(math.MaxInt64)
	if !e.Start.IsZero() {
		from = e.Start.Add(-time.Second).UnixNano()
	}
	if !e.End.IsZero() {
		to = e.End.Add(time.Second).UnixNano()
	}
	found = []Event{}
	err = db.each(ctx, "read history events", eventsQuery, func(rows driver.Rows) error {
		var v Event
		err := rows.Scan(&v.ID, &v.Type, &v.TimeUnixNano, &v.SpanID)
		found = append(found, v)
		return err
	}, clickhouse.Named("trace", e.TraceID), clickhouse.Named("from", from), clickhouse.Named("to", to),
		clickhouse.Named("limit", db.maxEvents+1))
	if len(found) > db.maxEvents {
		return found[:db.maxEvents], true, err
	}
	return found, false, err
}
