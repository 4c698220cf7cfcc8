import dataclasses
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import (
    AuthorityRefusedError,
    DeliveryError,
    NotSentError,
    OutcomeUnknownError,
)
from gateway.messaging.channel import RetryPolicy
from gateway.messaging.lifecycle import State, may_move
from gateway.messaging.message import Message, MessageId
from gateway.messaging.operation import OperationKind
from gateway.messaging.retry import Retry, Settle, after_failure, after_interruption, backoff

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
POLICY = RetryPolicy(
    first_wait=timedelta(seconds=1), longest_wait=timedelta(seconds=60), max_attempts=5
)
NOT_SENT = NotSentError("refused")
UNKNOWN = OutcomeUnknownError("timed out")


def a_message(**changes: Any) -> Message:
    message = Message(
        id=MessageId("m"),
        tenant="default",
        caller="city",
        operation="residents/search",
        operation_version=1,
        kind=OperationKind.QUERY,
        repeatable=True,
        authority="ags:09162000",
        channel="munich",
        state=State.DELIVERING,
        accepted_at=NOW,
        deadline_at=NOW + timedelta(hours=1),
        next_attempt_at=None,
        attempts=1,
    )
    return dataclasses.replace(message, **changes)


def submission(**changes: Any) -> Message:
    return a_message(**{"kind": OperationKind.SUBMISSION, "repeatable": False, **changes})


def decide(failure: DeliveryError, message: Message) -> Retry | Settle:
    return after_failure(failure, message, now=NOW, policy=POLICY, chance=1)


def test_what_an_authority_refuses_is_dead() -> None:
    assert decide(AuthorityRefusedError("never"), a_message()) == Settle(state=State.DEAD)


def test_what_may_have_arrived_is_repeated_only_where_that_does_no_harm() -> None:
    assert isinstance(decide(UNKNOWN, a_message()), Retry)
    assert decide(UNKNOWN, submission()) == Settle(state=State.IN_DOUBT)


def test_what_was_not_sent_is_always_repeated() -> None:
    assert isinstance(decide(NOT_SENT, submission()), Retry)


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 1), (2, 2), (3, 4), (4, 8)])
def test_the_wait_doubles(attempts: int, seconds: int) -> None:
    expected = Retry(at=NOW + timedelta(seconds=seconds))
    assert decide(NOT_SENT, a_message(attempts=attempts)) == expected


def test_the_wait_has_a_limit_however_often_it_doubled() -> None:
    patient = dataclasses.replace(POLICY, max_attempts=10_000)
    decision = after_failure(NOT_SENT, a_message(attempts=9_999), now=NOW, policy=patient, chance=1)
    assert decision == Retry(at=NOW + POLICY.longest_wait)


@pytest.mark.parametrize(("chance", "seconds"), [(0, 2), (0.5, 3), (1, 4)])
def test_half_of_the_wait_is_left_to_chance(chance: float, seconds: int) -> None:
    assert backoff(3, POLICY, chance=chance) == timedelta(seconds=seconds)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_no_wait_is_shorter_than_half_or_longer_than_the_limit(
    attempts: int, chance: float
) -> None:
    assert POLICY.first_wait / 2 <= backoff(attempts, POLICY, chance=chance) <= POLICY.longest_wait


def test_messages_that_failed_together_come_back_spread_out() -> None:
    dice = random.Random(4711)  # noqa: S311 - guards nothing
    waits = [backoff(5, POLICY, chance=dice.random()) for _ in range(1_000)]
    seconds = Counter(int(wait.total_seconds()) for wait in waits)
    assert set(seconds) == set(range(8, 16))
    assert max(seconds.values()) < 2 * min(seconds.values())


def test_an_outage_uses_up_no_attempts_and_plans_the_next_one_for_its_end() -> None:
    until = NOW + timedelta(minutes=5)
    decision = after_failure(
        NOT_SENT, a_message(attempts=99), now=NOW, policy=POLICY, chance=1, outage_until=until
    )
    assert decision == Retry(at=until)


