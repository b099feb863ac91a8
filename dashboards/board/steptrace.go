package board

import (
	"fmt"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"github.com/steptrace/steptrace/spanid/semconv"
)

const itselfUID = "steptrace-self"

func itself() *builder {
	return begin(itselfUID, "Steptrace: Steptrace itself",
		"Whether the agent keeps up with AWS and the collector with the store, by the metrics that they send of themselves").
		Time("now-1h", "now").
		WithPanel(lines("Lag", "How long the execution that waits longest to be read has been due", unitSeconds,
			gauge(semconv.MetricLag, "max", region)).Span(third).Thresholds(steps(step{30, warning}, step{60, alarm}))).
		WithPanel(lines("Executions followed and behind",
			"Followed and not ended; due and not read for want of quota", unitCount,
			gauge(semconv.MetricRunning, "sum", region), gauge(semconv.MetricBacklog, "sum", region)).Span(third)).
		WithPanel(lines("Oldest unread",
			"Since the start of the oldest execution of which nothing has been read", unitSeconds,
			gauge(semconv.MetricOldestUnread, "max", region)).Span(third)).
		WithPanel(lines("AWS API calls", "What the agent asks of AWS: its use of the quota", unitPerSec,
			rate(semconv.MetricAPICalls, method)).Span(third)).
		WithPanel(lines("Throttled API calls", "Calls that AWS refused for their number", unitPerSec,
			rate(semconv.MetricAPIThrottles, method)).Span(third).Thresholds(steps(step{0.1, warning}, step{1, alarm}))).
		WithPanel(lines("History events", "Events read and accepted; executions read to their end", unitPerSec,
			rate(semconv.MetricEvents, region), rate(semconv.MetricFinished, region)).Span(third)).
		WithRow(dashboard.NewRowBuilder("Collector")).
		WithPanel(lines("Accepted", "Spans and log records that receivers took", unitPerSec,
			rate("otelcol_receiver_accepted_spans", receiver), rate("otelcol_receiver_accepted_log_records", receiver)).
			Span(third)).
		WithPanel(lines("Stored", "Rows that ClickHouse has stored, repeated ones included", unitPerSec,
			rate(semconv.MetricStoreRows, tableName)).Span(third)).
		WithPanel(lines("Refused and failed", "Refused at the door, not queued, or not delivered", unitPerSec,
			rate("otelcol_receiver_refused_spans", receiver), rate("otelcol_receiver_refused_log_records", receiver),
			rate("otelcol_exporter_enqueue_failed_spans", exporter), rate("otelcol_exporter_send_failed_spans", exporter),
			rate(semconv.MetricStoreRefused, outcome)).Span(third).Thresholds(steps(step{0.001, alarm}))).
		WithPanel(lines("Oldest in the queue",
			"How long the row that has waited longest to be stored has done so", unitSeconds,
			gauge(semconv.MetricStoreOldest, "max", dataType)).Span(third).
			Thresholds(steps(step{60, warning}, step{600, alarm}))).
		WithPanel(lines("Queue", "Batches that wait to be stored, and how many may", unitCount,
			gauge("otelcol_exporter_queue_size", "sum", exporter), gauge("otelcol_exporter_queue_capacity", "sum", exporter)).
			Span(third)).
		WithPanel(lines("Memory", "Of the collector's process", unitBytes,
			gauge("otelcol_process_memory_rss", "max", service)).Span(third)).
		WithRow(dashboard.NewRowBuilder("Sources")).
		WithPanel(lines("Log lines", "Lines of Step Functions' logs taken, and those known already", unitPerSec,
			rate(semconv.MetricLogLines, region), rate(semconv.MetricLogDuplicates, region)).Span(half)).
		WithPanel(lines("Status-change queue",
			"Messages of the SQS queue received, and those that are no status changes", unitPerSec,
			rate(semconv.MetricQueueMessages, region), rate(semconv.MetricQueueBad, region)).Span(half))
}

// by is what series are told apart by: a name for the label, and its expression.
type by struct{ label, expression string }

var (
	region   = by{"region", "Attributes['cloud.region']"}
	method   = by{"method", "Attributes['rpc.method']"}
	receiver = by{"receiver", "Attributes['receiver']"}
	exporter = by{"exporter", "Attributes['exporter']"}
	outcome  = by{"outcome", "Attributes['outcome']"}
	service  = by{"service", "ServiceName"}

	tableName = by{"table_name", "Attributes['table']"}
	dataType  = by{"data_type", "Attributes['data_type']"}
)

// gauge is what a gauge showed in each step: of several senders the sum, or the greatest.
func gauge(metric, over string, series by) Query {
	return sql(fmt.Sprintf(`SELECT time, metric, %[2]s, %[4]s(value) AS value FROM (
  SELECT $__timeInterval(TimeUnix) AS time, MetricName AS metric, %[3]s AS %[2]s, argMax(Value, TimeUnix) AS value
  FROM otel_metrics_gauge WHERE MetricName = '%[1]s' AND $__timeFilter(TimeUnix)
  GROUP BY time, metric, %[2]s, SeriesId
) GROUP BY time, metric, %[2]s ORDER BY time`, metric, series.label, series.expression, over))
}

// rate is a counter's increase a second. A counter that begins anew begins at 0.
func rate(metric string, series by) Query {
	return sql(fmt.Sprintf(`SELECT $__timeInterval(TimeUnix) AS time, MetricName AS metric, %[2]s,
  sum(if(Value >= before, Value - before, Value)) / $__interval_s AS value
FROM (
  SELECT TimeUnix, MetricName, %[3]s AS %[2]s, Value, lagInFrame(Value, 1, Value) OVER (
    PARTITION BY SeriesId ORDER BY TimeUnix, Value
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS before
  FROM otel_metrics_sum WHERE MetricName = '%[1]s' AND $__timeFilter(TimeUnix)
) GROUP BY time, metric, %[2]s ORDER BY time`, metric, series.label, series.expression))
}

func sql(text string) Query {
	return Query{Type: "sql", Format: "time_series", RawSQL: strings.TrimSpace(text)}
}
