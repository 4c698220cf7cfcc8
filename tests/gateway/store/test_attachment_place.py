from pathlib import Path

import pytest

from gateway.settings import Settings
from gateway.store.attachment_bucket import AttachmentBucket
from gateway.store.attachment_files import AttachmentFiles
from gateway.store.attachment_index import SqliteAttachmentIndex
from gateway.store.attachment_place import attachment_index_in, make_attachment_store
from gateway.store.postgres.attachment_index import PostgresAttachmentIndex
from gateway.store.postgres.database import Source
from gateway.store.postgres.store import PostgresStore
from gateway.store.sqlite import SqliteStore
from tests.gateway.flow.memory_store import MemoryStore


async def test_without_a_bucket_attachments_go_into_a_folder(tmp_path: Path) -> None:
    store = {"path": tmp_path / "messages.db"}
    beside = make_attachment_store(Settings.model_validate({"store": store}))
    elsewhere = make_attachment_store(
        Settings.model_validate({"store": store, "attachments": {"path": tmp_path / "here"}})
    )
    for place in (beside, elsewhere):
        assert isinstance(place, AttachmentFiles)
        await place.open("owner")
    assert folders(tmp_path) == {"messages.db.attachments", "here"}


def folders(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_with_a_bucket_they_go_there() -> None:
    s3 = {"bucket": "files", "endpoint": "http://127.0.0.1:9", "secret_access_key": "geheim"}
    store = make_attachment_store(Settings.model_validate({"attachments": {"s3": s3}}))
    assert isinstance(store, AttachmentBucket)


async def test_the_index_is_where_the_messages_are(tmp_path: Path, postgres_url: str) -> None:
    in_file = attachment_index_in(SqliteStore(tmp_path / "messages.db"))
    on_server = attachment_index_in(PostgresStore(Source(url=postgres_url)))
    assert isinstance(in_file, SqliteAttachmentIndex)
    assert isinstance(on_server, PostgresAttachmentIndex)
    with pytest.raises(TypeError):
        attachment_index_in(MemoryStore())
