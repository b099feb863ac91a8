-- Attempts of tasks that invoke a Lambda, narrow: what joining them with invocations needs. A row's identity is
-- (TraceId, SpanId), as in otel_traces; read it deduplicated by that.
-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS sfn_attempts (
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    ExecutionArn String CODEC(ZSTD(1)),
    InvokedArn String COMMENT 'The function as the task named it' CODEC(ZSTD(1)),
    FunctionArn String COMMENT 'InvokedArn without version or alias' CODEC(ZSTD(1)),
    RequestId String CODEC(ZSTD(1)),
    Fingerprint String CODEC(ZSTD(1)),
    Start DateTime64(9) CODEC(Delta, ZSTD(1)),
    End DateTime64(9) CODEC(Delta, ZSTD(1)),
    Open Bool COMMENT 'The end is not known yet',
    StoreVersion UInt64 CODEC(ZSTD(1)),
    INDEX idx_request_id RequestId TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_fingerprint Fingerprint TYPE bloom_filter(0.001) GRANULARITY 1
) ENGINE = ReplacingMergeTree(StoreVersion)
PARTITION BY toDate(Start)
ORDER BY (TraceId, SpanId)
TTL toDateTime(Start) + toIntervalDay(90)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS sfn_attempts_mv TO sfn_attempts AS
SELECT
    TraceId,
    SpanId,
    SpanAttributes['aws.step_functions.execution.arn'] AS ExecutionArn,
    SpanAttributes['aws.lambda.invoked_arn'] AS InvokedArn,
    -- arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]
    arrayStringConcat(arraySlice(splitByChar(':', InvokedArn), 1, 7), ':') AS FunctionArn,
    SpanAttributes['aws.request_id'] AS RequestId,
    SpanAttributes['steptrace.payload.fingerprint'] AS Fingerprint,
    Timestamp AS Start,
    addNanoseconds(Timestamp, Duration) AS End,
    SpanAttributes['steptrace.open'] = 'true' AS Open,
    StoreVersion
FROM otel_traces
WHERE SpanAttributes['steptrace.kind'] = 'attempt' AND InvokedArn != '';
