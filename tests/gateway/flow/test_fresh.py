"""What is kept of messages accepted a moment ago, and what makes room."""

from datetime import datetime, timedelta

from gateway.flow.fresh import LARGEST_BYTES, LONGEST, MOST_BYTES, FreshWires
from gateway.messaging.message import Message, MessageId, Stage, StageKind
from tests.gateway.flow.world import NOON, a_message


def wire(size: int = 4) -> Stage:
    return Stage(kind=StageKind.WIRE_REQUEST, body=bytes(size), media_type="application/xml")


def message(number: int, at: datetime = NOON) -> Message:
    return a_message(id=MessageId(f"m{number}"), accepted_at=at)


def filled() -> FreshWires:
    fresh = FreshWires()
    for number in range(MOST_BYTES // LARGEST_BYTES):
        fresh.keep(message(number), wire(LARGEST_BYTES))
    return fresh


def test_each_is_given_out_once() -> None:
    fresh = FreshWires()
    kept = wire()
    fresh.keep(message(1), kept)
    assert fresh.take(MessageId("m1")) is kept
    assert fresh.take(MessageId("m1")) is None


def test_a_long_one_is_left_to_the_store() -> None:
    fresh = FreshWires()
    fresh.keep(message(1), wire(LARGEST_BYTES + 1))
    assert fresh.take(MessageId("m1")) is None


def test_what_finds_no_room_is_left_to_the_store() -> None:
    fresh = filled()
    fresh.keep(message(1000), wire())
    assert fresh.take(MessageId("m1000")) is None
    assert fresh.take(MessageId("m0")) is not None


def test_what_goes_out_makes_room() -> None:
    fresh = filled()
    fresh.take(MessageId("m3"))
    fresh.keep(message(1000), wire())
    assert fresh.take(MessageId("m1000")) is not None


def test_what_nobody_took_for_long_makes_room() -> None:
    fresh = filled()
    fresh.keep(message(1000, NOON + LONGEST - timedelta(seconds=1)), wire())
    assert fresh.take(MessageId("m1000")) is None
    fresh.keep(message(1001, NOON + LONGEST), wire())
    assert fresh.take(MessageId("m1001")) is not None
    assert fresh.take(MessageId("m0")) is None
    assert fresh.take(MessageId("m1")) is not None
