-- Which five minutes of otel_traces hold spans of a trace: reading one looks there, however long traces are kept. Of the
-- trace id it keeps 32 bits, for what more than one trace has in common only costs a look in vain. Rows are kept as
-- long as those of otel_traces.
CREATE TABLE IF NOT EXISTS trace_times (
    TraceHash UInt32 COMMENT 'The lower half of sipHash64(TraceId)' CODEC(Delta, ZSTD(1)),
    FiveMinutes DateTime COMMENT 'toStartOfFiveMinutes(Timestamp) of a span' CODEC(ZSTD(1))
) ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(FiveMinutes)
ORDER BY (TraceHash, FiveMinutes)
TTL FiveMinutes + toIntervalDay(90)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS trace_times_mv TO trace_times AS
SELECT DISTINCT
    toUInt32(bitAnd(sipHash64(TraceId), 0xFFFFFFFF)) AS TraceHash,
    toStartOfFiveMinutes(Timestamp) AS FiveMinutes
FROM otel_traces;

-- Spans that were stored before this table was.
INSERT INTO trace_times
SELECT toUInt32(bitAnd(sipHash64(TraceId), 0xFFFFFFFF)), toStartOfFiveMinutes(Timestamp)
FROM otel_traces;
