"""Names of events, and log records that hold no content."""

import logging

import pytest

from gateway.flow.events import MEANINGS, RESTS_AS, Event, record
from gateway.messaging.lifecycle import State, is_settled
from tests.gateway.flow.world import MESSAGE_ID, a_message


def test_every_event_has_a_meaning() -> None:
    assert set(MEANINGS) == set(Event)


def test_every_state_the_gateway_rests_in_has_its_event() -> None:
    assert set(RESTS_AS) == {state for state in State if is_settled(state)}


def test_one_record_names_message_and_state(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        record(Event.DEAD, a_message(state=State.DEAD, code="not-sent"))
    (written,) = caplog.records
    assert written.getMessage() == "message dead"
    assert (
        vars(written).items()
        >= {
            "event": "message.dead",
            "message_id": MESSAGE_ID,
            "operation": "residents/search",
            "channel": "main",
            "state": "dead",
            "attempt": 1,
            "code": "not-sent",
        }.items()
    )


def test_nothing_is_prepared_for_a_log_nobody_reads(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        record(Event.DEAD, a_message())
    assert caplog.records == []
