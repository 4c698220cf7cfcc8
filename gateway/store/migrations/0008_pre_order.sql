-- Order per key. A message that declares an order stands in the line of its key until nothing of it
-- will be sent any more; only the first of a line has a planned attempt.
--
-- `order_key` is a keyed digest, NULL for a message without an order. `place` is its place in the
-- line, NULL once it has left. `time_to_deliver` is set while it waits behind another one: how long
-- it may take from its turn on, in microseconds; until then it has no deadline that counts.

ALTER TABLE messages ADD COLUMN order_key BLOB CHECK (length(order_key) = 32);
ALTER TABLE messages ADD COLUMN place INTEGER;
ALTER TABLE messages ADD COLUMN time_to_deliver INTEGER CHECK (
    time_to_deliver IS NULL OR (place IS NOT NULL AND state = 'accepted' AND next_attempt_at IS NULL)
);

-- No two messages of a key have the same place.
CREATE UNIQUE INDEX messages_in_line ON messages (order_key, place) WHERE place IS NOT NULL;
CREATE INDEX messages_waiting ON messages (accepted_at, id) WHERE time_to_deliver IS NOT NULL;
