CREATE TABLE IF NOT EXISTS sfn_state_machines_local ON CLUSTER 'main' (
    StateMachineArn LowCardinality(String) CODEC(ZSTD(1)),
    Since DateTime64(3) COMMENT 'When the state machine got the revision' CODEC(ZSTD(1)),
    RevisionId String COMMENT 'Empty for the one it was created with' CODEC(ZSTD(1)),
    StateMachineName LowCardinality(String) CODEC(ZSTD(1)),
    StateMachineType LowCardinality(String) COMMENT 'STANDARD, EXPRESS, or empty when not known' CODEC(ZSTD(1)),
    Definition String COMMENT 'Amazon States Language, JSON' CODEC(ZSTD(3))
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')
ORDER BY (StateMachineArn, Since, RevisionId)
SETTINGS replicated_deduplication_window = 1000, replicated_deduplication_window_seconds = 604800;

CREATE TABLE IF NOT EXISTS sfn_state_machines ON CLUSTER 'main' AS sfn_state_machines_local
ENGINE = Distributed('main', 'st', 'sfn_state_machines_local', cityHash64(StateMachineArn));

CREATE MATERIALIZED VIEW IF NOT EXISTS sfn_state_machines_mv ON CLUSTER 'main' TO sfn_state_machines_local AS
SELECT
    ResourceAttributes['aws.step_functions.state_machine.arn'] AS StateMachineArn,
    toDateTime64(Timestamp, 3) AS Since,
    LogAttributes['aws.step_functions.state_machine.revision_id'] AS RevisionId,
    ResourceAttributes['aws.step_functions.state_machine.name'] AS StateMachineName,
    LogAttributes['aws.step_functions.state_machine.type'] AS StateMachineType,
    Body AS Definition
FROM otel_logs_local
WHERE EventName = 'StateMachineDefined' AND StateMachineArn != '';
