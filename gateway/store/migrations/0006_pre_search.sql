-- Lists that a person asks for among very many messages: one authority's, one case's, and those
-- that ended without an answer. Each index is walked newest first.

CREATE INDEX messages_of_authority ON messages (authority, accepted_at, id);
CREATE INDEX messages_of_case ON messages (case_reference, accepted_at, id)
WHERE case_reference IS NOT NULL;
CREATE INDEX messages_given_up ON messages (accepted_at, id)
WHERE state IN ('expired', 'cancelled');
