-- What the store on PostgreSQL runs about attachments, by name. Whoever removes something locks it
-- first, and looks again whether it is needed in a statement of its own: that one sees what others
-- had committed before they let go.

-- name: announce_attachment
-- An attachment begins to arrive.
INSERT INTO attachments (id, tenant, caller, media_type, file_name, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: lock_arriving
-- An attachment that still arrives.
SELECT id FROM attachments WHERE id = $1 AND content IS NULL FOR UPDATE

-- name: keep_attached_content
-- Content at a location, or the one that the tenant has already; locked in both cases, so that
-- nobody removes it before an attachment has it.
INSERT INTO attachment_contents AS known (tenant, digest, sha256, size_bytes, location)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant, digest) DO UPDATE SET size_bytes = known.size_bytes
RETURNING number

-- name: complete_attachment
-- All its bytes have come.
UPDATE attachments SET content = $1 WHERE id = $2

-- name: attachment
-- One attachment that is kept whole.
SELECT
    attachments.id,
    attachments.tenant,
    attachments.caller,
    attachments.media_type,
    attachments.file_name,
    attachments.created_at,
    attachments.expires_at,
    attachment_contents.size_bytes,
    attachment_contents.sha256,
    attachment_contents.location,
    EXISTS (
        SELECT FROM attachment_references WHERE attachment_id = attachments.id
    ) AS is_referenced
FROM attachments INNER JOIN attachment_contents ON attachment_contents.number = attachments.content
WHERE attachments.id = $1

-- name: attachments_of
-- The attachments that a message refers to.
SELECT
    attachments.id,
    attachments.tenant,
    attachments.caller,
    attachments.media_type,
    attachments.file_name,
    attachments.created_at,
    attachments.expires_at,
    attachment_contents.size_bytes,
    attachment_contents.sha256,
    attachment_contents.location,
    TRUE AS is_referenced
FROM attachment_references
INNER JOIN attachments ON attachments.id = attachment_references.attachment_id
INNER JOIN attachment_contents ON attachment_contents.number = attachments.content
WHERE attachment_references.message_number = (SELECT number FROM messages WHERE id = $1)
ORDER BY attachments.id

-- name: add_references
-- A message refers to those of the attachments that are its caller's own, and whole.
INSERT INTO attachment_references (message_number, attachment_id)
SELECT $1, id FROM attachments
WHERE tenant = $2 AND caller = $3 AND id = ANY($4::TEXT []) AND content IS NOT NULL
ORDER BY id
FOR KEY SHARE
RETURNING attachment_id

-- name: lock_attachment
-- An attachment, whole or not.
SELECT id FROM attachments WHERE id = $1 FOR UPDATE

-- name: is_referenced
-- Whether a message refers to an attachment.
SELECT attachment_id FROM attachment_references WHERE attachment_id = $1 LIMIT 1

-- name: lock_expired
-- Attachments that may go, whole or not; those that somebody works on are left for another time.
SELECT id FROM attachments
WHERE
    expires_at <= $1
    AND NOT EXISTS (SELECT FROM attachment_references WHERE attachment_id = attachments.id)
ORDER BY expires_at
LIMIT $2
FOR UPDATE SKIP LOCKED

-- name: drop_attachments
-- Forget those that no message refers to.
DELETE FROM attachments
WHERE
    id = ANY($1::TEXT [])
    AND NOT EXISTS (SELECT FROM attachment_references WHERE attachment_id = attachments.id)
RETURNING id, content

-- name: lock_attached_contents
-- Contents that may go.
SELECT number FROM attachment_contents WHERE number = ANY($1::BIGINT []) ORDER BY number FOR UPDATE

-- name: drop_attached_contents
-- Forget those that no attachment has any more.
DELETE FROM attachment_contents
WHERE number = ANY($1::BIGINT []) AND NOT EXISTS (SELECT FROM attachments WHERE content = number)
RETURNING location

-- name: out_of_use
-- Those of the locations that are not in use.
SELECT value FROM unnest($1::TEXT []) AS given (value)
WHERE
    NOT EXISTS (SELECT FROM attachments WHERE id = value AND content IS NULL)
    AND NOT EXISTS (SELECT FROM attachment_contents WHERE location = value)
