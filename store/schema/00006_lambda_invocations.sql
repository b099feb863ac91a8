-- Lambda invocations, narrow: what joining them with attempts needs. A row's identity is (TraceId, SpanId), as in
-- otel_traces; read it deduplicated by that.
-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS lambda_invocations (
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    InvokedArn String COMMENT 'The function as it was invoked' CODEC(ZSTD(1)),
    FunctionArn LowCardinality(String) COMMENT 'InvokedArn without version or alias' CODEC(ZSTD(1)),
    RequestId String CODEC(ZSTD(1)),
    Fingerprint String CODEC(ZSTD(1)),
    Start DateTime64(9) CODEC(Delta, ZSTD(1)),
    End DateTime64(9) CODEC(Delta, ZSTD(1)),
    StoreVersion UInt64 CODEC(ZSTD(1)),
    INDEX idx_request_id RequestId TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1
) ENGINE = ReplacingMergeTree(StoreVersion)
PARTITION BY toDate(Start)
PRIMARY KEY (FunctionArn, Fingerprint, Start)
ORDER BY (FunctionArn, Fingerprint, Start, TraceId, SpanId)
TTL toDateTime(Start) + toIntervalDay(90)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS lambda_invocations_mv TO lambda_invocations AS
SELECT
    TraceId,
    SpanId,
    SpanAttributes['aws.lambda.invoked_arn'] AS InvokedArn,
    if(InvokedArn != '', arrayStringConcat(arraySlice(splitByChar(':', InvokedArn), 1, 7), ':'),
        ResourceAttributes['cloud.resource_id']) AS FunctionArn,
    SpanAttributes['faas.invocation_id'] AS RequestId,
    SpanAttributes['steptrace.payload.fingerprint'] AS Fingerprint,
    Timestamp AS Start,
    addNanoseconds(Timestamp, Duration) AS End,
    StoreVersion
FROM otel_traces
WHERE SpanAttributes['steptrace.kind'] = 'invocation';
