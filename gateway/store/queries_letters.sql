-- Statements about dead letters: causes, corrected copies, replays of many. See `queries.sql`.

-- name: causes
-- Messages that rest, by what they have in common; from the index of these few.
SELECT state, operation, channel, code, count(*), min(settled_at), max(settled_at)
FROM messages
WHERE
    state IN ('invalid', 'dead', 'in_doubt', 'unanswered')
    AND state IN (SELECT value FROM json_each(:states))
    AND accepted_at >= :since
    AND accepted_at < :until
    AND (:tenant IS NULL OR tenant = :tenant)
    AND (:caller IS NULL OR caller = :caller)
    AND (:operation IS NULL OR operation = :operation)
    AND (:authority IS NULL OR authority = :authority)
    AND (:case_reference IS NULL OR case_reference = :case_reference)
    AND (:channel IS NULL OR channel = :channel)
    AND (:code IS NULL OR code = :code)
GROUP BY state, operation, channel, code
ORDER BY count(*) DESC, state, operation, channel, code

-- name: choose
-- Messages that rest, with the lengths of their histories, the longest accepted first.
SELECT id, event_count
FROM messages
WHERE
    state IN ('invalid', 'dead', 'in_doubt', 'unanswered')
    AND state IN (SELECT value FROM json_each(:states))
    AND (:ids IS NULL OR id IN (SELECT value FROM json_each(:ids)))
    AND accepted_at >= :since
    AND accepted_at < :until
    AND (:tenant IS NULL OR tenant = :tenant)
    AND (:caller IS NULL OR caller = :caller)
    AND (:operation IS NULL OR operation = :operation)
    AND (:authority IS NULL OR authority = :authority)
    AND (:case_reference IS NULL OR case_reference = :case_reference)
    AND (:channel IS NULL OR channel = :channel)
    AND (:code IS NULL OR code = :code)
ORDER BY accepted_at, id
LIMIT :limit

-- name: keep_earlier
-- Keep a stage as it is before it is made anew.
INSERT INTO earlier_stages (
    message_number, kind, version, replaced_at, media_type, map_version, wire_schema, key_id, ledger,
    body, content
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
    ?,
    media_type,
    map_version,
    wire_schema,
    key_id,
    ledger,
    body,
    content
FROM stages
WHERE message_number = ? AND kind = ?

-- name: earlier_stages
-- What a message's stages were before they were made anew, without content.
SELECT version, replaced_at, kind, body, media_type, map_version, wire_schema, ledger, content
FROM earlier_stages
WHERE message_number = (SELECT number FROM messages WHERE id = ?)
ORDER BY kind, version

-- name: relative_with_effect
-- Another message of the same family that is on its way, or may have arrived; at most one is told.
WITH family (root) AS (
    SELECT coalesce((SELECT root_number FROM corrections WHERE message_number = :number), :number)
)

SELECT id FROM messages
WHERE
    number IN (
        SELECT root FROM family
        UNION ALL
        SELECT message_number FROM corrections
        WHERE root_number = (SELECT root FROM family)
    )
    AND number <> :number
    AND state NOT IN ('dead', 'cancelled', 'expired')
LIMIT 1

-- name: add_correction
-- Note that a message is a corrected copy of another one.
INSERT INTO corrections (message_number, original_number, root_number)
SELECT
    (SELECT number FROM messages WHERE id = :copy),
    :original,
    coalesce((SELECT root_number FROM corrections WHERE message_number = :original), :original)

-- name: relations
-- What a message corrects, and what corrects it, the oldest copy first.
SELECT 'corrects', originals.id
FROM messages
INNER JOIN corrections ON corrections.message_number = messages.number
INNER JOIN messages AS originals ON originals.number = corrections.original_number
WHERE messages.id = :id
UNION ALL
SELECT * FROM (
    SELECT 'corrected_by', copies.id
    FROM messages
    INNER JOIN corrections ON corrections.original_number = messages.number
    INNER JOIN messages AS copies ON copies.number = corrections.message_number
    WHERE messages.id = :id
    ORDER BY copies.number
)

-- name: begin_replay
-- Keep a new replay of many messages.
INSERT INTO replays (
    id, tenant, caller, verb, mode, not_taken, pause, state, created_at, next_at, ended_at, chosen,
    handled
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: add_replay_item
-- Keep one message of a replay.
INSERT INTO replay_items (replay_number, position, message_id, event_count) VALUES (?, ?, ?, ?)

-- name: running_replays
-- Replays that go on, the oldest first.
SELECT * FROM replays WHERE state = 'running' ORDER BY number

-- name: replay
-- One replay.
SELECT * FROM replays WHERE id = ?

-- name: replays_of
-- A caller's replays, newest first.
SELECT * FROM replays WHERE tenant = ? AND caller = ? ORDER BY number DESC LIMIT ?

-- name: replay_results
-- How many messages of a replay ended how.
SELECT result, count(*) FROM replay_items
WHERE
    replay_number = (SELECT number FROM replays WHERE id = ?)
    AND result IS NOT NULL
GROUP BY result

-- name: due_items
-- The next messages of a replay.
SELECT position, message_id, result, code FROM replay_items
WHERE replay_number = (SELECT number FROM replays WHERE id = ?) AND position >= ?
ORDER BY position
LIMIT ?

-- name: replay_items
-- Messages of a replay behind a position, of some results or all.
SELECT position, message_id, result, code FROM replay_items
WHERE
    replay_number = (SELECT number FROM replays WHERE id = :id)
    AND position > :after
    AND (:results IS NULL OR result IN (SELECT value FROM json_each(:results)))
ORDER BY position
LIMIT :limit

-- name: replay_item
-- One message of a replay that runs, if it is its turn.
SELECT replays.number, replays.pause, replays.chosen, items.message_id, items.event_count
FROM replays
INNER JOIN replay_items AS items
    ON items.replay_number = replays.number AND items.position = replays.handled
WHERE replays.id = ? AND replays.state = 'running' AND replays.handled = ?

-- name: note_item
-- Note what became of a message of a replay.
UPDATE replay_items SET result = ?, code = ? WHERE replay_number = ? AND position = ?

-- name: advance_replay
-- Go on to the next message of a replay; behind the last one it is done.
UPDATE replays
SET
    handled = :handled,
    next_at = :next_at,
    state = CASE WHEN :handled = chosen THEN 'done' ELSE state END,
    ended_at = CASE WHEN :handled = chosen THEN :at END
WHERE number = :number

-- name: stop_replay
-- End a replay before its time.
UPDATE replays SET state = 'stopped', ended_at = ? WHERE id = ? AND state = 'running'
RETURNING number
