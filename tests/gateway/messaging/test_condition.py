"""What a store tells of itself."""

from gateway.messaging.condition import Queue, StoreCondition
from tests.gateway.store.samples import NOW


def test_they_are_values() -> None:
    assert Queue(channel="a", waiting=1, due_since=NOW) == Queue(
        channel="a", waiting=1, due_since=NOW
    )
    assert StoreCondition(writes=True, free_bytes=1) != StoreCondition(writes=False, free_bytes=1)
