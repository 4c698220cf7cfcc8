"""One gate: what it lets out, and when."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway.errors import (
    AuthorityBusyError,
    AuthorityRefusedError,
    AuthorityUnreachableError,
    ChannelPausedError,
    DeliveryError,
    NotSentError,
    OutcomeUnknownError,
    WindowClosedError,
)
from gateway.flow.gate import GRACE, UNLIMITED, Gate
from gateway.messaging.breaker import BreakerPolicy, BreakerState
from gateway.messaging.channel import Channel
from gateway.messaging.channel_state import ChannelEvent, ChannelState, Pause
from gateway.messaging.message import MessageId
from gateway.messaging.rate import Rate
from gateway.messaging.windows import Window, Windows
from tests.gateway.flow.world import NOON, FixedClock

SECOND = timedelta(seconds=1)
POLICY = BreakerPolicy(failures=3, open_time=10 * SECOND, release_rate=2, release_time=30 * SECOND)
CHANNEL = Channel(name="main", adapter="plain", transport="test", address="nowhere", breaker=POLICY)
NOT_SENT = NotSentError("x")
ONE, OTHER = MessageId("1"), MessageId("2")
PAUSE = Pause(since=NOON, by="town-hall", reason="Wartung")
OFFICE = Windows(zone=ZoneInfo("Europe/Berlin"), windows=(Window(opens=time(6), closes=time(20)),))


class Bench:
    """A gate with a clock and ticks that the test moves."""

    def __init__(self, **changes: Any) -> None:
        self.clock = FixedClock()
        self.ticks = 0.0
        self.gate = Gate(replace(CHANNEL, **changes), self.clock, ticks=lambda: self.ticks)

    @property
    def state(self) -> str:
        return self.gate.breaker.state

    def fail(self, *failures: DeliveryError) -> None:
        for failure in failures:
            self.gate.ended(OTHER, failure)

    def open(self) -> None:
        self.fail(*[NOT_SENT] * 3)
        assert self.state == BreakerState.OPEN

    def probe(self) -> None:
        self.open()
        self.clock.advance(10 * SECOND)
        self.gate.adopt(self.gate.probing())
        self.gate.sends(ONE)

    def release(self) -> None:
        self.probe()
        self.gate.ended(ONE)


def test_a_plain_channel_lets_everything_out() -> None:
    gate = Bench().gate
    assert gate.hold() is None
    assert gate.lets_in()
    assert gate.tokens() == UNLIMITED
    assert gate.seconds_to_next() == 0
    assert not gate.may_probe()


@pytest.mark.parametrize("failure", [NOT_SENT, OutcomeUnknownError("x"), AuthorityBusyError("x")])
def test_failures_in_a_row_open_it(failure: DeliveryError) -> None:
    bench = Bench()
    bench.fail(failure, failure)
    assert bench.gate.lets_in()
    bench.fail(failure)
    hold = bench.gate.hold()
    assert hold is not None
    assert (hold.kind, hold.until) == (AuthorityUnreachableError, NOON + 10 * SECOND)
    assert not bench.gate.lets_in()
    assert bench.gate.unwritten == [ChannelEvent.OPENED]
    assert bench.gate.outage_until() == NOON + 10 * SECOND


def test_any_answer_between_them_begins_the_row_anew() -> None:
    bench = Bench()
    for answer in (None, AuthorityRefusedError("never")):
        bench.fail(NOT_SENT, NOT_SENT)
        bench.gate.ended(ONE, answer)
    bench.fail(NOT_SENT, NOT_SENT)
    assert bench.gate.lets_in()


def test_the_authority_says_how_long_it_is_busy() -> None:
    bench = Bench()
    bench.fail(NOT_SENT, NOT_SENT, AuthorityBusyError("x", retry_after=60 * SECOND))
    assert bench.gate.outage_until() == NOON + 60 * SECOND


def test_without_a_limit_it_never_opens() -> None:
    bench = Bench(breaker=replace(POLICY, failures=0))
    bench.fail(*[NOT_SENT] * 1_000)
    assert bench.gate.lets_in()


def test_stragglers_of_an_outage_change_nothing() -> None:
    bench = Bench()
    bench.open()
    bench.fail(*[NOT_SENT] * 10)
    bench.gate.ended(ONE)
    assert bench.gate.breaker.openings == 1
    assert bench.gate.outage_until() == NOON + 10 * SECOND


def test_attempts_that_were_cut_short_say_nothing() -> None:
    bench = Bench()
    bench.fail(NOT_SENT, NOT_SENT)
    for _ in range(9):
        assert not bench.gate.ended(OTHER, OutcomeUnknownError("x"), cut_short=True)
    assert bench.gate.lets_in()
    bench.fail(NOT_SENT)
    assert bench.state == BreakerState.OPEN


def test_a_probe_that_was_cut_short_makes_room_for_another() -> None:
    bench = Bench()
    bench.probe()
    assert not bench.gate.ended(OTHER, NOT_SENT, cut_short=True)
    assert bench.gate.ended(ONE, OutcomeUnknownError("x"), cut_short=True)
    assert bench.gate.may_probe()
    assert not bench.gate.ended(ONE, OutcomeUnknownError("x"), cut_short=True)


def test_a_probe_that_another_process_gave_up_moves_nothing() -> None:
    bench = Bench()
    bench.probe()
    bench.gate.adopt(ChannelState(name="main", revision=9))
    for failure, short in ((OutcomeUnknownError("x"), True), (NOT_SENT, False), (None, False)):
        assert not bench.gate.ended(ONE, failure, cut_short=short)
    assert bench.state == BreakerState.CLOSED


def test_a_pause_meanwhile_loses_no_probe() -> None:
    bench = Bench()
    bench.probe()
    bench.gate.adopt(replace(bench.gate.stored, breaker=bench.gate.breaker, pause=PAUSE))
    assert bench.gate.ended(ONE)
    assert bench.state == BreakerState.RELEASING


def test_when_its_time_is_over_it_takes_a_probe_and_lets_nobody_in_at_once() -> None:
    bench = Bench()
    bench.open()
    bench.clock.advance(10 * SECOND)
    assert bench.gate.may_probe()
    assert bench.gate.hold() is None  # so that a caller who waits can be the probe
    assert not bench.gate.lets_in()
    bench.gate.adopt(bench.gate.probing())
    hold = bench.gate.hold()
    assert hold is not None
    assert hold.until == bench.clock.now() + CHANNEL.timeout + GRACE


def test_a_probe_that_fails_opens_it_for_longer() -> None:
    bench = Bench()
    bench.probe()
    bench.fail(*[NOT_SENT] * 9)  # of others, that left before
    assert bench.state == BreakerState.PROBING
    assert bench.gate.ended(ONE, NOT_SENT)
    assert bench.gate.outage_until() == bench.clock.now() + 20 * SECOND


def test_an_answer_to_another_message_is_not_that_to_the_probe() -> None:
    bench = Bench()
    bench.probe()
    assert not bench.gate.ended(OTHER)
    assert bench.state == BreakerState.PROBING


def test_a_probe_that_was_not_sent_is_free_again() -> None:
    bench = Bench()
    bench.open()
    bench.clock.advance(10 * SECOND)
    bench.gate.adopt(bench.gate.probing())
    bench.gate.sends(None)
    assert bench.gate.may_probe()


def test_after_the_probe_messages_leave_slowly_and_then_as_usual() -> None:
    bench = Bench()
    bench.release()
    gate = bench.gate
    assert gate.outage_until() is None
    assert gate.tokens() == 1
    assert gate.lets_in()
    gate.took(1)
    assert not gate.lets_in()
    assert gate.seconds_to_next() == 0.5
    bench.ticks = 0.5
    assert gate.lets_in()
    bench.clock.advance(29 * SECOND)
    gate.look()
    assert bench.state == BreakerState.RELEASING
    bench.clock.advance(SECOND)
    gate.look()
    assert bench.state == BreakerState.CLOSED
    assert gate.tokens() == UNLIMITED
    assert gate.unwritten == [ChannelEvent.RELEASED, ChannelEvent.CLOSED]


def test_a_release_that_fails_opens_it_again_for_longer() -> None:
    bench = Bench()
    bench.release()
    bench.fail(NOT_SENT, NOT_SENT)
    assert bench.state == BreakerState.RELEASING
    bench.fail(NOT_SENT)
    assert bench.gate.outage_until() == bench.clock.now() + 20 * SECOND


def test_the_rate_of_the_channel_holds_for_all_messages() -> None:
    bench = Bench(rate=Rate(per_second=4, burst=2))
    gate = bench.gate
    assert gate.hold() is None
    assert gate.tokens() == 2
    gate.took(2)
    assert not gate.lets_in()
    assert gate.seconds_to_next() == 0.25
    gate.took(-1)
    assert gate.lets_in()


def test_of_two_rates_the_slower_one_counts() -> None:
    bench = Bench(rate=Rate(per_second=100, burst=50))
    bench.release()
    assert bench.gate.tokens() == 1


def test_a_paused_channel_lets_nothing_out_however_long() -> None:
    bench = Bench()
    bench.gate.adopt(ChannelState(name="main", pause=PAUSE, revision=1))
    hold = bench.gate.hold()
    assert hold is not None
    assert (hold.kind, hold.until) == (ChannelPausedError, None)
    assert hold.error(NOON).retry_after is None
    assert not bench.gate.lets_in()
    bench.gate.adopt(ChannelState(name="main", revision=2))
    assert bench.gate.lets_in()


def test_outside_its_windows_nothing_leaves_and_it_says_until_when() -> None:
    bench = Bench(windows=OFFICE)
    assert bench.gate.lets_in()
    bench.clock.moment = datetime(2026, 1, 15, 19, tzinfo=UTC)
    hold = bench.gate.hold()
    assert hold is not None
    assert hold.kind is WindowClosedError
    assert hold.until == datetime(2026, 1, 16, 5, tzinfo=UTC)
    assert "2026-01-16T05:00Z" in hold.detail
    error = hold.error(bench.clock.now())
    assert (type(error), error.retry_after) == (WindowClosedError, timedelta(hours=10))
    assert bench.gate.hold() == hold
    bench.clock.moment = hold.until
    assert bench.gate.lets_in()
    bench.clock.moment += timedelta(days=1, hours=16)
    later = bench.gate.hold()
    assert later is not None
    assert later.until == datetime(2026, 1, 18, 5, tzinfo=UTC)


def test_what_was_written_is_not_written_again() -> None:
    bench = Bench()
    bench.open()
    stored = replace(bench.gate.stored, breaker=bench.gate.breaker, revision=1)
    bench.gate.wrote(stored, 1)
    assert (bench.gate.stored, bench.gate.unwritten) == (stored, [])