def test_an_outage_that_may_last_longer_than_the_message_does_not_end_it() -> None:
    until = NOW + timedelta(hours=2)
    decision = after_failure(
        NOT_SENT, a_message(), now=NOW, policy=POLICY, chance=1, outage_until=until
    )
    assert decision == Retry(at=NOW + POLICY.first_wait)


def test_what_must_not_be_repeated_rests_in_doubt_in_an_outage_too() -> None:
    decision = after_failure(
        UNKNOWN, submission(), now=NOW, policy=POLICY, chance=1, outage_until=NOW
    )
    assert decision == Settle(state=State.IN_DOUBT)


def test_the_last_attempt_leads_to_the_dead_letters() -> None:
    assert decide(NOT_SENT, a_message(attempts=5)) == Settle(state=State.DEAD)


def test_a_peer_says_when_to_come_again_within_our_limit() -> None:
    wish = NotSentError("busy", retry_after=timedelta(seconds=7))
    assert decide(wish, a_message()) == Retry(at=NOW + timedelta(seconds=7))
    wish = NotSentError("busy", retry_after=timedelta(days=7))
    assert decide(wish, a_message()) == Retry(at=NOW + POLICY.longest_wait)


@pytest.mark.parametrize(
    ("failure", "message", "state"),
    [
        (NOT_SENT, a_message(deadline_at=NOW), State.EXPIRED),
        (UNKNOWN, a_message(deadline_at=NOW), State.EXPIRED),
        (NOT_SENT, submission(deadline_at=NOW), State.EXPIRED),
        (NOT_SENT, submission(deadline_at=NOW, attempts=2), State.DEAD),
        (UNKNOWN, submission(deadline_at=NOW, repeatable=True), State.DEAD),
    ],
)
def test_after_the_deadline_expires_what_nobody_waits_for_or_never_left(
    failure: DeliveryError, message: Message, state: State
) -> None:
    assert decide(failure, message) == Settle(state=state)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (a_message(), Retry(at=NOW)),
        (a_message(deadline_at=NOW), Settle(state=State.EXPIRED)),
        (submission(), Settle(state=State.IN_DOUBT)),
        (submission(deadline_at=NOW), Settle(state=State.IN_DOUBT)),
        (submission(repeatable=True), Retry(at=NOW)),
        (submission(repeatable=True, deadline_at=NOW), Settle(state=State.DEAD)),
    ],
)
def test_an_attempt_cut_off_by_a_crash_counts_as_sent(
    message: Message, expected: Retry | Settle
) -> None:
    assert after_interruption(message, now=NOW) == expected


failures = st.one_of(
    st.just(UNKNOWN),
    st.just(AuthorityRefusedError("never")),
    st.builds(
        NotSentError,
        st.just("busy"),
        retry_after=st.none() | st.timedeltas(timedelta(0), timedelta(days=3650)),
    ),
)
messages = st.builds(
    a_message,
    kind=st.sampled_from(OperationKind),
    repeatable=st.booleans(),
    attempts=st.integers(1, 9),
    deadline_at=st.datetimes(
        datetime(2026, 3, 1, 11),  # noqa: DTZ001 - hypothesis takes bounds without a zone
        datetime(2026, 3, 1, 14),  # noqa: DTZ001 - likewise
        timezones=st.just(UTC),
    ),
)


@given(failures, messages)
def test_every_decision_is_a_move_of_the_life_cycle_and_in_time(
    failure: DeliveryError, message: Message
) -> None:
    for decision in (decide(failure, message), after_interruption(message, now=NOW)):
        match decision:
            case Retry(at=at):
                assert NOW <= at < message.deadline_at
                assert may_move(State.DELIVERING, State.RETRYING)
            case Settle(state=state):
                assert may_move(State.DELIVERING, state)


@given(failures, messages)
def test_what_must_not_be_repeated_is_repeated_only_if_nothing_left(
    failure: DeliveryError, message: Message
) -> None:
    if isinstance(decide(failure, message), Retry):
        assert message.repeatable or isinstance(failure, NotSentError)
