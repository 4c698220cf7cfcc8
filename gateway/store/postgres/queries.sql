-- Every statement the store on PostgreSQL runs, by name. What is written many at a time takes one
-- array a column: a batch is one statement, so one round trip and one transaction. `SELECT *` from
-- messages yields the columns in the order of the table, which is the order of
-- `gateway.store.rows.message_of`.

-- name: accept_messages
-- Store new messages with their first events, stages, attempts and keys. One whose key is taken is
-- left out and not returned; the key of an expired message goes over to the same call. Keys are
-- taken in order, so that two batches never wait for each other.
WITH numbered AS MATERIALIZED (
    SELECT nextval('messages_number_seq') AS number, given.*
    FROM unnest(
        $1::TEXT [], $2::TEXT [], $3::TEXT [], $4::TEXT [], $5::INTEGER [], $6::TEXT [],
        $7::BOOLEAN [], $8::TEXT [], $9::TEXT [], $10::TEXT [], $11::TEXT [], $12::BOOLEAN [],
        $13::BIGINT [], $14::BIGINT [], $15::BIGINT [], $16::BIGINT [], $17::INTEGER [],
        $18::TEXT [], $19::TEXT [], $20::TEXT [], $21::TEXT [], $22::INTEGER [], $23::BYTEA []
    ) WITH ORDINALITY AS given (
        id, tenant, caller, operation, operation_version, kind, repeatable, authority, channel,
        state, outcome, test, accepted_at, settled_at, deadline_at, next_attempt_at, attempts,
        code, purpose, case_reference, traceparent, event_count, head_hash, place
    )
),

claims AS MATERIALIZED (
    SELECT numbered.number, given.*
    FROM unnest(
        $24::BIGINT [], $25::TEXT [], $26::TEXT [], $27::TEXT [], $28::TEXT [], $29::BYTEA []
    ) AS given (place, tenant, caller, operation, key, fingerprint)
    INNER JOIN numbered ON numbered.place = given.place
),

claimed AS (
    INSERT INTO idempotency_keys AS known (
        tenant, caller, operation, key, fingerprint, message_number
    )
    SELECT tenant, caller, operation, key, fingerprint, number
    FROM claims
    ORDER BY tenant, caller, operation, key
    ON CONFLICT (tenant, caller, operation, key) DO UPDATE SET
        message_number = excluded.message_number
    WHERE
        known.fingerprint = excluded.fingerprint
        AND EXISTS (
            SELECT FROM messages
            WHERE messages.number = known.message_number AND messages.state = 'expired'
        )
    RETURNING message_number
),

kept AS MATERIALIZED (
    SELECT * FROM numbered
    WHERE
        NOT EXISTS (
            SELECT FROM claims
            WHERE
                claims.number = numbered.number
                AND claims.number NOT IN (SELECT message_number FROM claimed)
        )
),

stored AS (
    INSERT INTO messages (
        number, id, tenant, caller, operation, operation_version, kind, repeatable, authority,
        channel, state, outcome, test, accepted_at, settled_at, deadline_at, next_attempt_at,
        attempts, code, purpose, case_reference, traceparent, event_count, head_hash, owner
    )
    SELECT
        number, id, tenant, caller, operation, operation_version, kind, repeatable, authority,
        channel, state, outcome, test, accepted_at, settled_at, deadline_at, next_attempt_at,
        attempts, code, purpose, case_reference, traceparent, event_count, head_hash,
        CASE WHEN state = 'delivering' THEN $46::BIGINT END
    FROM kept
    ORDER BY number
),

told AS (
    INSERT INTO events (message_number, number, at, event, state, attempt, code, detail, hash)
    SELECT
        kept.number, given.number, given.at, given.event, given.state, given.attempt, given.code,
        given.detail, given.hash
    FROM unnest(
        $30::BIGINT [], $31::INTEGER [], $32::BIGINT [], $33::TEXT [], $34::TEXT [],
        $35::INTEGER [], $36::TEXT [], $37::TEXT [], $38::BYTEA []
    ) AS given (place, number, at, event, state, attempt, code, detail, hash)
    INNER JOIN kept ON kept.place = given.place
),

staged AS (
    INSERT INTO stages (message_number, kind, media_type, map_version, wire_schema, ledger, body)
    SELECT
        kept.number, given.kind, given.media_type, given.map_version, given.wire_schema,
        given.ledger, given.body
    FROM unnest(
        $39::BIGINT [], $40::TEXT [], $41::TEXT [], $42::TEXT [], $43::TEXT [], $44::BYTEA [],
        $45::BYTEA []
    ) AS given (place, kind, media_type, map_version, wire_schema, ledger, body)
    INNER JOIN kept ON kept.place = given.place
),

opened AS (
    INSERT INTO attempts (message_number, number, started_at)
    SELECT number, 1, accepted_at FROM kept WHERE state = 'delivering'
)

SELECT place, number FROM kept

