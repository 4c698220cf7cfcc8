from pathlib import Path

from gateway.messaging.attachment_ports import AttachmentIndex, AttachmentStore
from gateway.store.attachment_files import AttachmentFiles
from gateway.store.attachment_index import SqliteAttachmentIndex
from gateway.store.sqlite import SqliteStore


def methods_of(port: type) -> set[str]:
    return {name for name in vars(port) if not name.startswith("_")}


def test_files_and_index_have_the_shape_of_the_ports(tmp_path: Path) -> None:
    store: AttachmentStore = AttachmentFiles(tmp_path)
    index: AttachmentIndex = SqliteAttachmentIndex(SqliteStore(tmp_path / "messages.db"))
    assert methods_of(AttachmentStore) <= set(dir(store))
    assert methods_of(AttachmentIndex) <= set(dir(index))
