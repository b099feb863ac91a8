-- Executions, one per execution ARN and redrive, running ones included: fed by the history events that start and end
-- them. Each event gives one row that knows a part. max over the rows of a key gives the whole, in any order of arrival
-- and however often a row is repeated. Read it grouped: SELECT ExecutionArn, RedriveCount, max(Status), … GROUP BY ….
-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS sfn_executions (
    StateMachineArn LowCardinality(String) CODEC(ZSTD(1)),
    ExecutionArn String CODEC(ZSTD(1)),
    RedriveCount UInt32,
    EventDate Date COMMENT 'Day of the events in the row',
    StateMachineName SimpleAggregateFunction(max, LowCardinality(String)) CODEC(ZSTD(1)),
    ExecutionName SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
    TraceId SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
    Status SimpleAggregateFunction(max, Enum8(
        'RUNNING' = 1, 'SUCCEEDED' = 2, 'FAILED' = 3, 'TIMED_OUT' = 4, 'ABORTED' = 5)),
    Start SimpleAggregateFunction(max, DateTime64(9)) COMMENT 'Of this redrive, 1970 while unknown',
    End SimpleAggregateFunction(max, DateTime64(9)) COMMENT '1970 while running',
    Error SimpleAggregateFunction(max, String) CODEC(ZSTD(1)),
    Cause SimpleAggregateFunction(max, String) CODEC(ZSTD(1))
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(EventDate)
ORDER BY (StateMachineArn, ExecutionArn, RedriveCount, EventDate)
TTL EventDate + toIntervalDay(90)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS sfn_executions_mv TO sfn_executions AS
SELECT
    if(ResourceAttributes['aws.step_functions.state_machine.arn'] != '',
        ResourceAttributes['aws.step_functions.state_machine.arn'],
        LogAttributes['aws.step_functions.state_machine.arn']) AS StateMachineArn,
    LogAttributes['aws.step_functions.execution.arn'] AS ExecutionArn,
    toUInt32OrZero(LogAttributes['aws.step_functions.execution.redrive_count']) AS RedriveCount,
    toDate(Timestamp) AS EventDate,
    -- arn:aws:states:REGION:ACCOUNT:execution:STATE-MACHINE:NAME, or express:STATE-MACHINE:NAME:ID
    if(ResourceAttributes['aws.step_functions.state_machine.name'] != '',
        ResourceAttributes['aws.step_functions.state_machine.name'],
        splitByChar(':', ExecutionArn)[7]) AS StateMachineName,
    splitByChar(':', ExecutionArn)[8] AS ExecutionName,
    TraceId,
    CAST(multiIf(
        EventName = 'ExecutionSucceeded', 'SUCCEEDED',
        EventName = 'ExecutionFailed', 'FAILED',
        EventName = 'ExecutionTimedOut', 'TIMED_OUT',
        EventName = 'ExecutionAborted', 'ABORTED',
        'RUNNING'),
        'Enum8(\'RUNNING\' = 1, \'SUCCEEDED\' = 2, \'FAILED\' = 3, \'TIMED_OUT\' = 4, \'ABORTED\' = 5)') AS Status,
    if(Status = 'RUNNING', Timestamp, toDateTime64(0, 9)) AS Start,
    if(Status = 'RUNNING', toDateTime64(0, 9), Timestamp) AS End,
    if(LogAttributes['aws.step_functions.error'] != '',
        LogAttributes['aws.step_functions.error'], JSONExtractString(Body, 'error')) AS Error,
    if(LogAttributes['aws.step_functions.cause'] != '',
        LogAttributes['aws.step_functions.cause'], JSONExtractString(Body, 'cause')) AS Cause
FROM otel_logs
WHERE ExecutionArn != '' AND EventName IN ('ExecutionStarted', 'ExecutionRedriven', 'ExecutionSucceeded',
    'ExecutionFailed', 'ExecutionTimedOut', 'ExecutionAborted');
