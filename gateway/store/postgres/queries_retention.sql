-- Statements of retention and of the count of the backlog. What is due is locked as it is chosen;
-- what another process works on is left to it.

-- name: with_content
-- Of each operation and version, the oldest settled message with content; one look-up each.
WITH RECURSIVE oldest AS (
    (
        SELECT operation, operation_version, kind, settled_at FROM messages
        WHERE settled_at IS NOT NULL AND erased_at IS NULL
        ORDER BY operation, operation_version, settled_at
        LIMIT 1
    )
    UNION ALL
    SELECT further.*
    FROM oldest
    CROSS JOIN LATERAL (
        SELECT operation, operation_version, kind, settled_at FROM messages
        WHERE
            settled_at IS NOT NULL
            AND erased_at IS NULL
            AND (operation, operation_version) > (oldest.operation, oldest.operation_version)
        ORDER BY operation, operation_version, settled_at
        LIMIT 1
    ) AS further
)

SELECT * FROM oldest

-- name: without_content
-- The same of messages whose content was erased.
WITH RECURSIVE oldest AS (
    (
        SELECT operation, operation_version, kind, settled_at FROM messages
        WHERE erased_at IS NOT NULL
        ORDER BY operation, operation_version, settled_at
        LIMIT 1
    )
    UNION ALL
    SELECT further.*
    FROM oldest
    CROSS JOIN LATERAL (
        SELECT operation, operation_version, kind, settled_at FROM messages
        WHERE
            erased_at IS NOT NULL
            AND (operation, operation_version) > (oldest.operation, oldest.operation_version)
        ORDER BY operation, operation_version, settled_at
        LIMIT 1
    ) AS further
)

SELECT * FROM oldest

-- name: due_payload
-- Messages whose content is due, the first settled first, with what their history goes on from and
-- whether a stage of them is there.
SELECT
    number,
    id,
    state,
    event_count,
    head_hash,
    EXISTS (SELECT FROM stages WHERE message_number = messages.number),
    settled_at
FROM messages
WHERE
    operation = $1
    AND operation_version = $2
    AND settled_at IS NOT NULL
    AND erased_at IS NULL
    AND settled_at < $3
    AND (settled_at, number) > ($4, $5)
    AND state = ANY($6::TEXT [])
ORDER BY settled_at, number
LIMIT $7
FOR UPDATE SKIP LOCKED

-- name: due_key
-- Messages with content whose key is due.
SELECT number, id, state, event_count, head_hash, TRUE, settled_at FROM messages
WHERE
    operation = $1
    AND operation_version = $2
    AND settled_at IS NOT NULL
    AND erased_at IS NULL
    AND settled_at < $3
    AND (settled_at, number) > ($4, $5)
    AND state = ANY($6::TEXT [])
    AND EXISTS (SELECT FROM idempotency_keys WHERE message_number = messages.number)
ORDER BY settled_at, number
LIMIT $7
FOR UPDATE SKIP LOCKED

-- name: due_record
-- Messages without content that are due themselves.
SELECT number, id, state, event_count, head_hash, FALSE, settled_at FROM messages
WHERE
    operation = $1
    AND operation_version = $2
    AND erased_at IS NOT NULL
    AND settled_at < $3
    AND (settled_at, number) > ($4, $5)
    AND state = ANY($6::TEXT [])
ORDER BY settled_at, number
LIMIT $7
FOR UPDATE SKIP LOCKED

-- name: count_due_payload
-- How many messages have content that is due.
SELECT count(*) FROM messages
WHERE
    operation = $1
    AND operation_version = $2
    AND settled_at IS NOT NULL
    AND erased_at IS NULL
    AND settled_at < $3
    AND state = ANY($4::TEXT [])

-- name: count_due_key
-- How many messages with content have a key that is due.
SELECT count(*) FROM messages
WHERE
    operation = $1
    AND operation_version = $2
    AND settled_at IS NOT NULL
    AND erased_at IS NULL
    AND settled_at < $3
    AND state = ANY($4::TEXT [])
    AND EXISTS (SELECT FROM idempotency_keys WHERE message_number = messages.number)

-- name: count_due_record
-- How many messages are due themselves, also those that still have content.
SELECT count(*) FROM messages
WHERE
    operation = $1
    AND operation_version = $2
    AND settled_at < $3
    AND state = ANY($4::TEXT [])

-- name: erase_payload
-- Erase content and keys of locked messages, and go on with the history of those that had content.
WITH given AS (
    SELECT * FROM unnest(
        $1::BIGINT [], $2::TEXT [], $3::INTEGER [], $4::BYTEA [], $5::BOOLEAN []
    ) AS given (number, state, event_count, head_hash, had_content)
),

staged AS (
    DELETE FROM stages WHERE message_number = ANY($1)
),

keyed AS (
    DELETE FROM idempotency_keys WHERE message_number = ANY($1)
),

told AS (
    INSERT INTO events (message_number, number, at, event, state, hash)
    SELECT number, event_count, $6, $7, state, head_hash FROM given WHERE had_content
)

UPDATE messages SET
    erased_at = $6,
    event_count = given.event_count,
    head_hash = given.head_hash
FROM given
WHERE messages.number = given.number

-- name: erase_keys
-- Let go of the keys of locked messages; returns one row a key.
DELETE FROM idempotency_keys WHERE message_number = ANY($1::BIGINT []) RETURNING message_number

-- name: erase_records
-- Erase what is left of locked messages.
WITH told AS (
    DELETE FROM events WHERE message_number = ANY($1::BIGINT [])
),

tried AS (
    DELETE FROM attempts WHERE message_number = ANY($1)
),

keyed AS (
    DELETE FROM idempotency_keys WHERE message_number = ANY($1)
)

DELETE FROM messages WHERE number = ANY($1)

-- name: erase_refusals
-- Erase some refused calls, the oldest first; returns one row a call.
DELETE FROM refused_calls
WHERE number IN (
    SELECT number FROM refused_calls WHERE at < $1
    ORDER BY at, number
    LIMIT $2
    FOR UPDATE SKIP LOCKED
)
RETURNING number

-- name: count_refusals
-- Refused calls from before then.
SELECT count(*) FROM refused_calls WHERE at < $1

-- name: unsettled
-- Messages that are not settled, by caller and channel.
SELECT tenant, caller, channel, count(*) FROM messages
WHERE settled_at IS NULL
GROUP BY tenant, caller, channel
