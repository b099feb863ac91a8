CREATE SETTINGS PROFILE IF NOT EXISTS `w` ON CLUSTER 'main' SETTINGS distributed_foreground_insert = 1 CONST;

ALTER SETTINGS PROFILE `w` ON CLUSTER 'main' SETTINGS distributed_foreground_insert = 1 CONST;

CREATE USER IF NOT EXISTS `w` ON CLUSTER 'main' IDENTIFIED WITH sha256_hash BY 'HASH' SALT 'SALT' SETTINGS PROFILE 'w';

ALTER USER `w` ON CLUSTER 'main' IDENTIFIED WITH sha256_hash BY 'HASH' SALT 'SALT' SETTINGS PROFILE 'w';

CREATE SETTINGS PROFILE IF NOT EXISTS `r\`` ON CLUSTER 'main' SETTINGS readonly = 2, max_execution_time = 30 MIN 1 MAX 60, max_memory_usage = 4000000000 MIN 1 MAX 4000000000, max_memory_usage_for_user = 8000000000 CONST, max_result_rows = 1000000 MIN 1 MAX 1000000, max_result_bytes = 1000000000 MIN 1 MAX 1000000000, max_concurrent_queries_for_user = 50 CONST, allow_introspection_functions = 0 CONST, distributed_product_mode = 'global';

ALTER SETTINGS PROFILE `r\`` ON CLUSTER 'main' SETTINGS readonly = 2, max_execution_time = 30 MIN 1 MAX 60, max_memory_usage = 4000000000 MIN 1 MAX 4000000000, max_memory_usage_for_user = 8000000000 CONST, max_result_rows = 1000000 MIN 1 MAX 1000000, max_result_bytes = 1000000000 MIN 1 MAX 1000000000, max_concurrent_queries_for_user = 50 CONST, allow_introspection_functions = 0 CONST, distributed_product_mode = 'global';

CREATE USER IF NOT EXISTS `r\`` ON CLUSTER 'main' IDENTIFIED WITH sha256_hash BY 'HASH' SALT 'SALT' SETTINGS PROFILE 'r`';

ALTER USER `r\`` ON CLUSTER 'main' IDENTIFIED WITH sha256_hash BY 'HASH' SALT 'SALT' SETTINGS PROFILE 'r`';

GRANT ON CLUSTER 'main' SELECT, INSERT, CREATE DATABASE, CREATE TABLE, CREATE VIEW, ALTER TABLE, ALTER VIEW ON `st`.*, TABLE ENGINE ON ReplacingMergeTree, TABLE ENGINE ON AggregatingMergeTree, TABLE ENGINE ON ReplicatedReplacingMergeTree, TABLE ENGINE ON ReplicatedAggregatingMergeTree, TABLE ENGINE ON Distributed, REMOTE ON *.*, CLUSTER ON *.* TO `w` WITH REPLACE OPTION;

GRANT ON CLUSTER 'main' SELECT ON `st`.* TO `r\`` WITH REPLACE OPTION;
