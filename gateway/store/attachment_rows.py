"""Between attachments and rows, the same for every store."""

from gateway.messaging.attachment import ArrivingAttachment, Attachment, AttachmentId, Location
from gateway.store.rows import Row, micros, moment


def announced_row(attachment: ArrivingAttachment) -> Row:
    """The values of ``announce_attachment``."""
    return (
        attachment.id,
        attachment.tenant,
        attachment.caller,
        attachment.media_type,
        attachment.file_name,
        micros(attachment.created_at),
        micros(attachment.expires_at),
    )


def attachment_in(row: Row) -> Attachment:
    """The attachment in a row of ``attachment`` or ``attachments_of``."""
    return Attachment(
        id=AttachmentId(row[0]),
        tenant=row[1],
        caller=row[2],
        media_type=row[3],
        file_name=row[4],
        created_at=moment(row[5]),
        expires_at=moment(row[6]),
        size_bytes=row[7],
        sha256=row[8],
        kept_at=Location(row[9]),
        is_referenced=bool(row[10]),
    )
