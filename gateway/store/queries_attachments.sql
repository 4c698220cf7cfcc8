-- What the store runs about attachments, by name.

-- name: announce_attachment
-- An attachment begins to arrive.
INSERT INTO attachments (id, tenant, caller, media_type, file_name, created_at, expires_at)
VALUES (?, ?, ?, ?, ?, ?, ?)

-- name: is_arriving
-- Whether an attachment still arrives.
SELECT 1 FROM attachments WHERE id = ? AND content IS NULL

-- name: add_attached_content
-- Keep content at a location, unless the tenant has it already.
INSERT INTO attachment_contents (tenant, digest, sha256, size_bytes, location)
VALUES (?, ?, ?, ?, ?)
ON CONFLICT (tenant, digest) DO NOTHING

-- name: complete_attachment
-- All its bytes have come.
UPDATE attachments
SET content = (SELECT number FROM attachment_contents WHERE tenant = ? AND digest = ?)
WHERE id = ?

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
        SELECT 1 FROM attachment_references WHERE attachment_id = attachments.id
    ) AS is_referenced
FROM attachments INNER JOIN attachment_contents ON attachment_contents.number = attachments.content
WHERE attachments.id = ?

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
    1 AS is_referenced
FROM attachment_references
INNER JOIN attachments ON attachments.id = attachment_references.attachment_id
INNER JOIN attachment_contents ON attachment_contents.number = attachments.content
WHERE attachment_references.message_number = (SELECT number FROM messages WHERE id = ?)
ORDER BY attachments.id

-- name: may_refer
-- Whether a caller may refer to an attachment: it is its own, and whole.
SELECT 1 FROM attachments
WHERE id = ? AND tenant = ? AND caller = ? AND content IS NOT NULL

-- name: add_reference
-- A message refers to an attachment.
INSERT INTO attachment_references (message_number, attachment_id) VALUES (?, ?)

-- name: expired_attachments
-- Attachments that may go, whole or not.
SELECT id FROM attachments
WHERE
    expires_at <= ?
    AND NOT EXISTS (SELECT 1 FROM attachment_references WHERE attachment_id = attachments.id)
ORDER BY expires_at
LIMIT ?

-- name: is_referenced
-- Whether a message refers to an attachment.
SELECT 1 FROM attachment_references WHERE attachment_id = ? LIMIT 1

-- name: drop_attachment
-- Forget one.
DELETE FROM attachments WHERE id = ? RETURNING content

-- name: drop_attached_content
-- Forget content that no attachment has any more.
DELETE FROM attachment_contents
WHERE number = ? AND NOT EXISTS (SELECT 1 FROM attachments WHERE content = number)
RETURNING location

-- name: out_of_use
-- Those of the locations (a JSON list) that are not in use.
SELECT value FROM json_each(?)
WHERE
    NOT EXISTS (SELECT 1 FROM attachments WHERE id = value AND content IS NULL)
    AND NOT EXISTS (SELECT 1 FROM attachment_contents WHERE location = value)
