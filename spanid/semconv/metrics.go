package semconv

// Metrics of the agent about itself, each with cloud.region and, where a role is assumed, cloud.account.id.
const (
	MetricAPICalls     = "steptrace.agent.api.calls"     // counter, {call}; by rpc.service, rpc.method
	MetricAPIThrottles = "steptrace.agent.api.throttles" // counter, {call}; by rpc.service, rpc.method
	MetricRunning      = "steptrace.agent.running"       // gauge, {execution}: followed and not ended
	// MetricBacklog: gauge, {execution}: due to be read and not read, for want of quota
	MetricBacklog = "steptrace.agent.backlog"
	MetricLag     = "steptrace.agent.lag" // gauge, s: how long the execution that waits longest has been due
	// MetricOldestUnread: gauge, s: since the start of the oldest execution of which nothing has been read
	MetricOldestUnread = "steptrace.agent.oldest_unread"
	MetricEvents       = "steptrace.agent.events"   // counter, {event}: history events that the consumer accepted
	MetricFinished     = "steptrace.agent.finished" // counter, {execution}: read to their end
	// MetricSampledOut: counter, {execution}: left out by sampling, without reading them
	MetricSampledOut = "steptrace.agent.sampled_out"
	// MetricQueueMessages: counter, {message}: status changes received, repeated ones included
	MetricQueueMessages = "steptrace.agent.queue.messages"
	MetricQueueBad      = "steptrace.agent.queue.bad_messages" // counter, {message}: no status changes
)

// Metrics of what reads log lines of Step Functions, about itself.
const (
	MetricLogLines      = "steptrace.vendedlogs.lines"      // counter, {line}: taken, repeated ones included
	MetricLogDuplicates = "steptrace.vendedlogs.duplicates" // counter, {line}: that were known already
	MetricLogBad        = "steptrace.vendedlogs.bad"        // counter, {event}: log events that are no lines
	// MetricLogMissing: counter, {event}: history events that others did not wait for any longer
	MetricLogMissing = "steptrace.vendedlogs.missing"
	MetricLogLate    = "steptrace.vendedlogs.late" // counter, {line}: that came after that
	// MetricLogGivenUp: counter, {execution}: before their end was seen; by reason: silent, memory
	MetricLogGivenUp    = "steptrace.vendedlogs.given_up"
	MetricLogExecutions = "steptrace.vendedlogs.executions" // gauge, {execution}: held
	MetricLogWaiting    = "steptrace.vendedlogs.waiting"    // gauge, {line}: that wait for those before them
	MetricLogHeld       = "steptrace.vendedlogs.held"       // gauge, By: memory that lines take, roughly
	MetricLogLag        = "steptrace.vendedlogs.lag"        // gauge, s: from the latest event to when its line was taken
)

// Metrics of the exporter into the store. The sending queue's size, capacity and what it refused are the Collector's
// own otelcol_exporter_queue_size, _queue_capacity and _enqueue_failed_spans, _log_records, _metric_points.
const (
	// MetricStoreRefused: counter, {row}: that are not stored and never will be; by table, outcome: dead_letter, dropped,
	// unsupported
	MetricStoreRefused = "steptrace.store.refused_rows"
	// MetricStoreRows: counter, {row}: that ClickHouse has stored, repeated ones included; by table
	MetricStoreRows = "steptrace.store.rows"
	// MetricStoreInserts: histogram, s; by table, outcome: stored, refused, failed
	MetricStoreInserts = "steptrace.store.insert.duration"
	// MetricStoreOldest: gauge, s: how long the row that has waited longest in the sending queue has done so; by exporter,
	// data_type: traces, logs, metrics
	MetricStoreOldest = "steptrace.store.queue.oldest_age"
)
