-- A stage for answers that come when their message has settled. SQLite changes a CHECK by copying.

CREATE TABLE stages_copy (
    message_number INTEGER NOT NULL REFERENCES messages (number),
    kind TEXT NOT NULL CHECK (
        CASE kind
            WHEN 'canonical_request' THEN 1
            WHEN 'wire_request' THEN 1
            WHEN 'wire_answer' THEN 1
            WHEN 'canonical_answer' THEN 1
            WHEN 'kept_answer' THEN 1
            WHEN 'later_answer' THEN 1
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

INSERT INTO stages_copy SELECT * FROM stages ORDER BY rowid;
DROP TABLE stages;
ALTER TABLE stages_copy RENAME TO stages;
