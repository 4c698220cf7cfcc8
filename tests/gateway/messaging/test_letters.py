"""The port of dead letters is no more and no less than its parts."""

from gateway.messaging.causes import CauseStore
from gateway.messaging.corrections import CorrectionStore
from gateway.messaging.letters import LetterStore
from gateway.messaging.replays import ReplayStore
from gateway.store.letters import SqliteLetters


def test_the_port_adds_nothing_to_its_parts() -> None:
    parts = {name for part in (CauseStore, CorrectionStore, ReplayStore) for name in _calls(part)}
    assert _calls(LetterStore) == set()
    assert parts == _calls(SqliteLetters)


def _calls(port: type) -> set[str]:
    return {name for name in vars(port) if not name.startswith("_")}
