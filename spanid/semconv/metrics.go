package semconv

// Metrics of the agent about itself, each with cloud.region and, where a role is assumed, cloud.account.id.
const (
	MetricAPICalls     = "steptrace.agent.api.calls"     // counter, {call}; by rpc.method
	MetricAPIThrottles = "steptrace.agent.api.throttles" // counter, {call}; by rpc.method
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
