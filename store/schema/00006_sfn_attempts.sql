-- Attempts of tasks. What joining them with Lambda invocations needs is indexed, as hashes: the texts are in
-- otel_traces. A row's identity is (TraceId, SpanId), as there; read it FINAL.
CREATE TABLE IF NOT EXISTS sfn_attempts (
    StateMachineArn LowCardinality(String) CODEC(ZSTD(1)),
    StateName LowCardinality(String) CODEC(ZSTD(1)),
    Start DateTime64(9) COMMENT 'When it was scheduled' CODEC(Delta, ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    EventId UInt32 COMMENT 'The history event that scheduled it' CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    End DateTime64(9) CODEC(Delta, ZSTD(1)),
    Open Bool COMMENT 'The end is not known yet' CODEC(ZSTD(1)),
    RetryCount UInt32 COMMENT '0 for the first attempt' CODEC(ZSTD(1)),
    QueueTime Float32 COMMENT 'From scheduled to started, s' CODEC(ZSTD(1)),
    BackoffTime Float32 COMMENT 'From the end of the attempt before, s' CODEC(ZSTD(1)),
    Outcome Enum8('SUCCEEDED' = 1, 'FAILED' = 3, 'ABORTED' = 4) CODEC(ZSTD(1)),
    Error LowCardinality(String) CODEC(ZSTD(1)),
    Message String COMMENT 'Error and cause' CODEC(ZSTD(1)),
    ResourceType LowCardinality(String) COMMENT 'lambda, dynamodb, aws-sdk:s3, states, activity, …' CODEC(ZSTD(1)),
    Resource LowCardinality(String) COMMENT 'A Lambda''s ARN, or the action: invoke, putItem, …' CODEC(ZSTD(1)),
    InvokedArn LowCardinality(String) COMMENT 'The function as the task named it' CODEC(ZSTD(1)),
    FunctionArn LowCardinality(String) COMMENT 'InvokedArn without version or alias' CODEC(ZSTD(1)),
    RequestHash UInt64 COMMENT 'sipHash64 of the request id; 0 without one' CODEC(ZSTD(1)),
    FingerprintHash UInt64 COMMENT 'sipHash64 of the payload''s fingerprint; 0 without one' CODEC(ZSTD(1)),
    ChildExecutionArn String COMMENT 'The execution that it started' CODEC(ZSTD(1)),
    ExecutionArn String CODEC(ZSTD(1)),
    INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_request RequestHash TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_fingerprint FingerprintHash TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_child_execution ChildExecutionArn TYPE bloom_filter(0.001) GRANULARITY 1
) ENGINE = ReplacingMergeTree(End)
PARTITION BY toMonday(Start)
PRIMARY KEY (StateMachineArn, toStartOfFiveMinutes(Start))
ORDER BY (StateMachineArn, toStartOfFiveMinutes(Start), TraceId, EventId, SpanId)
TTL toDateTime(Start) + toIntervalDay(90)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS sfn_attempts_mv TO sfn_attempts AS
SELECT
    ResourceAttributes['aws.step_functions.state_machine.arn'] AS StateMachineArn,
    SpanAttributes['aws.step_functions.state.name'] AS StateName,
    Timestamp AS Start,
    TraceId,
    toUInt32OrZero(SpanAttributes['aws.step_functions.event.id']) AS EventId,
    SpanId,
    addNanoseconds(Timestamp, Duration) AS End,
    SpanAttributes['steptrace.open'] = 'true' AS Open,
    toUInt32OrZero(SpanAttributes['aws.step_functions.attempt.retry_count']) AS RetryCount,
    toFloat32OrZero(SpanAttributes['aws.step_functions.attempt.queue_time']) AS QueueTime,
    toFloat32OrZero(SpanAttributes['aws.step_functions.attempt.backoff_time']) AS BackoffTime,
    CAST(multiIf(StatusCode = 'Error', 3, SpanAttributes['steptrace.aborted'] = 'true', 4, 1),
        'Enum8(\'SUCCEEDED\' = 1, \'FAILED\' = 3, \'ABORTED\' = 4)') AS Outcome,
    SpanAttributes['aws.step_functions.error'] AS Error,
    StatusMessage AS Message,
    SpanAttributes['aws.step_functions.resource_type'] AS ResourceType,
    SpanAttributes['aws.step_functions.resource'] AS Resource,
    SpanAttributes['aws.lambda.invoked_arn'] AS InvokedArn,
    -- arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]
    arrayStringConcat(arraySlice(splitByChar(':', InvokedArn), 1, 7), ':') AS FunctionArn,
    if(SpanAttributes['aws.request_id'] = '', 0, sipHash64(SpanAttributes['aws.request_id'])) AS RequestHash,
    if(SpanAttributes['steptrace.payload.fingerprint'] = '', 0,
        sipHash64(SpanAttributes['steptrace.payload.fingerprint'])) AS FingerprintHash,
    SpanAttributes['aws.step_functions.child_execution.arn'] AS ChildExecutionArn,
    SpanAttributes['aws.step_functions.execution.arn'] AS ExecutionArn
FROM otel_traces
WHERE Kind = 'attempt';
