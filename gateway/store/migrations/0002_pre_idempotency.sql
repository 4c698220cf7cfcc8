-- Idempotency keys, and the secret that their fingerprints are made with.
--
-- A key stays with its message, as long as that is kept.

CREATE TABLE idempotency_keys (
    tenant TEXT NOT NULL,
    caller TEXT NOT NULL,
    operation TEXT NOT NULL,
    key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    message_number INTEGER NOT NULL REFERENCES messages (number),
    PRIMARY KEY (tenant, caller, operation, key)
) STRICT, WITHOUT ROWID;

-- A key is deleted with its message.
CREATE INDEX idempotency_keys_of_message ON idempotency_keys (message_number);

CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL CHECK (length(value) = 32)
) STRICT, WITHOUT ROWID;

INSERT INTO secrets (name, value) VALUES ('fingerprint', randomblob(32));
