-- What is remembered of channels beside their settings, and what happened to them.
--
-- A channel that was never changed has no row. A row is written only on the revision that it was
-- read in. Times are integer microseconds since 1970-01-01 UTC.

CREATE TABLE channels (
    name TEXT PRIMARY KEY,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    breaker TEXT NOT NULL CHECK (breaker IN ('closed', 'open', 'probing', 'releasing')),
    breaker_since INTEGER,
    breaker_until INTEGER,
    openings INTEGER NOT NULL CHECK (openings >= 0),
    paused_since INTEGER,
    paused_by TEXT,
    pause_reason TEXT,
    CHECK ((breaker = 'closed') = (breaker_until IS NULL)),
    CHECK ((paused_since IS NULL) = (paused_by IS NULL)),
    CHECK ((paused_since IS NULL) = (pause_reason IS NULL))
) STRICT, WITHOUT ROWID;

-- `by` is the caller who did it; NULL: the gateway itself.
CREATE TABLE channel_events (
    number INTEGER PRIMARY KEY,
    channel TEXT NOT NULL,
    at INTEGER NOT NULL,
    event TEXT NOT NULL CHECK (
        event IN ('channel.opened', 'channel.closed', 'channel.paused', 'channel.resumed')
    ),
    by TEXT,
    reason TEXT
) STRICT;

CREATE INDEX channel_events_listed ON channel_events (channel, number);
