-- Dead letters: earlier forms of a message's content, corrected copies, and replays of many.

-- What a stage was before it was made anew for a replay. It goes when the stage is erased.
CREATE TABLE earlier_stages (
    message_number INTEGER NOT NULL REFERENCES messages (number),
    kind TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    replaced_at INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    map_version TEXT,
    wire_schema TEXT,
    key_id TEXT,
    ledger BLOB,
    body BLOB NOT NULL,
    content INTEGER,
    UNIQUE (message_number, kind, version)
) STRICT;

CREATE INDEX earlier_stages_in_pieces ON earlier_stages (content) WHERE content IS NOT NULL;

-- Pieces stay as long as an earlier form needs them.
DROP TRIGGER stages_replaced;

CREATE TRIGGER stages_replaced
AFTER UPDATE OF content ON stages
WHEN
    OLD.content IS NOT NULL
    AND OLD.content IS NOT NEW.content
    AND NOT EXISTS (SELECT 1 FROM earlier_stages WHERE content = OLD.content)
BEGIN
    DELETE FROM pieces WHERE content = OLD.content;
END;

CREATE TRIGGER stages_forgotten
AFTER DELETE ON stages
BEGIN
    DELETE FROM earlier_stages
    WHERE message_number = OLD.message_number AND kind = OLD.kind;
END;

CREATE TRIGGER earlier_stages_deleted
AFTER DELETE ON earlier_stages
WHEN OLD.content IS NOT NULL
BEGIN
    DELETE FROM pieces WHERE content = OLD.content;
END;

-- Corrected copies. A family is an original with its copies and their copies; `root_number` is its
-- first message.
CREATE TABLE corrections (
    message_number INTEGER PRIMARY KEY REFERENCES messages (number),
    original_number INTEGER NOT NULL REFERENCES messages (number),
    root_number INTEGER NOT NULL REFERENCES messages (number)
) STRICT;

CREATE INDEX corrections_of_original ON corrections (original_number);
CREATE INDEX corrections_of_root ON corrections (root_number);

-- Replays of many messages. `handled` is the position that comes next, and the only guard it needs:
-- whoever moves it handles the message of that position, in the same transaction.
CREATE TABLE replays (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    tenant TEXT NOT NULL,
    caller TEXT NOT NULL,
    verb TEXT NOT NULL CHECK (verb IN ('replay', 'reread')),
    mode TEXT NOT NULL CHECK (mode IN ('same-bytes', 'retranslate')),
    not_taken INTEGER NOT NULL CHECK (not_taken IN (0, 1)),
    pause INTEGER NOT NULL CHECK (pause >= 0),
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    ended_at INTEGER,
    chosen INTEGER NOT NULL CHECK (chosen >= 0),
    handled INTEGER NOT NULL CHECK (handled BETWEEN 0 AND chosen),
    CHECK (
        CASE state
            WHEN 'running' THEN ended_at IS NULL
            WHEN 'done' THEN ended_at IS NOT NULL AND handled = chosen
            WHEN 'stopped' THEN ended_at IS NOT NULL
            ELSE 0
        END
    )
) STRICT;

CREATE INDEX replays_running ON replays (number) WHERE state = 'running';
CREATE INDEX replays_of_caller ON replays (tenant, caller, number);

-- `event_count`: how long the history was when the message was chosen. A longer one means that
-- somebody did something with it since, so it is left alone.
CREATE TABLE replay_items (
    replay_number INTEGER NOT NULL REFERENCES replays (number),
    position INTEGER NOT NULL CHECK (position >= 0),
    message_id TEXT NOT NULL,
    event_count INTEGER NOT NULL,
    result TEXT CHECK (result IN ('moved', 'skipped', 'refused')),
    code TEXT,
    PRIMARY KEY (replay_number, position)
) STRICT, WITHOUT ROWID;
