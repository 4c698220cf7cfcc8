"""A channel whose backend is down is told from one that has bad luck once."""

from datetime import timedelta

import pytest

from gateway.flow.pulse import LAPSE, Pulse
from gateway.messaging.history import Entry
from gateway.messaging.lifecycle import State
from gateway.messaging.message import AttemptResult
from gateway.messaging.ports import Step
from tests.gateway.flow.world import MESSAGE_ID, NOON, a_message

FAILURES = AttemptResult.NOT_SENT, AttemptResult.OUTCOME_UNKNOWN
SIGNS_OF_LIFE = (
    AttemptResult.ANSWERED,
    AttemptResult.RECEIPT,
    AttemptResult.REFUSED,
    AttemptResult.UNREADABLE,
)


def ended(pulse: Pulse, result: AttemptResult | None, *, after: float, channel: str = "a") -> None:
    """End an attempt so many seconds after noon."""
    at = NOON + timedelta(seconds=after)
    step = Step(
        message_id=MESSAGE_ID,
        start=frozenset({State.DELIVERING}),
        entry=Entry(at=at, event="e", state=State.RETRYING),
        ends_attempt=result,
    )
    pulse.moved(step, a_message(channel=channel))


def failing(pulse: Pulse, *, after: float) -> dict[str, float]:
    found = pulse.failing(NOON + timedelta(seconds=after))
    return {channel: lasts.total_seconds() for channel, lasts in found.items()}


@pytest.mark.parametrize("result", FAILURES)
def test_failures_are_counted_from_the_first_to_the_last(result: AttemptResult) -> None:
    pulse = Pulse()
    ended(pulse, result, after=0)
    assert failing(pulse, after=100) == {"a": 0}
    ended(pulse, result, after=70)
    ended(pulse, result, after=90, channel="b")
    assert failing(pulse, after=100) == {"a": 70, "b": 0}


@pytest.mark.parametrize("result", SIGNS_OF_LIFE)
def test_any_answer_shows_that_the_backend_lives(result: AttemptResult) -> None:
    pulse = Pulse()
    ended(pulse, AttemptResult.NOT_SENT, after=0)
    ended(pulse, result, after=1)
    assert failing(pulse, after=2) == {}


@pytest.mark.parametrize("result", [None, AttemptResult.INTERRUPTED])
def test_what_says_nothing_about_the_backend_changes_nothing(result: AttemptResult | None) -> None:
    pulse = Pulse()
    ended(pulse, AttemptResult.NOT_SENT, after=0)
    ended(pulse, result, after=1)
    assert failing(pulse, after=2) == {"a": 0}


def test_old_failures_are_forgotten() -> None:
    pulse = Pulse()
    ended(pulse, AttemptResult.NOT_SENT, after=0)
    late = LAPSE.total_seconds()
    assert failing(pulse, after=late) == {}
    ended(pulse, AttemptResult.NOT_SENT, after=late)
    assert failing(pulse, after=late) == {"a": 0}
