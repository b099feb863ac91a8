-- Visits of states by minute, outcome and duration: counts and quantiles over long ranges. Visits holds a set of span
-- ids and no number, so a visit that is stored twice counts once: read uniqCombined64Merge(Visits). DurationClass n
-- holds durations from 2^(n/4) to 2^((n+1)/4) ms, so that a quantile of them is off by a tenth at most.
CREATE TABLE IF NOT EXISTS sfn_state_minutes (
    StateMachineArn LowCardinality(String) CODEC(ZSTD(1)),
    StateName LowCardinality(String) CODEC(ZSTD(1)),
    Minute DateTime COMMENT 'Of the visit''s start' CODEC(Delta, ZSTD(1)),
    Outcome Enum8('SUCCEEDED' = 1, 'CAUGHT' = 2, 'FAILED' = 3, 'ABORTED' = 4) CODEC(ZSTD(1)),
    Error LowCardinality(String) CODEC(ZSTD(1)),
    DurationClass UInt8 COMMENT 'floor(4 × log2(ms))' CODEC(ZSTD(1)),
    Visits AggregateFunction(uniqCombined64, UInt64) CODEC(ZSTD(1))
) ENGINE = AggregatingMergeTree
PARTITION BY toMonday(Minute)
ORDER BY (StateMachineArn, StateName, Minute, Outcome, Error, DurationClass)
TTL Minute + toIntervalDay(400)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS sfn_state_minutes_mv TO sfn_state_minutes AS
SELECT
    StateMachineArn,
    StateName,
    toStartOfMinute(toDateTime(Start)) AS Minute,
    Outcome,
    Error,
    toUInt8(least(255, floor(4 * log2(greatest(Duration, 1))))) AS DurationClass,
    uniqCombined64State(sipHash64(TraceId, EventId)) AS Visits
FROM sfn_state_visits
GROUP BY StateMachineArn, StateName, Minute, Outcome, Error, DurationClass;
