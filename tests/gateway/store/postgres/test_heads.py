import pytest

from gateway.store.postgres import heads
from gateway.store.postgres.heads import Heads


def test_a_row_is_known_until_it_is_forgotten() -> None:
    known = Heads()
    known.keep((1, "a", "first"))
    known.keep((1, "a", "second"))
    assert known.get("a") == (1, "a", "second")
    known.forget("a")
    known.forget("a")
    assert known.get("a") is None


def test_the_oldest_goes_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "MOST", 2)
    known = Heads()
    for number, message_id in enumerate(("a", "b", "a", "c")):
        known.keep((number, message_id))
    assert [known.get(one) for one in "abc"] == [(2, "a"), None, (3, "c")]
