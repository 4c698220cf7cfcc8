-- Processes that share this database, and which of them is delivering a message.
--
-- A process counts its beats; one whose count stands still is removed by another one, and what it
-- was delivering has an owner that is not there.

CREATE TABLE processes (
    id BIGINT PRIMARY KEY,
    beats BIGINT NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

ALTER TABLE messages ADD COLUMN owner BIGINT;

-- Each message is moved several times, and what waits is looked for in indexes of few rows.
ALTER TABLE messages SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE attempts SET (autovacuum_vacuum_scale_factor = 0.05);
