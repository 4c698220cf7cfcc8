-- Statements about channels: what is remembered of them, and their history. The columns of a
-- channel are in the order of `gateway.store.channels.channel_of`.

-- name: channels
-- Every channel that was ever changed.
SELECT
    name, revision, breaker, breaker_since, breaker_until, openings,
    paused_since, paused_by, pause_reason
FROM channels

-- name: change_channel
-- Write a channel and its line of history, if it still is as it was when the change was decided
-- on; else change nothing and return nothing. Without an event there is no line.
WITH changed AS (
    INSERT INTO channels (
        name, revision, breaker, breaker_since, breaker_until, openings,
        paused_since, paused_by, pause_reason
    ) VALUES (
        $1, $2::BIGINT, $3, $4::BIGINT, $5::BIGINT, $6::INTEGER, $7::BIGINT, $8::TEXT, $9::TEXT
    )
    ON CONFLICT (name) DO UPDATE SET
        revision = excluded.revision,
        breaker = excluded.breaker,
        breaker_since = excluded.breaker_since,
        breaker_until = excluded.breaker_until,
        openings = excluded.openings,
        paused_since = excluded.paused_since,
        paused_by = excluded.paused_by,
        pause_reason = excluded.pause_reason
    WHERE channels.revision = excluded.revision - 1
    RETURNING name, revision
),

told AS (
    INSERT INTO channel_events (channel, at, event, by, reason)
    SELECT changed.name, $10::BIGINT, $11::TEXT, $12::TEXT, $13::TEXT
    FROM changed
    WHERE $11::TEXT IS NOT NULL
)

SELECT revision FROM changed

-- name: channel_history
-- The newest lines of a channel's history, newest first.
SELECT at, event, by, reason FROM channel_events
WHERE channel = $1
ORDER BY number DESC
LIMIT $2
