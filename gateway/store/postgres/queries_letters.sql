-- Statements about dead letters: causes, corrected copies, replays of many. See `queries.sql`.

-- name: causes
-- Messages that rest, by what they have in common; from the index of these few.
SELECT state, operation, channel, code, count(*), min(settled_at), max(settled_at)
FROM messages
WHERE
    state IN ('invalid', 'dead', 'in_doubt', 'unanswered')
    AND accepted_at >= $1
    AND accepted_at < $2
    AND ($3::TEXT IS NULL OR tenant = $3)
    AND ($4::TEXT IS NULL OR caller = $4)
    AND state IN (SELECT jsonb_array_elements_text($5::JSONB))
    AND ($6::TEXT IS NULL OR operation = $6)
    AND ($7::TEXT IS NULL OR authority = $7)
    AND ($8::TEXT IS NULL OR case_reference = $8)
    AND ($9::TEXT IS NULL OR channel = $9)
    AND ($10::TEXT IS NULL OR code = $10)
GROUP BY state, operation, channel, code
ORDER BY count(*) DESC, state COLLATE "C", operation, channel, code COLLATE "C"

-- name: choose
-- Messages that rest, with the lengths of their histories, the longest accepted first.
SELECT id, event_count
FROM messages
WHERE
    state IN ('invalid', 'dead', 'in_doubt', 'unanswered')
    AND accepted_at >= $1
    AND accepted_at < $2
    AND ($3::TEXT IS NULL OR tenant = $3)
    AND ($4::TEXT IS NULL OR caller = $4)
    AND state IN (SELECT jsonb_array_elements_text($5::JSONB))
    AND ($6::TEXT IS NULL OR operation = $6)
    AND ($7::TEXT IS NULL OR authority = $7)
    AND ($8::TEXT IS NULL OR case_reference = $8)
    AND ($9::TEXT IS NULL OR channel = $9)
    AND ($10::TEXT IS NULL OR code = $10)
    AND ($11::TEXT IS NULL OR id IN (SELECT jsonb_array_elements_text($11::JSONB)))
ORDER BY accepted_at, id
LIMIT $12

-- name: hold_message
-- One message, which nobody else moves until the transaction ends.
SELECT * FROM messages WHERE id = $1 FOR UPDATE

-- name: hold_family
-- Let nobody else decide about the family of a message until the transaction ends.
SELECT
    pg_advisory_xact_lock(
        4712,
        hashint8(coalesce((SELECT root_number FROM corrections WHERE message_number = $1), $1))
    )

-- name: relative_with_effect
-- Another message of the same family that is on its way, or may have arrived; at most one is told.
WITH family (root) AS (
    SELECT coalesce((SELECT root_number FROM corrections WHERE message_number = $1), $1::BIGINT)
)

SELECT id FROM messages
WHERE
    number IN (
        SELECT root FROM family
        UNION ALL
        SELECT message_number FROM corrections
        WHERE root_number = (SELECT root FROM family)
    )
    AND number <> $1
    AND state NOT IN ('dead', 'cancelled', 'expired')
LIMIT 1

-- name: keep_earlier
-- Keep stages as they are before they are made anew.
INSERT INTO earlier_stages (
    message_number, kind, version, replaced_at, media_type, map_version, wire_schema, key_id, ledger,
    body
)
SELECT
    message_number,
    kind,
    (
        SELECT count(*) + 1
        FROM earlier_stages
        WHERE
            earlier_stages.message_number = stages.message_number
            AND earlier_stages.kind = stages.kind
    ),
    $1,
    media_type,
    map_version,
    wire_schema,
    key_id,
    ledger,
    body
FROM stages
WHERE message_number = $2 AND kind = ANY($3::TEXT [])

-- name: earlier_stages
-- What a message's stages were before they were made anew.
SELECT version, replaced_at, kind, body, media_type, map_version, wire_schema, ledger
FROM earlier_stages
WHERE message_number = (SELECT number FROM messages WHERE id = $1)
ORDER BY kind COLLATE "C", version

