-- Order per key, and sequence numbers; the same tables as on SQLite, where they are explained
-- (`gateway/store/migrations/0008_pre_order_and_sequences.sql`).

ALTER TABLE messages
ADD COLUMN order_key BYTEA CONSTRAINT messages_order_key CHECK (length(order_key) = 32),
ADD COLUMN place BIGINT,
ADD COLUMN time_to_deliver BIGINT,
ADD CONSTRAINT messages_waiting CHECK (
    time_to_deliver IS NULL
    OR (place IS NOT NULL AND state = 'accepted' AND next_attempt_at IS NULL)
);

-- No two messages of a key have the same place.
CREATE UNIQUE INDEX messages_in_line ON messages (order_key, place) WHERE place IS NOT NULL;
-- Lists of those that wait, and how many of each line do; both are small.
CREATE INDEX messages_waiting ON messages (accepted_at, id) WHERE time_to_deliver IS NOT NULL;
CREATE INDEX messages_waiting_in_line ON messages (channel, order_key, accepted_at)
WHERE time_to_deliver IS NOT NULL;

CREATE TABLE sequences (
    channel TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    round BIGINT NOT NULL CHECK (round >= 0),
    last BIGINT NOT NULL,
    PRIMARY KEY (channel, name)
);

CREATE TABLE sequence_numbers (
    channel TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    incoming BOOLEAN NOT NULL,
    round BIGINT NOT NULL,
    number BIGINT NOT NULL,
    message_number BIGINT NOT NULL,
    PRIMARY KEY (channel, name, incoming, round, number)
);

CREATE INDEX sequence_numbers_of_message ON sequence_numbers (message_number);

CREATE FUNCTION forget_numbers() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM sequence_numbers WHERE message_number = OLD.number;
    RETURN NULL;
END
$$;

CREATE TRIGGER sequence_numbers_forgotten
AFTER DELETE ON messages
FOR EACH ROW
EXECUTE FUNCTION forget_numbers();

CREATE TABLE expected_numbers (
    channel TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    round BIGINT NOT NULL,
    last BIGINT NOT NULL,
    repeats BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (channel, name)
);

CREATE TABLE missing_numbers (
    channel TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    round BIGINT NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL CHECK (last >= first),
    noticed_at BIGINT NOT NULL,
    PRIMARY KEY (channel, name, round, first)
);
