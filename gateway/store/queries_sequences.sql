-- Statements about sequence numbers.

-- name: next_number
-- Take the next number of a sequence; after the largest one it begins again.
INSERT INTO sequences (channel, name, round, last) VALUES (:channel, :name, 0, :first)
ON CONFLICT (channel, name) DO UPDATE SET
    round = round + (last NOT BETWEEN :first AND :last - 1),
    last = CASE WHEN last BETWEEN :first AND :last - 1 THEN last + 1 ELSE :first END
RETURNING round, last

-- name: last_numbers
-- The last number of every sequence.
SELECT channel, name, last FROM sequences ORDER BY channel, name

-- name: go_on_after
-- Let a sequence go on after another number; a lower one belongs to the next round.
INSERT INTO sequences (channel, name, round, last) VALUES (?, ?, 0, ?)
ON CONFLICT (channel, name) DO UPDATE SET
    round = sequences.round + (excluded.last < sequences.last),
    last = excluded.last

-- name: keep_number
-- Remember which message carries a number.
INSERT INTO sequence_numbers (channel, name, incoming, round, number, message_number)
VALUES (?, ?, ?, ?, ?, ?)

-- name: newest_number
-- The newest number that came.
SELECT round, last FROM expected_numbers WHERE channel = ? AND name = ?

-- name: expect_after
-- Expect what follows a number.
INSERT INTO expected_numbers (channel, name, round, last) VALUES (?, ?, ?, ?)
ON CONFLICT (channel, name) DO UPDATE SET round = excluded.round, last = excluded.last

-- name: carrier_of_number
-- The message that came with a number.
SELECT messages.id FROM sequence_numbers
INNER JOIN messages ON messages.number = sequence_numbers.message_number
WHERE
    sequence_numbers.channel = ?
    AND sequence_numbers.name = ?
    AND sequence_numbers.incoming = 1
    AND sequence_numbers.round = ?
    AND sequence_numbers.number = ?

-- name: message_number
-- The number that a message is stored under.
SELECT number FROM messages WHERE id = ?

-- name: miss_numbers
-- Note numbers that did not come.
INSERT INTO missing_numbers (channel, name, round, first, last, noticed_at)
VALUES (?, ?, ?, ?, ?, ?)

-- name: gap_with_number
-- The gap that a number lies in.
SELECT first, last, noticed_at FROM missing_numbers
WHERE channel = ? AND name = ? AND round = ? AND first <= ? AND last >= ?

-- name: close_gap
-- Forget a gap; what is left of it is noted anew.
DELETE FROM missing_numbers WHERE channel = ? AND name = ? AND round = ? AND first = ?

-- name: count_repeat
-- Count a number that came before.
UPDATE expected_numbers SET repeats = repeats + 1 WHERE channel = ? AND name = ?

-- name: gaps
-- What is missing in a channel, by sequence, the oldest first.
SELECT channel, name, round, first, last, noticed_at FROM missing_numbers
WHERE channel = ?
ORDER BY name, round, first
LIMIT ?

-- name: missing
-- How many numbers are missing, by sequence.
SELECT channel, name, sum(last - first + 1) FROM missing_numbers
GROUP BY channel, name
ORDER BY channel, name

-- name: unsent_numbers
-- Numbers of messages which the authority may never have got, the newest first; of one caller, or
-- of all.
SELECT
    sequence_numbers.channel,
    sequence_numbers.name,
    sequence_numbers.number,
    messages.id,
    messages.state
FROM sequence_numbers
INNER JOIN messages ON messages.number = sequence_numbers.message_number
WHERE
    sequence_numbers.channel = ?1
    AND sequence_numbers.incoming = 0
    AND (?2 IS NULL OR messages.tenant = ?2)
    AND (?3 IS NULL OR messages.caller = ?3)
    AND messages.state IN ('dead', 'expired', 'cancelled')
ORDER BY sequence_numbers.name, sequence_numbers.round DESC, sequence_numbers.number DESC
LIMIT ?4
