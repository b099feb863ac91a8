-- Lambda invocations. What joining them with attempts needs is indexed, as hashes: the texts are in otel_traces. A row's
-- identity is (TraceId, SpanId), as in otel_traces; read it FINAL.
CREATE TABLE IF NOT EXISTS lambda_invocations (
    FunctionArn LowCardinality(String) COMMENT 'InvokedArn without version or alias' CODEC(ZSTD(1)),
    Start DateTime64(9) CODEC(Delta, ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    End DateTime64(9) CODEC(Delta, ZSTD(1)),
    InvokedArn LowCardinality(String) COMMENT 'The function as it was invoked' CODEC(ZSTD(1)),
    RequestHash UInt64 COMMENT 'sipHash64 of the request id; 0 without one' CODEC(ZSTD(1)),
    FingerprintHash UInt64 COMMENT 'sipHash64 of the payload''s fingerprint; 0 without one' CODEC(ZSTD(1)),
    ColdStart Bool CODEC(ZSTD(1)),
    TimedOut Bool CODEC(ZSTD(1)),
    Failed Bool CODEC(ZSTD(1)),
    Error LowCardinality(String) CODEC(ZSTD(1)),
    Message String CODEC(ZSTD(1)),
    Memory UInt64 COMMENT 'What the function may take, bytes' CODEC(T64, ZSTD(1)),
    INDEX idx_request RequestHash TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_fingerprint FingerprintHash TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1
) ENGINE = ReplacingMergeTree(End)
PARTITION BY toMonday(Start)
PRIMARY KEY (FunctionArn, toStartOfFiveMinutes(Start))
ORDER BY (FunctionArn, toStartOfFiveMinutes(Start), TraceId, SpanId)
TTL toDateTime(Start) + toIntervalDay(90)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS lambda_invocations_mv TO lambda_invocations AS
SELECT
    if(InvokedArn != '', arrayStringConcat(arraySlice(splitByChar(':', InvokedArn), 1, 7), ':'),
        ResourceAttributes['cloud.resource_id']) AS FunctionArn,
    Timestamp AS Start,
    TraceId,
    SpanId,
    addNanoseconds(Timestamp, Duration) AS End,
    SpanAttributes['aws.lambda.invoked_arn'] AS InvokedArn,
    if(SpanAttributes['faas.invocation_id'] = '', 0, sipHash64(SpanAttributes['faas.invocation_id'])) AS RequestHash,
    if(SpanAttributes['steptrace.payload.fingerprint'] = '', 0,
        sipHash64(SpanAttributes['steptrace.payload.fingerprint'])) AS FingerprintHash,
    SpanAttributes['faas.coldstart'] = 'true' AS ColdStart,
    SpanAttributes['steptrace.timed_out'] = 'true' AS TimedOut,
    StatusCode = 'Error' AS Failed,
    SpanAttributes['error.type'] AS Error,
    StatusMessage AS Message,
    toUInt64OrZero(ResourceAttributes['faas.max_memory']) AS Memory
FROM otel_traces
WHERE Kind = 'invocation';
