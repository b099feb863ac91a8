-- Points of gauges, of the Collector and agent themselves above all. Column names and types are those of the
-- OpenTelemetry Collector's ClickHouse exporter. A point sent again replaces itself: series, time and value are in the
-- sort key, for times are whole seconds, and of two points in one second both are kept unless they are the same.
CREATE TABLE IF NOT EXISTS otel_metrics_gauge (
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ResourceSchemaUrl String CODEC(ZSTD(1)),
    ScopeName String CODEC(ZSTD(1)),
    ScopeVersion String CODEC(ZSTD(1)),
    ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ScopeDroppedAttrCount UInt32 CODEC(ZSTD(1)),
    ScopeSchemaUrl String CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    MetricName LowCardinality(String) CODEC(ZSTD(1)),
    MetricDescription String CODEC(ZSTD(1)),
    MetricUnit String CODEC(ZSTD(1)),
    Attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    StartTimeUnix DateTime COMMENT 'Since when a sum or a histogram counts; 1970 when not known' CODEC(Delta, ZSTD(1)),
    TimeUnix DateTime CODEC(Delta, ZSTD(1)),
    Value Float64 CODEC(ZSTD(1)),
    Flags UInt32 COMMENT '1: no value was recorded' CODEC(ZSTD(1)),
    Exemplars Nested (
        FilteredAttributes Map(LowCardinality(String), String),
        TimeUnix DateTime,
        Value Float64,
        SpanId String,
        TraceId String
    ) CODEC(ZSTD(1)),
    SeriesId UInt64 MATERIALIZED sipHash64(
        -- Senders may write attributes in any order.
        mapKeys(mapSort(ResourceAttributes)), mapValues(mapSort(ResourceAttributes)), ScopeName,
        mapKeys(mapSort(ScopeAttributes)), mapValues(mapSort(ScopeAttributes)),
        mapKeys(mapSort(Attributes)), mapValues(mapSort(Attributes)))
        COMMENT 'Hash of what tells series of a metric apart' CODEC(ZSTD(1)),
    INDEX idx_res_attr_value mapValues(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_attr_value mapValues(Attributes) TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = ReplacingMergeTree
PARTITION BY toDate(TimeUnix)
PRIMARY KEY (ServiceName, MetricName, toStartOfHour(TimeUnix), SeriesId)
ORDER BY (ServiceName, MetricName, toStartOfHour(TimeUnix), SeriesId, TimeUnix, StartTimeUnix, Value)
TTL TimeUnix + toIntervalDay(30)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000,
    propagate_types_serialization_versions_to_nested_types = 0;
