"""Where attachments are kept: their bytes by the settings, all else beside the messages."""

from gateway.messaging.attachment_ports import AttachmentIndex, AttachmentStore
from gateway.messaging.ports import MessageStore
from gateway.settings.model import Settings
from gateway.store.attachment_files import AttachmentFiles
from gateway.store.attachment_index import SqliteAttachmentIndex
from gateway.store.sqlite import SqliteStore


def make_attachment_store(settings: Settings) -> AttachmentStore:
    """Make the store of the bytes; nothing is opened."""
    return AttachmentFiles(settings.attachments_folder())


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
