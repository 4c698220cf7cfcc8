"""Where attachments are kept: their bytes by the settings, all else beside the messages."""

from gateway.messaging.attachment_ports import AttachmentIndex, AttachmentStore
from gateway.messaging.ports import MessageStore
from gateway.settings.model import Settings
from gateway.store.attachment_bucket import AttachmentBucket, Bucket
from gateway.store.attachment_files import AttachmentFiles
from gateway.store.attachment_index import SqliteAttachmentIndex
from gateway.store.sqlite import SqliteStore


def make_attachment_store(settings: Settings) -> AttachmentStore:
    """Make the store of the bytes; nothing is opened.

    Raises:
        ConfigurationError: A bucket is asked for, and its extra is not installed.
    """
    bucket = settings.attachments.s3
    if bucket is None:
        return AttachmentFiles(settings.attachments_folder())
    secret = bucket.secret_access_key
    return AttachmentBucket(
        Bucket(
            name=bucket.bucket,
            prefix=bucket.prefix,
            endpoint=bucket.endpoint,
            region=bucket.region,
            access_key_id=bucket.access_key_id,
            secret_access_key=None if secret is None else secret.get_secret_value(),
        )
    )


def attachment_index_in(store: MessageStore) -> AttachmentIndex:
    """The index that is part of a message store; raises ``TypeError`` for one that is not ours."""
    if isinstance(store, SqliteStore):
        return SqliteAttachmentIndex(store)
    # As in ``choice``: its libraries are loaded only where they are used.
    from gateway.store.postgres.attachment_index import PostgresAttachmentIndex  # noqa: PLC0415
    from gateway.store.postgres.store import PostgresStore  # noqa: PLC0415

    if isinstance(store, PostgresStore):
        return PostgresAttachmentIndex(store.database)
    raise TypeError(f"{type(store).__name__} has no index of attachments")
