-- Statements about messages that declare an order. Whoever changes a line holds its lock, so that
-- of several processes one decides who goes next.

-- name: lock
-- Hold a lock of this number until the transaction ends.
SELECT pg_advisory_xact_lock($1)

-- name: first_in_line
-- The first message of a line, and how long it may take from its turn on if it waits for that.
SELECT number, time_to_deliver FROM messages
WHERE order_key = $1 AND place IS NOT NULL
ORDER BY place
LIMIT 1

-- name: join_line
-- Put a new message at the end of the line of its key: later messages have higher numbers, because
-- each gets its own under the lock of the line.
UPDATE messages
SET order_key = $1, place = number, time_to_deliver = $2, deadline_at = $3, next_attempt_at = $4
WHERE number = $5

-- name: set_turn
-- Say whether a message waits for its turn.
UPDATE messages SET time_to_deliver = $1 WHERE number = $2

-- name: leave_line
-- Let a message leave its line.
UPDATE messages SET place = NULL, time_to_deliver = NULL WHERE number = $1

-- name: begin_turn
-- Plan the first attempt of a message that has waited; its deadline counts from now on.
UPDATE messages SET time_to_deliver = NULL, next_attempt_at = $1, deadline_at = $2
WHERE number = $3

-- name: blocked_by
-- Of messages that wait, each with the first one of its line.
SELECT
    waiting.id,
    (
        SELECT messages.id FROM messages
        WHERE messages.order_key = waiting.order_key AND messages.place IS NOT NULL
        ORDER BY messages.place
        LIMIT 1
    )
FROM messages AS waiting
WHERE
    waiting.id IN (SELECT jsonb_array_elements_text($1::TEXT::JSONB))
    AND waiting.time_to_deliver IS NOT NULL

-- name: lines
-- What waits, by channel, and since when somebody's decision has been waited for.
WITH waiting AS (
    SELECT channel, order_key, count(*) AS messages, min(accepted_at) AS since
    FROM messages
    WHERE time_to_deliver IS NOT NULL
    GROUP BY channel, order_key
),

behind AS (
    SELECT
        waiting.channel,
        waiting.messages,
        waiting.since,
        (
            SELECT messages.settled_at FROM messages
            WHERE messages.order_key = waiting.order_key AND messages.place IS NOT NULL
            ORDER BY messages.place
            LIMIT 1
        ) AS rests_since
    FROM waiting
)

SELECT
    channel,
    count(*),
    sum(messages)::BIGINT,
    count(rests_since),
    min(CASE WHEN rests_since IS NOT NULL THEN greatest(rests_since, since) END)
FROM behind
GROUP BY channel
ORDER BY channel

-- name: find_waiting
-- A page of messages that wait behind another one, newest first, by the index of these few.
-- narrows: find
time_to_deliver IS NOT NULL
