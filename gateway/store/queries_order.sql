-- Statements about messages that declare an order.

-- name: first_in_line
-- The first message of a line, and how long it may take from its turn on if it waits for that.
SELECT number, time_to_deliver FROM messages
WHERE order_key = ? AND place IS NOT NULL
ORDER BY place
LIMIT 1

-- name: join_line
-- Put a new message at the end of the line of its key: later messages have higher numbers.
UPDATE messages
SET order_key = ?, place = number, time_to_deliver = ?, deadline_at = ?, next_attempt_at = ?
WHERE number = ?

-- name: set_turn
-- Say whether a message waits for its turn.
UPDATE messages SET time_to_deliver = ? WHERE number = ?

-- name: leave_line
-- Let a message leave its line.
UPDATE messages SET place = NULL, time_to_deliver = NULL WHERE number = ?

-- name: begin_turn
-- Plan the first attempt of a message that has waited; its deadline counts from now on.
UPDATE messages SET time_to_deliver = NULL, next_attempt_at = ?, deadline_at = ? WHERE number = ?

-- name: blocked_by
-- Of messages that wait, each with the first one of its line.
SELECT
    waiting.id,
    (
        SELECT id FROM messages
        WHERE order_key = waiting.order_key AND place IS NOT NULL
        ORDER BY place
        LIMIT 1
    )
FROM messages AS waiting
WHERE
    waiting.id IN (SELECT value FROM json_each(?))
    AND waiting.time_to_deliver IS NOT NULL

-- name: lines
-- What waits, by channel, and since when somebody's decision has been waited for.
WITH
waiting AS (
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
            SELECT settled_at FROM messages
            WHERE order_key = waiting.order_key AND place IS NOT NULL
            ORDER BY place
            LIMIT 1
        ) AS rests_since
    FROM waiting
)

SELECT
    channel,
    count(*),
    sum(messages),
    count(rests_since),
    min(CASE WHEN rests_since IS NOT NULL THEN max(rests_since, since) END)
FROM behind
GROUP BY channel
ORDER BY channel

-- name: find_waiting
-- A page of messages that wait behind another one, newest first, by the index of these few.
-- narrows: find
time_to_deliver IS NOT NULL