-- name: add_correction
-- Note that a message is a corrected copy of another one.
INSERT INTO corrections (message_number, original_number, root_number)
VALUES (
    $1, $2, coalesce((SELECT root_number FROM corrections WHERE message_number = $2), $2)
)

-- name: relations
-- What a message corrects, and what corrects it, the oldest copy first.
SELECT * FROM (
    SELECT 'corrects', originals.id, originals.number
    FROM messages
    INNER JOIN corrections ON corrections.message_number = messages.number
    INNER JOIN messages AS originals ON originals.number = corrections.original_number
    WHERE messages.id = $1
    UNION ALL
    SELECT 'corrected_by', copies.id, copies.number
    FROM messages
    INNER JOIN corrections ON corrections.original_number = messages.number
    INNER JOIN messages AS copies ON copies.number = corrections.message_number
    WHERE messages.id = $1
) AS related
ORDER BY 3

-- name: begin_replay
-- Keep a new replay of many messages, with its messages.
WITH begun AS (
    INSERT INTO replays (
        id, tenant, caller, verb, mode, not_taken, pause, state, created_at, next_at, ended_at,
        chosen, handled
    ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
    RETURNING number
)

INSERT INTO replay_items (replay_number, position, message_id, event_count)
SELECT begun.number, given.place - 1, given.message_id, given.event_count
FROM begun, unnest($14::TEXT [], $15::INTEGER [])
WITH ORDINALITY AS given (message_id, event_count, place)

-- name: running_replays
-- Replays that go on, the oldest first.
SELECT * FROM replays WHERE state = 'running' ORDER BY number

-- name: replay
-- One replay.
SELECT * FROM replays WHERE id = $1

-- name: replays_of
-- A caller's replays, newest first.
SELECT * FROM replays WHERE tenant = $1 AND caller = $2 ORDER BY number DESC LIMIT $3

-- name: replay_results
-- How many messages of a replay ended how.
SELECT result, count(*) FROM replay_items
WHERE
    replay_number = (SELECT number FROM replays WHERE id = $1)
    AND result IS NOT NULL
GROUP BY result

-- name: due_items
-- The next messages of a replay.
SELECT position, message_id, result, code FROM replay_items
WHERE replay_number = (SELECT number FROM replays WHERE id = $1) AND position >= $2
ORDER BY position
LIMIT $3

-- name: replay_items
-- Messages of a replay behind a position, of some results or all.
SELECT position, message_id, result, code FROM replay_items
WHERE
    replay_number = (SELECT number FROM replays WHERE id = $1)
    AND position > $2
    AND ($4::TEXT IS NULL OR result IN (SELECT jsonb_array_elements_text($4::JSONB)))
ORDER BY position
LIMIT $3

-- name: hold_replay
-- One message of a replay that runs, if it is its turn; no other process handles it meanwhile.
SELECT replays.number, replays.pause, replays.chosen, items.message_id, items.event_count
FROM replays
INNER JOIN replay_items AS items
    ON items.replay_number = replays.number AND items.position = replays.handled
WHERE replays.id = $1 AND replays.state = 'running' AND replays.handled = $2
FOR UPDATE OF replays

-- name: note_item
-- Note what became of a message of a replay.
UPDATE replay_items SET
    result = $1,
    code = $2
WHERE replay_number = $3 AND position = $4

-- name: advance_replay
-- Go on to the next message of a replay; behind the last one it is done.
UPDATE replays SET
    handled = $1,
    next_at = $2,
    state = CASE WHEN $1 = chosen THEN 'done' ELSE state END,
    ended_at = CASE WHEN $1 = chosen THEN $3::BIGINT END
WHERE number = $4

-- name: stop_replay
-- End a replay before its time.
UPDATE replays SET
    state = 'stopped',
    ended_at = $1
WHERE id = $2 AND state = 'running'
RETURNING number
