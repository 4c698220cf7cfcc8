-- Statements about channels: what is remembered of them, and their history. The columns of a
-- channel are in the order of `gateway.store.channels.channel_of`.

-- name: channels
-- Every channel that was ever changed.
SELECT
    name, revision, breaker, breaker_since, breaker_until, openings,
    paused_since, paused_by, pause_reason
FROM channels

-- name: change_channel
-- Write a channel if it still is as it was when the change was decided on; else change nothing.
INSERT INTO channels (
    name, revision, breaker, breaker_since, breaker_until, openings,
    paused_since, paused_by, pause_reason
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
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
RETURNING revision

-- name: add_channel_event
-- Append one line to a channel's history.
INSERT INTO channel_events (channel, at, event, by, reason) VALUES (?, ?, ?, ?, ?)

-- name: channel_history
-- The newest lines of a channel's history, newest first.
SELECT at, event, by, reason FROM channel_events
WHERE channel = ?
ORDER BY number DESC
LIMIT ?
