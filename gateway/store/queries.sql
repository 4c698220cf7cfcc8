-- Every statement the store runs, by name. `SELECT *` from messages yields the columns in the
-- order of the table, which is the order of `gateway.store.rows.message_of`.

-- name: begin
-- Take the write lock at once, so that a batch never fails half way for want of it.
BEGIN IMMEDIATE

-- name: commit
-- Make the batch durable.
COMMIT

-- name: rollback
-- Undo the batch.
ROLLBACK

-- name: set_savepoint
-- Begin one operation of a batch in which another one was refused.
SAVEPOINT operation

-- name: release_savepoint
-- Keep the operation.
RELEASE operation

-- name: undo_savepoint
-- Undo the operation, and nothing else of the batch.
ROLLBACK TO operation

-- name: accept_message
-- Store a new message; its history follows in the same transaction.
INSERT INTO messages (
    id, tenant, caller, operation, operation_version, kind, repeatable, authority, channel, state,
    outcome, test, accepted_at, settled_at, deadline_at, next_attempt_at, attempts, code, purpose,
    case_reference, traceparent, event_count, head_hash
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: move_message
-- Carry one step out, for a row read in the same transaction: its head hash is needed first. The
-- trigger refuses a move that the life cycle has not. A step may bring content where it was erased.
UPDATE messages
SET
    state = ?,
    outcome = ?,
    settled_at = ?,
    deadline_at = ?,
    next_attempt_at = ?,
    attempts = ?,
    code = ?,
    event_count = ?,
    head_hash = ?,
    erased_at = NULL
WHERE number = ?

-- name: add_event
-- Append one entry to a message's history.
INSERT INTO events (message_number, number, at, event, state, attempt, code, detail, hash)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: put_stage
-- Keep one form of the content; reading an answer again replaces it.
INSERT INTO stages (
    message_number, kind, media_type, map_version, wire_schema, ledger, body, content
) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (message_number, kind) DO UPDATE SET
    media_type = excluded.media_type,
    map_version = excluded.map_version,
    wire_schema = excluded.wire_schema,
    key_id = excluded.key_id,
    ledger = excluded.ledger,
    body = excluded.body,
    content = excluded.content

-- name: put_piece
-- Keep one piece of a large body; its stage follows in a later transaction.
INSERT INTO pieces (content, number, body) VALUES (?, ?, ?)

-- name: pieces
-- The pieces of a large body, in order.
SELECT body FROM pieces WHERE content = ? ORDER BY number

-- name: drop_content
-- Remove a large body whose stage was refused.
DELETE FROM pieces WHERE content = ?

-- name: drop_strays
-- Remove large bodies whose stage was never stored.
DELETE FROM pieces
WHERE
    content NOT IN (SELECT content FROM stages WHERE content IS NOT NULL)
    AND content NOT IN (SELECT content FROM earlier_stages WHERE content IS NOT NULL)

-- name: forget_strays
-- Forget which large bodies were to be removed: their numbers are given out again.
DELETE FROM erased_contents

-- name: last_content
-- The number of the newest large body; NULL if there is none.
SELECT max(content) FROM pieces

-- name: open_attempt
-- Begin an attempt.
INSERT INTO attempts (message_number, number, started_at) VALUES (?, ?, ?)

-- name: close_attempt
-- End the open attempt; one that has ended is left as it is.
UPDATE attempts SET ended_at = ?, result = ?, code = ?
WHERE message_number = ? AND number = ? AND ended_at IS NULL

-- name: claimed
-- The message that a key belongs to, behind the fingerprint that claimed it.
SELECT idempotency_keys.fingerprint, messages.*
FROM idempotency_keys INNER JOIN messages ON messages.number = idempotency_keys.message_number
WHERE
    idempotency_keys.tenant = ?
    AND idempotency_keys.caller = ?
    AND idempotency_keys.operation = ?
    AND idempotency_keys.key = ?

-- name: put_claim
-- Give a key to a message; one that expired has lost it.
INSERT INTO idempotency_keys (tenant, caller, operation, key, fingerprint, message_number)
VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (tenant, caller, operation, key) DO UPDATE SET
    message_number = excluded.message_number

-- name: secret
-- One of the secrets of this store.
SELECT value FROM secrets WHERE name = ?

-- name: due_messages
-- Messages of a channel whose delivery is due and whose deadline is not over, the oldest due first.
SELECT * FROM messages
WHERE
    channel = ?
    AND next_attempt_at <= ?
    AND deadline_at > ?
    AND state IN ('accepted', 'retrying')
ORDER BY next_attempt_at, number
LIMIT ?

-- name: next_due
-- The nearest moment at which a delivery or a deadline is due. Channels are stepped through in the
-- index, one look-up each, so that a long queue costs no more than a short one; some are left out.
WITH RECURSIVE channels (name) AS (
    SELECT min(channel) FROM messages WHERE next_attempt_at IS NOT NULL
    UNION ALL
    SELECT (
        SELECT min(channel) FROM messages
        WHERE next_attempt_at IS NOT NULL AND channel > channels.name
    )
    FROM channels
    WHERE channels.name IS NOT NULL
)

SELECT min(due_at) FROM (
    SELECT (
        SELECT next_attempt_at FROM messages
        WHERE
            channel = channels.name
            AND next_attempt_at IS NOT NULL
            AND state IN ('accepted', 'retrying')
        ORDER BY next_attempt_at
        LIMIT 1
    ) AS due_at
    FROM channels
    WHERE channels.name NOT IN (SELECT value FROM json_each(?))
    UNION ALL
    SELECT min(deadline_at) FROM messages WHERE settled_at IS NULL AND state = 'accepted'
    UNION ALL
    SELECT min(deadline_at) FROM messages WHERE settled_at IS NULL AND state = 'retrying'
    UNION ALL
    SELECT min(deadline_at) FROM messages WHERE settled_at IS NULL AND state = 'awaiting_answer'
)

-- name: plan_anew
-- Plan for now what was planned before a clock was set back.
UPDATE messages SET next_attempt_at = ?1
WHERE next_attempt_at > ?2 AND state IN ('accepted', 'retrying')
RETURNING number

-- name: past_deadline
-- Messages that nothing may be sent for any more, the longest overdue first.
SELECT * FROM messages
WHERE
    settled_at IS NULL
    AND state IN ('accepted', 'retrying', 'awaiting_answer')
    AND deadline_at <= ?
ORDER BY deadline_at, number
LIMIT ?

-- name: interrupted
-- Messages with an attempt under way; after a start: attempts that a crash cut off.
SELECT * FROM messages
WHERE settled_at IS NULL AND state = 'delivering'
ORDER BY number

-- name: message
-- One message by its id.
SELECT * FROM messages WHERE id = ?

-- name: stage
-- One form of a message's content.
SELECT kind, body, media_type, map_version, wire_schema, ledger, content
FROM stages
WHERE message_number = (SELECT number FROM messages WHERE id = ?) AND kind = ?

-- name: history
-- A message's events, in order.
SELECT number, at, event, state, attempt, code, detail, hash
FROM events
WHERE message_number = (SELECT number FROM messages WHERE id = ?)
ORDER BY number

-- name: attempts
-- A message's attempts, in order.
SELECT number, started_at, ended_at, result, code
FROM attempts
WHERE message_number = (SELECT number FROM messages WHERE id = ?)
ORDER BY number

-- name: find
-- A page of messages of all callers, newest first, older than the cursor.
SELECT * FROM messages
WHERE
    (accepted_at, id) < (:before_at, :before_id)
    AND accepted_at >= :since
    AND accepted_at < :until
    AND (:tenant IS NULL OR tenant = :tenant)
    AND (:caller IS NULL OR caller = :caller)
    AND (:states IS NULL OR state IN (SELECT value FROM json_each(:states)))
    AND (:operation IS NULL OR operation = :operation)
    AND (:authority IS NULL OR authority = :authority)
    AND (:case_reference IS NULL OR case_reference = :case_reference)
    AND (:channel IS NULL OR channel = :channel)
    AND (:code IS NULL OR code = :code)
ORDER BY accepted_at DESC, id DESC
LIMIT :limit

-- name: find_of_caller
-- The same for one caller, by the index of its messages.
-- narrows: find
tenant = :tenant AND caller = :caller

-- name: find_of_authority
-- The same for one authority, by the index of its messages.
-- narrows: find
authority = :authority

-- name: find_of_case
-- The same for one case reference, by the index of those that have one.
-- narrows: find
case_reference = :case_reference

-- name: find_open
-- The same for states that the gateway leaves by itself only, by the index of these few.
-- narrows: find
settled_at IS NULL AND state IN ('accepted', 'delivering', 'retrying', 'awaiting_answer')

-- name: find_given_up
-- The same for final states without an answer only, by the index of these few.
-- narrows: find
state IN ('expired', 'cancelled')

-- name: find_resting
-- The same for states that wait for an operator only, by the index of these few.
-- narrows: find
state IN ('invalid', 'dead', 'in_doubt', 'unanswered')

-- name: add_refusal
-- Keep one refused call.
INSERT INTO refused_calls (
    at, tenant, caller, operation, operation_version, recipient, code, places, size_bytes
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: find_refusals
-- A page of refused calls of all callers, newest first, older than the cursor.
SELECT * FROM refused_calls
WHERE
    (at, number) < (:before_at, :before_number)
    AND at >= :since
    AND at < :until
    AND (:tenant IS NULL OR tenant = :tenant)
    AND (:caller IS NULL OR caller = :caller)
    AND (:operation IS NULL OR operation = :operation)
    AND (:recipient IS NULL OR recipient = :recipient)
ORDER BY at DESC, number DESC
LIMIT :limit

-- name: find_refusals_of_caller
-- The same for one caller, by the index of its calls.
-- narrows: find_refusals
tenant = :tenant AND caller = :caller

-- name: count_messages
-- How many messages there are; what a backup says of itself.
SELECT count(*) FROM messages

-- name: queues
-- What waits for an attempt, by channel; from the index of these few.
SELECT channel, count(*), min(next_attempt_at) FROM messages
WHERE next_attempt_at IS NOT NULL
GROUP BY channel

-- name: standing
-- Messages that are not final, by state; from the two indexes of these few.
SELECT state, count(*) FROM messages WHERE settled_at IS NULL GROUP BY state
UNION ALL
SELECT state, count(*) FROM messages
WHERE state IN ('invalid', 'dead', 'in_doubt', 'unanswered')
GROUP BY state

-- name: unsettled
-- Messages that are not settled, by caller and channel; found by the index of these few.
SELECT tenant, caller, channel, count(*) FROM messages
WHERE settled_at IS NULL
GROUP BY tenant, caller, channel
