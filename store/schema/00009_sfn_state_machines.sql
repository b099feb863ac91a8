-- Definitions of state machines, one for each revision: fed by the log records that the agent writes when it meets one.
-- Kept without limit: the executions of a revision may outlive any retention.
CREATE TABLE IF NOT EXISTS sfn_state_machines (
    StateMachineArn LowCardinality(String) CODEC(ZSTD(1)),
    Since DateTime64(3) COMMENT 'When the state machine got the revision' CODEC(ZSTD(1)),
    RevisionId String COMMENT 'Empty for the one it was created with' CODEC(ZSTD(1)),
    StateMachineName LowCardinality(String) CODEC(ZSTD(1)),
    StateMachineType LowCardinality(String) COMMENT 'STANDARD, EXPRESS, or empty when not known' CODEC(ZSTD(1)),
    Definition String COMMENT 'Amazon States Language, JSON' CODEC(ZSTD(3))
) ENGINE = ReplacingMergeTree
ORDER BY (StateMachineArn, Since, RevisionId)
SETTINGS non_replicated_deduplication_window = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS sfn_state_machines_mv TO sfn_state_machines AS
SELECT
    ResourceAttributes['aws.step_functions.state_machine.arn'] AS StateMachineArn,
    toDateTime64(Timestamp, 3) AS Since,
    LogAttributes['aws.step_functions.state_machine.revision_id'] AS RevisionId,
    ResourceAttributes['aws.step_functions.state_machine.name'] AS StateMachineName,
    LogAttributes['aws.step_functions.state_machine.type'] AS StateMachineType,
    Body AS Definition
FROM otel_logs
WHERE EventName = 'StateMachineDefined' AND StateMachineArn != '';