-- name: move_messages
-- Carry one step out for each message that nobody moved since it was read: the hash of its last
-- event is what the step was planned on. Those that were moved are left out and not returned.
WITH given AS MATERIALIZED (
    SELECT * FROM unnest(
        $1::BIGINT [], $2::BYTEA [], $3::TEXT [], $4::TEXT [], $5::BIGINT [], $6::BIGINT [],
        $7::BIGINT [], $8::INTEGER [], $9::TEXT [], $10::INTEGER [], $11::BYTEA [],
        $12::BIGINT [], $13::TEXT [], $14::INTEGER [], $15::TEXT [], $16::TEXT [],
        $17::INTEGER [], $18::TEXT [], $19::BOOLEAN []
    ) AS given (
        number, planned_on, state, outcome, settled_at, deadline_at,
        next_attempt_at, attempts, code, event_count, head_hash,
        at, event, event_attempt, event_code, detail,
        ends, result, begins
    )
),

moved AS (
    UPDATE messages SET
        state = given.state,
        outcome = given.outcome,
        settled_at = given.settled_at,
        deadline_at = given.deadline_at,
        next_attempt_at = given.next_attempt_at,
        attempts = given.attempts,
        code = given.code,
        event_count = given.event_count,
        head_hash = given.head_hash,
        erased_at = NULL,
        owner = CASE
            WHEN given.begins THEN $27::BIGINT
            WHEN given.state = 'delivering' THEN messages.owner
        END
    FROM given
    WHERE messages.number = given.number AND messages.head_hash = given.planned_on
    RETURNING messages.number
),

told AS (
    INSERT INTO events (message_number, number, at, event, state, attempt, code, detail, hash)
    SELECT
        given.number, given.event_count, given.at, given.event, given.state, given.event_attempt,
        given.event_code, given.detail, given.head_hash
    FROM given
    INNER JOIN moved ON moved.number = given.number
),

ended AS (
    UPDATE attempts SET
        ended_at = given.at,
        result = given.result,
        code = given.event_code
    FROM given
    INNER JOIN moved ON moved.number = given.number
    WHERE
        given.result IS NOT NULL
        AND attempts.message_number = given.number
        AND attempts.number = given.ends
        AND attempts.ended_at IS NULL
),

opened AS (
    INSERT INTO attempts (message_number, number, started_at)
    SELECT given.number, given.attempts, given.at
    FROM given
    INNER JOIN moved ON moved.number = given.number
    WHERE given.begins
),

staged AS (
    INSERT INTO stages (message_number, kind, media_type, map_version, wire_schema, ledger, body)
    SELECT
        given.number, given.kind, given.media_type, given.map_version, given.wire_schema,
        given.ledger, given.body
    FROM unnest(
        $20::BIGINT [], $21::TEXT [], $22::TEXT [], $23::TEXT [], $24::TEXT [], $25::BYTEA [],
        $26::BYTEA []
    ) AS given (number, kind, media_type, map_version, wire_schema, ledger, body)
    INNER JOIN moved ON moved.number = given.number
    ON CONFLICT (message_number, kind) DO UPDATE SET
        media_type = excluded.media_type,
        map_version = excluded.map_version,
        wire_schema = excluded.wire_schema,
        key_id = excluded.key_id,
        ledger = excluded.ledger,
        body = excluded.body
)

SELECT number FROM moved

-- name: messages
-- Messages by their ids.
SELECT * FROM messages WHERE id = ANY($1::TEXT [])

-- name: message_of_event
-- The message that one of these events belongs to.
SELECT messages.*
FROM messages
INNER JOIN events ON events.message_number = messages.number
WHERE messages.id = $1 AND events.hash = ANY($2::BYTEA [])

-- name: due_messages
-- Take hold of messages of a channel whose delivery is due and whose deadline is not over, the
-- oldest due first; those that another process takes in this moment are passed over.
SELECT * FROM messages
WHERE
    channel = $1
    AND next_attempt_at <= $2
    AND deadline_at > $2
    AND state IN ('accepted', 'retrying')
ORDER BY next_attempt_at, number
LIMIT $3
FOR UPDATE SKIP LOCKED

-- name: claimed
-- The message that a key belongs to, behind the fingerprint that claimed it.
SELECT idempotency_keys.fingerprint, messages.*
FROM idempotency_keys INNER JOIN messages ON messages.number = idempotency_keys.message_number
WHERE
    idempotency_keys.tenant = $1
    AND idempotency_keys.caller = $2
    AND idempotency_keys.operation = $3
    AND idempotency_keys.key = $4

-- name: secret
-- One of the secrets of this store.
SELECT value FROM secrets WHERE name = $1

