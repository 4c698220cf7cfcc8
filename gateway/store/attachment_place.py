"""Where the settings say that the bytes of attachments are kept."""

from gateway.messaging.attachment_ports import AttachmentStore
from gateway.settings.model import Settings
from gateway.store.attachment_files import AttachmentFiles


def make_attachment_store(settings: Settings) -> AttachmentStore:
    """Make the store of the settings; nothing is opened."""
    return AttachmentFiles(settings.attachments_folder())
