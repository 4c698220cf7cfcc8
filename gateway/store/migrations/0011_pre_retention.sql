-- What was erased, and the order in which things become due.
--
-- `erased_at` is set while a settled message has no content; every step of the message clears it,
-- because it may bring some. The first index is written once for each message, when it settles; the
-- second one by erasures only.

ALTER TABLE messages ADD COLUMN erased_at INTEGER;

CREATE INDEX messages_with_content ON messages (operation, operation_version, settled_at)
WHERE settled_at IS NOT NULL AND erased_at IS NULL;
CREATE INDEX messages_without_content ON messages (operation, operation_version, settled_at)
WHERE erased_at IS NOT NULL;

-- Large contents whose stage is gone; their pieces follow, a few at a time, since each is
-- overwritten. A start removes what is left.
CREATE TABLE erased_contents (content INTEGER PRIMARY KEY) STRICT;

DROP TRIGGER stages_deleted;
CREATE TRIGGER stages_deleted
AFTER DELETE ON stages
WHEN OLD.content IS NOT NULL
BEGIN
    INSERT INTO erased_contents (content) VALUES (OLD.content);
END;