-- name: touch
-- Write into the log and change nothing: shows whether writing works.
SELECT pg_logical_emit_message(TRUE, 'agency-gateway', '')

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
    WHERE NOT (channels.name = ANY($1::TEXT []))
    UNION ALL
    SELECT min(deadline_at) FROM messages WHERE settled_at IS NULL AND state = 'accepted'
    UNION ALL
    SELECT min(deadline_at) FROM messages WHERE settled_at IS NULL AND state = 'retrying'
    UNION ALL
    SELECT min(deadline_at) FROM messages WHERE settled_at IS NULL AND state = 'awaiting_answer'
) AS due

-- name: plan_anew
-- Plan for now what was planned before a clock was set back.
UPDATE messages SET next_attempt_at = $1
WHERE next_attempt_at > $2 AND state IN ('accepted', 'retrying')
RETURNING number

-- name: past_deadline
-- Messages that nothing may be sent for any more, the longest overdue first.
SELECT * FROM messages
WHERE
    settled_at IS NULL
    AND state IN ('accepted', 'retrying', 'awaiting_answer')
    AND deadline_at <= $1
ORDER BY deadline_at, number
LIMIT $2

-- name: interrupted
-- Messages with an attempt under way in a process that is not there any more.
SELECT * FROM messages
WHERE
    settled_at IS NULL
    AND state = 'delivering'
    AND NOT EXISTS (SELECT FROM processes WHERE processes.id = messages.owner)
ORDER BY number

-- name: beat
-- Give a sign of life; the first one, and one after having been taken for dead, come back.
INSERT INTO processes (id, beats) VALUES ($1, 1)
ON CONFLICT (id) DO UPDATE SET beats = processes.beats + 1, seen_at = now()

-- name: peers
-- The other processes with their beats.
SELECT id, beats FROM processes WHERE id <> $1

-- name: remove
-- Take a process for dead, unless it gave a sign of life in the last moment.
DELETE FROM processes WHERE id = $1 AND beats = $2

-- name: leave
-- Be gone.
DELETE FROM processes WHERE id = $1

-- name: notify
-- Tell all sessions that listen.
SELECT pg_notify($1, $2)

-- name: stage
-- One form of a message's content.
SELECT kind, body, media_type, map_version, wire_schema, ledger
FROM stages
WHERE message_number = (SELECT number FROM messages WHERE id = $1) AND kind = $2

-- name: history
-- A message's events, in order.
SELECT number, at, event, state, attempt, code, detail, hash
FROM events
WHERE message_number = (SELECT number FROM messages WHERE id = $1)
ORDER BY number

-- name: attempts
-- A message's attempts, in order.
SELECT number, started_at, ended_at, result, code
FROM attempts
WHERE message_number = (SELECT number FROM messages WHERE id = $1)
ORDER BY number

-- name: find
-- A page of messages of all callers, newest first, older than the cursor.
SELECT * FROM messages
WHERE
    (accepted_at, id) < ($1::BIGINT, $2::TEXT)
    AND accepted_at >= $3
    AND accepted_at < $4
    AND ($5::TEXT IS NULL OR tenant = $5)
    AND ($6::TEXT IS NULL OR caller = $6)
    AND ($7::TEXT IS NULL OR state IN (SELECT jsonb_array_elements_text($7::JSONB)))
    AND ($8::TEXT IS NULL OR operation = $8)
    AND ($9::TEXT IS NULL OR authority = $9)
    AND ($10::TEXT IS NULL OR case_reference = $10)
    AND ($11::TEXT IS NULL OR channel = $11)
    AND ($12::TEXT IS NULL OR code = $12)
ORDER BY accepted_at DESC, id DESC
LIMIT $13

-- name: find_of_caller
-- The same for one caller, by the index of its messages.
-- narrows: find
tenant = $5 AND caller = $6

-- name: find_of_authority
-- The same for one authority, by the index of its messages.
-- narrows: find
authority = $9

-- name: find_of_case
-- The same for one case reference, by the index of those that have one.
-- narrows: find
case_reference = $10

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

-- name: add_refusals
-- Keep refused calls.
INSERT INTO refused_calls (
    at, tenant, caller, operation, operation_version, recipient, code, places, size_bytes
)
SELECT * FROM unnest(
    $1::BIGINT [], $2::TEXT [], $3::TEXT [], $4::TEXT [], $5::INTEGER [], $6::TEXT [],
    $7::TEXT [], $8::TEXT [], $9::BIGINT []
)

-- name: find_refusals
-- A page of refused calls of all callers, newest first, older than the cursor.
SELECT * FROM refused_calls
WHERE
    (at, number) < ($1::BIGINT, $2::BIGINT)
    AND at >= $3
    AND at < $4
    AND ($5::TEXT IS NULL OR tenant = $5)
    AND ($6::TEXT IS NULL OR caller = $6)
    AND ($7::TEXT IS NULL OR operation = $7)
    AND ($8::TEXT IS NULL OR recipient = $8)
ORDER BY at DESC, number DESC
LIMIT $9

-- name: find_refusals_of_caller
-- The same for one caller, by the index of its calls.
-- narrows: find_refusals
tenant = $5 AND caller = $6

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
