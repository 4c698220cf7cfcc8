-- Statements of retention: what is kept, what is due, and its erasure.
--
-- A batch is chosen while nothing is locked; each statement that erases looks again whether its
-- messages still are what they were chosen as.

-- name: with_content
-- Of each operation and version, the oldest settled message with content; one look-up each.
WITH RECURSIVE oldest (number) AS (
    SELECT number FROM (
        SELECT number FROM messages
        WHERE settled_at IS NOT NULL AND erased_at IS NULL
        ORDER BY operation, operation_version, settled_at
        LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT further.number FROM messages AS further
        WHERE
            further.settled_at IS NOT NULL
            AND further.erased_at IS NULL
            AND (further.operation, further.operation_version)
            > (messages.operation, messages.operation_version)
        ORDER BY further.operation, further.operation_version, further.settled_at
        LIMIT 1
    )
    FROM oldest INNER JOIN messages ON messages.number = oldest.number
)

SELECT messages.operation, messages.operation_version, messages.kind, messages.settled_at
FROM oldest INNER JOIN messages ON messages.number = oldest.number

-- name: without_content
-- The same of messages whose content was erased.
WITH RECURSIVE oldest (number) AS (
    SELECT number FROM (
        SELECT number FROM messages
        WHERE erased_at IS NOT NULL
        ORDER BY operation, operation_version, settled_at
        LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT further.number FROM messages AS further
        WHERE
            further.erased_at IS NOT NULL
            AND (further.operation, further.operation_version)
            > (messages.operation, messages.operation_version)
        ORDER BY further.operation, further.operation_version, further.settled_at
        LIMIT 1
    )
    FROM oldest INNER JOIN messages ON messages.number = oldest.number
)

SELECT messages.operation, messages.operation_version, messages.kind, messages.settled_at
FROM oldest INNER JOIN messages ON messages.number = oldest.number

-- name: due_payload
-- Messages whose content is due, the first settled first, with the bytes that lie in their stages.
SELECT
    number,
    settled_at,
    coalesce((SELECT sum(length(body)) FROM stages WHERE message_number = number), 0)
FROM messages
WHERE
    operation = :operation
    AND operation_version = :operation_version
    AND settled_at IS NOT NULL
    AND erased_at IS NULL
    AND settled_at < :before
    AND (settled_at, number) > (:after_at, :after_number)
    AND state IN (SELECT value FROM json_each(:states))
ORDER BY settled_at, number
LIMIT :limit

-- name: due_key
-- Messages with content whose key is due.
SELECT number, settled_at, 0
FROM messages
WHERE
    operation = :operation
    AND operation_version = :operation_version
    AND settled_at IS NOT NULL
    AND erased_at IS NULL
    AND settled_at < :before
    AND (settled_at, number) > (:after_at, :after_number)
    AND state IN (SELECT value FROM json_each(:states))
    AND EXISTS (SELECT 1 FROM idempotency_keys WHERE message_number = messages.number)
ORDER BY settled_at, number
LIMIT :limit

-- name: due_record
-- Messages without content that are due themselves.
SELECT number, settled_at, 0
FROM messages
WHERE
    operation = :operation
    AND operation_version = :operation_version
    AND erased_at IS NOT NULL
    AND settled_at < :before
    AND (settled_at, number) > (:after_at, :after_number)
    AND state IN (SELECT value FROM json_each(:states))
ORDER BY settled_at, number
LIMIT :limit

-- name: still_with_content
-- Those of the chosen messages that still have content and rest since before then, with what their
-- history goes on from, and whether a stage of them is there.
SELECT
    number,
    id,
    state,
    event_count,
    head_hash,
    EXISTS (SELECT 1 FROM stages WHERE message_number = messages.number)
FROM messages
WHERE
    number IN (SELECT value FROM json_each(:numbers))
    AND settled_at < :before
    AND erased_at IS NULL

-- name: still_without_content
-- Those of the chosen messages that still have none.
SELECT number FROM messages
WHERE
    number IN (SELECT value FROM json_each(:numbers))
    AND settled_at < :before
    AND erased_at IS NOT NULL

-- name: erase_stages
-- Erase content; large bodies follow by `erase_pieces`.
DELETE FROM stages WHERE message_number IN (SELECT value FROM json_each(:numbers))

-- name: erase_keys
-- Let go of idempotency keys.
DELETE FROM idempotency_keys WHERE message_number IN (SELECT value FROM json_each(:numbers))

-- name: mark_erased
-- Note that a message has no content any more, with the new end of its history.
UPDATE messages SET erased_at = ?, event_count = ?, head_hash = ? WHERE number = ?

-- name: erase_events
-- Erase histories.
DELETE FROM events WHERE message_number IN (SELECT value FROM json_each(:numbers))

-- name: erase_attempts
-- Erase attempts.
DELETE FROM attempts WHERE message_number IN (SELECT value FROM json_each(:numbers))

-- name: erase_messages
-- Erase what is left of messages.
DELETE FROM messages WHERE number IN (SELECT value FROM json_each(:numbers))

-- name: erase_pieces
-- Erase a few pieces of large bodies whose stage is gone.
DELETE FROM pieces
WHERE rowid IN (
    SELECT pieces.rowid
    FROM erased_contents INNER JOIN pieces ON pieces.content = erased_contents.content
    WHERE NOT EXISTS (SELECT 1 FROM stages WHERE stages.content = erased_contents.content)
    LIMIT ?
)

-- name: forget_contents
-- Forget large bodies of which no piece is left.
DELETE FROM erased_contents
WHERE NOT EXISTS (SELECT 1 FROM pieces WHERE pieces.content = erased_contents.content)

-- name: erased_contents
-- Whether a large body is still to be erased.
SELECT content FROM erased_contents LIMIT 1

-- name: erase_refusals
-- Erase some refused calls, the oldest first.
DELETE FROM refused_calls
WHERE number IN (SELECT number FROM refused_calls WHERE at < ? ORDER BY at, number LIMIT ?)

-- name: count_refusals
-- Refused calls from before then.
SELECT count(*) FROM refused_calls WHERE at < ?
