from pathlib import Path

from gateway.messaging.history import Entry
from gateway.messaging.lifecycle import State
from gateway.messaging.message import MessageId
from gateway.messaging.ports import MessageFilter, MessageStore, Step
from gateway.store.sqlite import SqliteStore
from tests.gateway.store.samples import NOW


def test_the_sqlite_store_has_the_shape_of_the_port(tmp_path: Path) -> None:
    store: MessageStore = SqliteStore(tmp_path / "messages.db")
    methods = {name for name in vars(MessageStore) if not name.startswith("_")}
    assert methods <= set(dir(store))


def test_a_filter_that_says_nothing_restricts_nothing() -> None:
    assert MessageFilter() == MessageFilter(states=frozenset(), tenant=None)


def test_a_step_that_says_nothing_moves_and_nothing_more() -> None:
    step = Step(
        message_id=MessageId("m"),
        start=frozenset({State.ACCEPTED}),
        entry=Entry(at=NOW, event="message.cancelled", state=State.CANCELLED),
    )
    assert step.stages == ()
    assert not step.begins_attempt
    assert step.ends_attempt is None
