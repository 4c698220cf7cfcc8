-- Attachments: what is known of content that lies outside the database.
--
-- A location is a name for bytes that is given once. It is in use while an attachment without
-- content (one that still arrives) has it as its id, or while a content lies there.

CREATE TABLE attachment_contents (
    number INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
    location TEXT NOT NULL UNIQUE,
    -- The same content is kept once for each tenant.
    UNIQUE (tenant, digest)
) STRICT;

CREATE TABLE attachments (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    caller TEXT NOT NULL,
    media_type TEXT NOT NULL,
    file_name TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    content INTEGER REFERENCES attachment_contents (number)
) STRICT, WITHOUT ROWID;

CREATE INDEX attachments_by_expiry ON attachments (expires_at);
CREATE INDEX attachments_of_content ON attachments (content) WHERE content IS NOT NULL;

-- Made in the transaction that accepts the message.
CREATE TABLE attachment_references (
    message_number INTEGER NOT NULL REFERENCES messages (number),
    attachment_id TEXT NOT NULL REFERENCES attachments (id),
    PRIMARY KEY (message_number, attachment_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX attachment_references_to ON attachment_references (attachment_id);

-- A message needs its attachments as long as it may be sent.
CREATE TRIGGER attachment_references_erased
AFTER DELETE ON stages
WHEN OLD.kind = 'wire_request'
BEGIN
    DELETE FROM attachment_references WHERE message_number = OLD.message_number;
END;
