-- What was erased, and the order in which things become due; as on SQLite, whose large contents in
-- pieces PostgreSQL keeps by itself.

ALTER TABLE messages ADD COLUMN erased_at BIGINT;

CREATE INDEX messages_with_content ON messages (
    operation, operation_version, settled_at, number
) WHERE settled_at IS NOT NULL AND erased_at IS NULL;
CREATE INDEX messages_without_content ON messages (
    operation, operation_version, settled_at, number
) WHERE erased_at IS NOT NULL;
