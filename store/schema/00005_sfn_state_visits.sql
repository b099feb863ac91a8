-- Visits of states that have ended. A row's identity is (TraceId, EventId); read it FINAL.
CREATE TABLE IF NOT EXISTS sfn_state_visits (
    StateMachineArn LowCardinality(String) CODEC(ZSTD(1)),
    StateName LowCardinality(String) CODEC(ZSTD(1)),
    Start DateTime64(3) CODEC(Delta, ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    EventId UInt32 COMMENT 'The history event that entered the state' CODEC(ZSTD(1)),
    StateType LowCardinality(String) CODEC(ZSTD(1)),
    Duration UInt64 COMMENT 'ms' CODEC(ZSTD(1)),
    Outcome Enum8('SUCCEEDED' = 1, 'CAUGHT' = 2, 'FAILED' = 3, 'ABORTED' = 4)
        COMMENT 'CAUGHT: it failed, and a Catch took the error' CODEC(ZSTD(1)),
    Error LowCardinality(String) COMMENT 'With which it failed, caught or not' CODEC(ZSTD(1)),
    Message String COMMENT 'Error and cause' CODEC(ZSTD(1)),
    ExecutionArn String CODEC(ZSTD(1)),
    RedriveCount UInt32 CODEC(ZSTD(1)),
    INDEX idx_outcome Outcome TYPE set(4) GRANULARITY 1
) ENGINE = ReplacingMergeTree(Duration)
PARTITION BY toMonday(Start)
PRIMARY KEY (StateMachineArn, toStartOfFiveMinutes(Start))
ORDER BY (StateMachineArn, toStartOfFiveMinutes(Start), TraceId, EventId)
TTL toDateTime(Start) + toIntervalDay(90)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS sfn_state_visits_mv TO sfn_state_visits AS
SELECT
    ResourceAttributes['aws.step_functions.state_machine.arn'] AS StateMachineArn,
    SpanAttributes['aws.step_functions.state.name'] AS StateName,
    toDateTime64(Timestamp, 3) AS Start,
    TraceId,
    toUInt32OrZero(SpanAttributes['aws.step_functions.event.id']) AS EventId,
    SpanAttributes['aws.step_functions.state.type'] AS StateType,
    intDiv(Duration, 1000000) AS Duration,
    CAST(multiIf(
        StatusCode = 'Error', 3,
        SpanAttributes['steptrace.aborted'] = 'true', 4,
        SpanAttributes['aws.step_functions.caught_error'] != '', 2,
        1),
        'Enum8(\'SUCCEEDED\' = 1, \'CAUGHT\' = 2, \'FAILED\' = 3, \'ABORTED\' = 4)') AS Outcome,
    if(Outcome = 'CAUGHT', SpanAttributes['aws.step_functions.caught_error'],
        SpanAttributes['aws.step_functions.error']) AS Error,
    StatusMessage AS Message,
    SpanAttributes['aws.step_functions.execution.arn'] AS ExecutionArn,
    toUInt32OrZero(SpanAttributes['aws.step_functions.execution.redrive_count']) AS RedriveCount
FROM otel_traces
WHERE Kind = 'state' AND SpanAttributes['steptrace.open'] != 'true';
