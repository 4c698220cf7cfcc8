-- Messages, their content, their history and their attempts.
--
-- Times are integer microseconds since 1970-01-01 UTC. `number` is the order of storing: what
-- belongs to a message is kept under it, so that new rows lie side by side in few pages, which
-- random identifiers would scatter. A released migration is never edited.
--
-- References are declared for readers and checks; the store does not have them enforced, which
-- would cost a tenth of each message: its one writer adds rows only under a message it just read.
--
-- Lists of more than two words are written as CASE: for `IN` SQLite builds a table each time a row
-- is checked, which costs more than storing the row.

CREATE TABLE messages (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    tenant TEXT NOT NULL,
    caller TEXT NOT NULL,
    operation TEXT NOT NULL,
    operation_version INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (
        kind = 'query' OR kind = 'submission' OR kind = 'notification'
    ),
    repeatable INTEGER NOT NULL CHECK (repeatable IN (0, 1)),
    authority TEXT NOT NULL,
    channel TEXT NOT NULL,
    state TEXT NOT NULL,
    outcome TEXT CHECK (outcome IN ('answered', 'rejected')),
    test INTEGER NOT NULL CHECK (test IN (0, 1)),
    accepted_at INTEGER NOT NULL,
    settled_at INTEGER,
    deadline_at INTEGER NOT NULL,
    next_attempt_at INTEGER,
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    code TEXT,
    purpose TEXT,
    case_reference TEXT,
    traceparent TEXT,
    event_count INTEGER NOT NULL CHECK (event_count >= 0),
    head_hash BLOB NOT NULL CHECK (length(head_hash) = 32),
    -- The states, and that a message is settled in those the gateway does not leave by itself.
    CHECK (
        CASE state
            WHEN 'delivering' THEN settled_at IS NULL
            WHEN 'answered' THEN settled_at IS NOT NULL
            WHEN 'accepted' THEN settled_at IS NULL
            WHEN 'retrying' THEN settled_at IS NULL
            WHEN 'awaiting_answer' THEN settled_at IS NULL
            WHEN 'invalid' THEN settled_at IS NOT NULL
            WHEN 'dead' THEN settled_at IS NOT NULL
            WHEN 'in_doubt' THEN settled_at IS NOT NULL
            WHEN 'unanswered' THEN settled_at IS NOT NULL
            WHEN 'expired' THEN settled_at IS NOT NULL
            WHEN 'cancelled' THEN settled_at IS NOT NULL
            ELSE 0
        END
    )
) STRICT;

-- Only what is planned or open stands in these; they stay small however many messages are kept.
CREATE INDEX messages_due ON messages (channel, next_attempt_at)
WHERE next_attempt_at IS NOT NULL;
CREATE INDEX messages_open ON messages (state, deadline_at) WHERE settled_at IS NULL;
-- The states that wait for an operator.
CREATE INDEX messages_resting ON messages (accepted_at, id)
WHERE state IN ('invalid', 'dead', 'in_doubt', 'unanswered');
CREATE INDEX messages_listed ON messages (accepted_at, id);
CREATE INDEX messages_listed_by_caller ON messages (tenant, caller, accepted_at, id);

-- The moves of gateway/messaging/lifecycle.py, refused here a second time.
CREATE TRIGGER messages_start
BEFORE INSERT ON messages
WHEN NEW.state NOT IN ('accepted', 'delivering')
BEGIN
    SELECT RAISE(ABORT, 'no message starts in this state');
END;

CREATE TRIGGER messages_move
BEFORE UPDATE OF state ON messages
WHEN OLD.state <> NEW.state AND NOT CASE OLD.state
    WHEN 'delivering' THEN CASE NEW.state
        WHEN 'answered' THEN 1
        WHEN 'awaiting_answer' THEN 1
        WHEN 'retrying' THEN 1
        WHEN 'invalid' THEN 1
        WHEN 'dead' THEN 1
        WHEN 'in_doubt' THEN 1
        WHEN 'expired' THEN 1
        ELSE 0
    END
    WHEN 'accepted' THEN CASE NEW.state
        WHEN 'delivering' THEN 1
        WHEN 'cancelled' THEN 1
        WHEN 'expired' THEN 1
        ELSE 0
    END
    WHEN 'retrying' THEN CASE NEW.state
        WHEN 'delivering' THEN 1
        WHEN 'dead' THEN 1
        WHEN 'expired' THEN 1
        WHEN 'cancelled' THEN 1
        ELSE 0
    END
    WHEN 'awaiting_answer' THEN CASE NEW.state
        WHEN 'answered' THEN 1
        WHEN 'invalid' THEN 1
        WHEN 'unanswered' THEN 1
        WHEN 'expired' THEN 1
        ELSE 0
    END
    WHEN 'dead' THEN NEW.state = 'accepted'
    WHEN 'in_doubt' THEN CASE NEW.state
        WHEN 'awaiting_answer' THEN 1
        WHEN 'answered' THEN 1
        WHEN 'accepted' THEN 1
        WHEN 'dead' THEN 1
        ELSE 0
    END
    WHEN 'invalid' THEN NEW.state = 'answered'
    WHEN 'unanswered' THEN NEW.state IN ('answered', 'accepted')
    ELSE 0
END
BEGIN
    SELECT RAISE(ABORT, 'no such move in the life cycle');
END;

-- One form of a message's content each. `key_id` names the key a body is encrypted with; NULL
-- means it is not.
CREATE TABLE stages (
    message_number INTEGER NOT NULL REFERENCES messages (number),
    kind TEXT NOT NULL CHECK (
        CASE kind
            WHEN 'canonical_request' THEN 1
            WHEN 'wire_request' THEN 1
            WHEN 'wire_answer' THEN 1
            WHEN 'canonical_answer' THEN 1
            WHEN 'kept_answer' THEN 1
            ELSE 0
        END
    ),
    media_type TEXT NOT NULL,
    map_version TEXT,
    wire_schema TEXT,
    key_id TEXT,
    ledger BLOB,
    body BLOB NOT NULL,
    UNIQUE (message_number, kind)
) STRICT;

CREATE TABLE events (
    message_number INTEGER NOT NULL REFERENCES messages (number),
    number INTEGER NOT NULL CHECK (number >= 1),
    at INTEGER NOT NULL,
    event TEXT NOT NULL,
    state TEXT NOT NULL,
    attempt INTEGER,
    code TEXT,
    detail TEXT,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (message_number, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE attempts (
    message_number INTEGER NOT NULL REFERENCES messages (number),
    number INTEGER NOT NULL CHECK (number >= 1),
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    result TEXT,
    code TEXT,
    PRIMARY KEY (message_number, number),
    -- An attempt is open, or has ended in one of these ways.
    CHECK (
        CASE result
            WHEN 'answered' THEN ended_at IS NOT NULL
            WHEN 'receipt' THEN ended_at IS NOT NULL
            WHEN 'not_sent' THEN ended_at IS NOT NULL
            WHEN 'outcome_unknown' THEN ended_at IS NOT NULL
            WHEN 'refused' THEN ended_at IS NOT NULL
            WHEN 'unreadable' THEN ended_at IS NOT NULL
            WHEN 'interrupted' THEN ended_at IS NOT NULL
            ELSE result IS NULL AND ended_at IS NULL
        END
    )
) STRICT, WITHOUT ROWID;
