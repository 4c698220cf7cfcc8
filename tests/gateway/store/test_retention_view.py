"""A look at what is due, beside a gateway that writes."""

from pathlib import Path

import apsw
import pytest

from gateway.errors import StoreUnavailableError
from gateway.messaging.message import StageKind
from gateway.messaging.retention import Part
from gateway.store.retention_view import retention_view
from gateway.store.sqlite import SqliteStore
from tests.gateway.store.conformance_refusals import at
from tests.gateway.store.conformance_retention import LATE, due, settled


async def test_it_sees_what_is_due_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "messages.db"
    store = SqliteStore(path)
    await store.open()
    message = await settled(store)
    await store.record_refusals([at(1)])
    with retention_view(path) as view:
        assert [one.operation for one in view.holdings()] == ["residents/search"]
        assert [view.count_due(due(part)) for part in Part] == [1, 1, 1]
        assert view.count_refusals(LATE) == 1
        with pytest.raises(apsw.ReadOnlyError):
            view.connection.execute("DELETE FROM stages")
    assert await store.stage(message.id, StageKind.WIRE_REQUEST) is not None
    await store.close()


def test_what_is_no_database_is_said(tmp_path: Path) -> None:
    with (
        pytest.raises(StoreUnavailableError, match="no database at"),
        retention_view(tmp_path / "none.db"),
    ):
        pass
    foreign = tmp_path / "foreign.db"
    foreign.write_bytes(b"no database" * 1_000)
    with pytest.raises(StoreUnavailableError), retention_view(foreign) as view:
        view.holdings()
