-- Order per key. A message that declares an order stands in the line of its key until nothing of it
-- will be sent any more; only the first of a line has a planned attempt.
--
-- `order_key` is a keyed digest, NULL for a message without an order. `place` is its place in the
-- line, NULL once it has left. `time_to_deliver` is set while it waits behind another one: how long
-- it may take from its turn on, in microseconds; until then it has no deadline that counts.

-- Which process delivers a message: always NULL here, where there is only one. It is on PostgreSQL
-- too, and the columns of both stores stand in the same places.
ALTER TABLE messages ADD COLUMN owner INTEGER;

ALTER TABLE messages ADD COLUMN order_key BLOB CHECK (length(order_key) = 32);
ALTER TABLE messages ADD COLUMN place INTEGER;
ALTER TABLE messages ADD COLUMN time_to_deliver INTEGER CHECK (
    time_to_deliver IS NULL OR (place IS NOT NULL AND state = 'accepted' AND next_attempt_at IS NULL)
);

-- No two messages of a key have the same place.
CREATE UNIQUE INDEX messages_in_line ON messages (order_key, place) WHERE place IS NOT NULL;
-- Lists of those that wait, and how many of each line do; both are small.
CREATE INDEX messages_waiting ON messages (accepted_at, id) WHERE time_to_deliver IS NOT NULL;
CREATE INDEX messages_waiting_in_line ON messages (channel, order_key, accepted_at)
WHERE time_to_deliver IS NOT NULL;

-- Sequence numbers. `round` counts how often a sequence began again, so that no number of a round
-- is ever given twice.

-- The last number that was given to a message that leaves through a channel.
CREATE TABLE sequences (
    channel TEXT NOT NULL,
    name TEXT NOT NULL,
    round INTEGER NOT NULL CHECK (round >= 0),
    last INTEGER NOT NULL,
    PRIMARY KEY (channel, name)
) STRICT, WITHOUT ROWID;

-- Which message carries which number; `incoming`: which one was answered with it.
CREATE TABLE sequence_numbers (
    channel TEXT NOT NULL,
    name TEXT NOT NULL,
    incoming INTEGER NOT NULL CHECK (incoming IN (0, 1)),
    round INTEGER NOT NULL,
    number INTEGER NOT NULL,
    message_number INTEGER NOT NULL REFERENCES messages (number),
    PRIMARY KEY (channel, name, incoming, round, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX sequence_numbers_of_message ON sequence_numbers (message_number);

CREATE TRIGGER sequence_numbers_forgotten
AFTER DELETE ON messages
BEGIN
    DELETE FROM sequence_numbers WHERE message_number = OLD.number;
END;

-- The newest number that came through a channel: the next one is expected to follow it.
CREATE TABLE expected_numbers (
    channel TEXT NOT NULL,
    name TEXT NOT NULL,
    round INTEGER NOT NULL,
    last INTEGER NOT NULL,
    repeats INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (channel, name)
) STRICT, WITHOUT ROWID;

-- Numbers that did not come, from `first` to `last`.
CREATE TABLE missing_numbers (
    channel TEXT NOT NULL,
    name TEXT NOT NULL,
    round INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL CHECK (last >= first),
    noticed_at INTEGER NOT NULL,
    PRIMARY KEY (channel, name, round, first)
) STRICT, WITHOUT ROWID;
