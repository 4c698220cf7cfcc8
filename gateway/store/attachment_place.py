"""Where the settings say that the bytes of attachments are kept."""

from gateway.messaging.attachment_ports import AttachmentStore
from gateway.settings.attachments import AttachmentSettings
from gateway.store.attachment_files import AttachmentFiles


def make_attachment_store(settings: AttachmentSettings) -> AttachmentStore:
    """Make the store of the settings; nothing is opened."""
    return AttachmentFiles(settings.path)
