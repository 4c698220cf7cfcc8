"""The index of attachments in SQLite keeps every promise of the port."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import pytest
from typing_extensions import override

from gateway.messaging.attachment_ports import AttachmentIndex
from gateway.messaging.message import Message
from gateway.messaging.ports import MessageStore
from gateway.store.attachment_index import SqliteAttachmentIndex
from gateway.store.sqlite import SqliteStore
from tests.gateway.store.conformance_attachments import AttachmentConformance, Shelf

ERASE = "DELETE FROM stages WHERE message_number = (SELECT number FROM messages WHERE id = ?)"


class TestSqliteAttachments(AttachmentConformance):
    @override
    @pytest.fixture
    def make_store(self, tmp_path: Path) -> Callable[[], MessageStore]:
        return lambda: SqliteStore(tmp_path / "messages.db")

    @override
    @pytest.fixture
    def index_of(self) -> Callable[[Any], AttachmentIndex]:
        return SqliteAttachmentIndex

    @override
    async def erase(self, store: Any, message: Message) -> None:
        def delete(connection: apsw.Connection) -> None:
            connection.execute(ERASE, (message.id,))

        await store.change(delete)

    async def test_references_lead_to_rows(self, shelf: Shelf) -> None:
        kept = await shelf.kept()
        await shelf.accept(kept)
        store: Any = shelf.store
        faults = await store.look(lambda c: c.execute("PRAGMA foreign_key_check").fetchall())
        assert faults == []
