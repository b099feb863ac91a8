-- Executions, running ones included: fed by the history events that start, end and redrive them. Each of these events
-- knows when the execution began, so all rows of one execution have one key, and the one that tells most replaces the
-- others: of the latest redrive, the end beats the start.
CREATE TABLE IF NOT EXISTS sfn_executions (
    Start DateTime64(3) COMMENT 'When it was started first, redriven or not' CODEC(Delta, ZSTD(1)),
    ExecutionArn String CODEC(ZSTD(1)),
    ExecutionName String COMMENT 'Last part of ExecutionArn; of an Express workflow NAME:ID' CODEC(ZSTD(1)),
    StateMachineArn LowCardinality(String) CODEC(ZSTD(1)),
    StateMachineName LowCardinality(String) COMMENT 'Of a Map Run''s child STATE-MACHINE/LABEL' CODEC(ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    RedriveCount UInt32 COMMENT 'The latest' CODEC(ZSTD(1)),
    Status Enum8('RUNNING' = 1, 'SUCCEEDED' = 2, 'FAILED' = 3, 'TIMED_OUT' = 4, 'ABORTED' = 5) CODEC(ZSTD(1)),
    End DateTime64(3) COMMENT '1970 while running' CODEC(Delta, ZSTD(1)),
    MapRunArn LowCardinality(String) COMMENT 'Of the Map Run whose child it is; else empty' CODEC(ZSTD(1)),
    Error LowCardinality(String) CODEC(ZSTD(1)),
    Cause String CODEC(ZSTD(1)),
    StoreVersion UInt64 COMMENT '2 × RedriveCount, and 1 when it has ended' CODEC(ZSTD(1)),
    INDEX idx_execution_arn ExecutionArn TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_map_run MapRunArn TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_status Status TYPE set(8) GRANULARITY 1
) ENGINE = ReplacingMergeTree(StoreVersion)
PARTITION BY toMonday(Start)
PRIMARY KEY Start
ORDER BY (Start, ExecutionArn)
TTL toDateTime(Start) + toIntervalDay(90)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS sfn_executions_mv TO sfn_executions AS
SELECT
    -- An event of another maker, which does not tell the start, has a row of its own: the newest counts.
    if(LogAttributes['aws.step_functions.execution.start_time'] != '',
        fromUnixTimestamp64Milli(toInt64OrZero(LogAttributes['aws.step_functions.execution.start_time'])),
        toDateTime64(Timestamp, 3)) AS Start,
    LogAttributes['aws.step_functions.execution.arn'] AS ExecutionArn,
    -- arn:aws:states:REGION:ACCOUNT:execution:STATE-MACHINE:NAME, or express:STATE-MACHINE:NAME:ID
    arrayStringConcat(arraySlice(splitByChar(':', ExecutionArn), 8), ':') AS ExecutionName,
    if(ResourceAttributes['aws.step_functions.state_machine.arn'] != '',
        ResourceAttributes['aws.step_functions.state_machine.arn'],
        LogAttributes['aws.step_functions.state_machine.arn']) AS StateMachineArn,
    if(ResourceAttributes['aws.step_functions.state_machine.name'] != '',
        ResourceAttributes['aws.step_functions.state_machine.name'],
        splitByChar(':', ExecutionArn)[7]) AS StateMachineName,
    TraceId,
    toUInt32OrZero(LogAttributes['aws.step_functions.execution.redrive_count']) AS RedriveCount,
    CAST(multiIf(
        EventName = 'ExecutionSucceeded', 2,
        EventName = 'ExecutionFailed', 3,
        EventName = 'ExecutionTimedOut', 4,
        EventName = 'ExecutionAborted', 5,
        1),
        'Enum8(\'RUNNING\' = 1, \'SUCCEEDED\' = 2, \'FAILED\' = 3, \'TIMED_OUT\' = 4, \'ABORTED\' = 5)') AS Status,
    if(Status = 'RUNNING', toDateTime64(0, 3), toDateTime64(Timestamp, 3)) AS End,
    LogAttributes['aws.step_functions.map_run.arn'] AS MapRunArn,
    if(LogAttributes['aws.step_functions.error'] != '',
        LogAttributes['aws.step_functions.error'], JSONExtractString(Body, 'error')) AS Error,
    if(LogAttributes['aws.step_functions.cause'] != '',
        LogAttributes['aws.step_functions.cause'], JSONExtractString(Body, 'cause')) AS Cause,
    2 * RedriveCount + (Status != 'RUNNING') AS StoreVersion
FROM otel_logs
WHERE ExecutionArn != '' AND EventName IN ('ExecutionStarted', 'ExecutionRedriven', 'ExecutionSucceeded',
    'ExecutionFailed', 'ExecutionTimedOut', 'ExecutionAborted');
