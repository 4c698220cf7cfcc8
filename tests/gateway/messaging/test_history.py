import dataclasses
import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.messaging.history import START, Entry, chain, is_unbroken, link
from gateway.messaging.lifecycle import State
from gateway.messaging.message import HistoryEvent, MessageId

MESSAGE = MessageId("0190a0b0-0000-7000-8000-000000000000")
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

texts = st.none() | st.text(st.characters(codec="utf-8"))
entries = st.builds(
    Entry,
    at=st.datetimes(timezones=st.just(UTC)),
    event=st.text(st.characters(codec="utf-8"), min_size=1),
    state=st.sampled_from(State),
    attempt=st.none() | st.integers(1, 99),
    code=texts,
    detail=texts,
)


def chained(entries: list[Entry]) -> list[HistoryEvent]:
    events: list[HistoryEvent] = []
    for number, entry in enumerate(entries, start=1):
        previous = events[-1].hash if events else START
        events.append(chain(MESSAGE, entry, number=number, previous=previous))
    return events


def three() -> list[HistoryEvent]:
    return chained(
        [
            Entry(at=NOW, event="message.accepted", state=State.DELIVERING),
            Entry(at=NOW, event="delivery.started", state=State.DELIVERING, attempt=1),
            Entry(at=NOW, event="message.answered", state=State.ANSWERED, attempt=1),
        ]
    )


@given(entries)
def test_anybody_can_compute_the_hash_again(entry: Entry) -> None:
    fields: list[Any] = [
        START.hex(),
        MESSAGE,
        1,
        entry.at.isoformat(timespec="microseconds"),
        entry.event,
        entry.state.value,
        entry.attempt,
        entry.code,
        entry.detail,
    ]
    text = json.dumps(fields, separators=(",", ":"), ensure_ascii=False)
    expected = hashlib.sha256(text.encode()).digest()
    assert link(MESSAGE, entry, number=1, previous=START) == expected


@given(st.lists(entries, max_size=5))
def test_a_chain_as_it_was_made_is_unbroken(made: list[Entry]) -> None:
    assert is_unbroken(MESSAGE, chained(made))


def test_the_same_moment_in_another_zone_has_the_same_hash() -> None:
    here = Entry(at=NOW, event="message.accepted", state=State.ACCEPTED)
    elsewhere = dataclasses.replace(here, at=NOW.astimezone(timezone(timedelta(hours=2))))
    assert link(MESSAGE, here, number=1, previous=START) == link(
        MESSAGE, elsewhere, number=1, previous=START
    )


@pytest.mark.parametrize(
    "change",
    [
        {"event": "message.dead"},
        {"at": NOW + timedelta(microseconds=1)},
        {"state": State.DEAD},
        {"attempt": 2},
        {"code": "not-sent"},
        {"detail": "changed"},
        {"number": 3},
        {"hash": bytes(32)},
    ],
)
def test_a_changed_event_breaks_the_chain(change: dict[str, Any]) -> None:
    events = three()
    events[1] = dataclasses.replace(events[1], **change)
    assert not is_unbroken(MESSAGE, events)


def test_a_missing_exchanged_or_foreign_event_breaks_the_chain() -> None:
    first, second, third = three()
    assert not is_unbroken(MESSAGE, [first, third])
    assert not is_unbroken(MESSAGE, [second, first, third])
    assert not is_unbroken(MessageId("another"), [first, second, third])
