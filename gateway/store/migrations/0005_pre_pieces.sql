-- Large content lies in pieces beside its stage, so that each is written in a moment of its own.
--
-- A stage whose `content` is set has an empty body. Pieces without a stage are what a crash, or a
-- refused step, left behind; the next start removes them.

ALTER TABLE stages ADD COLUMN content INTEGER;

CREATE INDEX stages_in_pieces ON stages (content) WHERE content IS NOT NULL;

CREATE TABLE pieces (
    content INTEGER NOT NULL,
    number INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX pieces_of_content ON pieces (content, number);

-- Pieces go with their stage, or when another content replaces them.
CREATE TRIGGER stages_deleted
AFTER DELETE ON stages
WHEN OLD.content IS NOT NULL
BEGIN
    DELETE FROM pieces WHERE content = OLD.content;
END;

CREATE TRIGGER stages_replaced
AFTER UPDATE OF content ON stages
WHEN OLD.content IS NOT NULL AND OLD.content IS NOT NEW.content
BEGIN
    DELETE FROM pieces WHERE content = OLD.content;
END;
