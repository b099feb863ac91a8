-- AWS SDK calls that Lambda functions made. A row's identity is (TraceId, SpanId), as in otel_traces; read it FINAL.
CREATE TABLE IF NOT EXISTS aws_calls (
    Service LowCardinality(String) COMMENT 'S3, DynamoDB, Rekognition, …' CODEC(ZSTD(1)),
    Operation LowCardinality(String) COMMENT 'GetObject, PutItem, …' CODEC(ZSTD(1)),
    Start DateTime64(9) CODEC(Delta, ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    Caller LowCardinality(String) COMMENT 'service.name of what called' CODEC(ZSTD(1)),
    Duration UInt64 COMMENT 'ns' CODEC(ZSTD(1)),
    Failed Bool CODEC(ZSTD(1)),
    Error LowCardinality(String) CODEC(ZSTD(1)),
    HttpStatus UInt16 COMMENT 'Of the HTTP response; 0 without one' CODEC(ZSTD(1)),
    Retries UInt16 CODEC(ZSTD(1)),
    Resource String COMMENT 'Table, bucket, queue, function, …' CODEC(ZSTD(1)),
    ObjectKey String COMMENT 'Of an S3 object' CODEC(ZSTD(1)),
    ObjectTag String COMMENT 'ETag of an S3 object' CODEC(ZSTD(1)),
    ObjectVersion String COMMENT 'Of an S3 object' CODEC(ZSTD(1)),
    ChildExecutionArn String COMMENT 'The execution that it started' CODEC(ZSTD(1)),
    INDEX idx_object_key ObjectKey TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_child_execution ChildExecutionArn TYPE bloom_filter(0.001) GRANULARITY 1
) ENGINE = ReplacingMergeTree(Duration)
PARTITION BY toMonday(Start)
PRIMARY KEY toStartOfFiveMinutes(Start)
ORDER BY (toStartOfFiveMinutes(Start), TraceId, Start, SpanId)
TTL toDateTime(Start) + toIntervalDay(90)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS aws_calls_mv TO aws_calls AS
SELECT
    SpanAttributes['rpc.service'] AS Service,
    SpanAttributes['rpc.method'] AS Operation,
    Timestamp AS Start,
    TraceId,
    SpanId,
    ServiceName AS Caller,
    Duration,
    StatusCode = 'Error' AS Failed,
    SpanAttributes['error.type'] AS Error,
    toUInt16OrZero(SpanAttributes['http.response.status_code']) AS HttpStatus,
    toUInt16OrZero(SpanAttributes['http.request.resend_count']) AS Retries,
    multiIf(
        SpanAttributes['aws.s3.bucket'] != '', SpanAttributes['aws.s3.bucket'],
        -- A list of one is written ["name"]
        SpanAttributes['aws.dynamodb.table_names'] != '', trim(BOTH '[]"' FROM SpanAttributes['aws.dynamodb.table_names']),
        SpanAttributes['messaging.destination.name'] != '', SpanAttributes['messaging.destination.name'],
        SpanAttributes['faas.invoked_name'] != '', SpanAttributes['faas.invoked_name'],
        SpanAttributes['aws.step_functions.child_execution.state_machine.arn'] != '',
            SpanAttributes['aws.step_functions.child_execution.state_machine.arn'],
        SpanAttributes['aws.rekognition.collection_id'] != '', SpanAttributes['aws.rekognition.collection_id'],
        SpanAttributes['aws.secretsmanager.secret.arn']) AS Resource,
    SpanAttributes['aws.s3.key'] AS ObjectKey,
    SpanAttributes['aws.s3.etag'] AS ObjectTag,
    SpanAttributes['aws.s3.version_id'] AS ObjectVersion,
    SpanAttributes['aws.step_functions.child_execution.arn'] AS ChildExecutionArn
FROM otel_traces
WHERE Kind = 'call';
