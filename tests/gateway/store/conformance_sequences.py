"""What every message store must do for sequence numbers: no gap, no repeat, in both directions."""

import asyncio
import itertools
import random
from collections.abc import Callable, Mapping, Sequence

import pytest

from gateway.errors import KeyTakenError, NotExpressibleError
from gateway.messaging.idempotency import Claim, Scope
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message, Stage, StageKind
from gateway.messaging.ports import MessageStore
from gateway.messaging.sequence import (
    Finding,
    Gap,
    LastNumber,
    Missing,
    Numbering,
    NumberRange,
    SeenNumber,
    SequenceField,
    Unsent,
)
from gateway.messaging.terms import Terms
from tests.gateway.store.conformance_base import StoreConformance
from tests.gateway.store.samples import NOW, REQUEST, WIRE, a_message, a_step, later, stored

FILE = SequenceField(name="file", pointer="/file", first=1, last=5)
LONG = SequenceField(name="long", pointer="/long", first=1, last=999_999)
MINE = {"tenant": "default", "caller": "city"}


def written(numbers: Mapping[str, int]) -> Sequence[Stage]:
    """A wire form that shows its numbers."""
    body = repr(dict(numbers)).encode()
    return [
        Stage(kind=kind, body=body, media_type="text/plain")
        for kind in (StageKind.CANONICAL_REQUEST, StageKind.WIRE_REQUEST)
    ]


def terms(*fields: SequenceField, channel: str = "munich", write: object = written) -> Terms:
    numbering = Numbering(channel=channel, fields=fields, write=write)  # type: ignore[arg-type]
    return Terms(numbering=numbering)


async def numbered(
    store: MessageStore, *fields: SequenceField, channel: str = "munich"
) -> dict[str, int]:
    """Accept a message; the numbers that its stored wire form carries."""
    message = a_message(channel=channel)
    await store.accept(message, (REQUEST, WIRE), [], terms=terms(*fields, channel=channel))
    return await carried(store, message)


async def carried(store: MessageStore, message: Message) -> dict[str, int]:
    stage = await store.stage(message.id, StageKind.WIRE_REQUEST)
    assert stage is not None
    found: dict[str, int] = eval(stage.body)  # noqa: S307 - what `written` wrote
    return found


def last(number: int) -> LastNumber:
    return LastNumber(channel="munich", sequence="long", number=number)


async def seen(
    store: MessageStore, number: int, field: SequenceField = LONG, message: Message | None = None
) -> Finding:
    message = message or await stored(store, a_message())
    return await store.sequences.note(message, SeenNumber(field=field, number=number), now=NOW)


async def ranges(store: MessageStore, channel: str = "munich") -> list[tuple[int, int]]:
    found = await store.sequences.gaps(channel)
    return [(gap.missing.first, gap.missing.last) for gap in found]


class SequenceConformance(StoreConformance):
    """Inherit, and give the fixture ``make_store``, as ``StoreConformance`` says."""

    # numbers that are given

    async def test_numbers_follow_each_other_and_begin_again(self, store: MessageStore) -> None:
        given = [(await numbered(store, FILE))["file"] for _ in range(12)]
        assert given == [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2]

    async def test_channels_and_sequences_count_apart(self, store: MessageStore) -> None:
        assert await numbered(store, FILE, LONG) == {"file": 1, "long": 1}
        assert await numbered(store, LONG) == {"long": 2}
        assert await numbered(store, FILE, channel="berlin") == {"file": 1}
        assert await numbered(store, FILE, LONG) == {"file": 2, "long": 3}

    async def test_what_is_stored_is_what_was_written_with_the_number(
        self, store: MessageStore
    ) -> None:
        message = a_message()
        await store.accept(message, (REQUEST, WIRE), [], terms=terms(FILE))
        for kind in (StageKind.CANONICAL_REQUEST, StageKind.WIRE_REQUEST):
            stage = await store.stage(message.id, kind)
            assert stage is not None
            assert stage.body == b"{'file': 1}"

    async def test_a_refused_acceptance_gives_its_number_back(self, store: MessageStore) -> None:
        def broken(numbers: Mapping[str, int]) -> Sequence[Stage]:
            raise NotExpressibleError("no room for the number")

        scope = Scope(tenant="default", caller="city", operation="residents/search", key="k")
        claim = Claim(scope=scope, fingerprint=bytes(32))
        await store.accept(a_message(), (), [], claim=claim)
        lost = a_message()
        accepted = await asyncio.gather(
            numbered(store, LONG),
            store.accept(lost, (), [], terms=terms(LONG, write=broken)),
            store.accept(a_message(), (), [], claim=claim, terms=terms(LONG)),
            numbered(store, LONG),
            return_exceptions=True,
        )
        assert isinstance(accepted[1], NotExpressibleError)
        assert isinstance(accepted[2], KeyTakenError)
        assert await store.get(lost.id) is None
        # Which of two at once comes first is nobody's promise.
        assert {"long": 1} in (accepted[0], accepted[3])
        assert {"long": 2} in (accepted[0], accepted[3])
        assert await numbered(store, LONG) == {"long": 3}

    async def test_many_at_once_get_each_number_once(self, store: MessageStore) -> None:
        rng = random.Random(1)  # noqa: S311 - for choosing tests

        def sometimes(numbers: Mapping[str, int]) -> Sequence[Stage]:
            if rng.random() < 0.3:
                raise NotExpressibleError("not this time")
            return written(numbers)

        messages = [a_message() for _ in range(150)]
        outcomes = await asyncio.gather(
            *(store.accept(one, (), [], terms=terms(LONG, write=sometimes)) for one in messages),
            return_exceptions=True,
        )
        taken = [
            one
            for one, outcome in zip(messages, outcomes, strict=True)
            if isinstance(outcome, Message)
        ]
        numbers = [(await carried(store, one))["long"] for one in taken]
        assert 0 < len(taken) < len(messages)
        assert sorted(numbers) == list(range(1, len(taken) + 1))

    async def test_a_sequence_goes_on_after_a_restart(
        self, make_store: Callable[[], MessageStore]
    ) -> None:
        for expected in (1, 2):
            store = make_store()
            await store.open()
            assert await numbered(store, LONG) == {"long": expected}
            await store.close()

    async def test_a_message_with_an_order_gets_its_numbers_too(self, store: MessageStore) -> None:
        both = Terms(order_key=bytes(32), numbering=terms(LONG).numbering)
        first = await store.accept(a_message(), (REQUEST, WIRE), [], terms=both)
        second = await store.accept(a_message(), (REQUEST, WIRE), [], terms=both)
        assert (first.waits_in_line, second.waits_in_line) == (False, True)
        assert await carried(store, second) == {"long": 2}

    async def test_limits_that_were_changed_are_kept(self, store: MessageStore) -> None:
        for _ in range(4):
            await numbered(store, FILE)
        shorter = SequenceField(name="file", pointer="/file", first=1, last=3)
        later_begin = SequenceField(name="file", pointer="/file", first=10, last=12)
        assert await numbered(store, shorter) == {"file": 1}
        assert [(await numbered(store, later_begin))["file"] for _ in range(4)] == [10, 11, 12, 10]

    async def test_numbers_that_may_never_arrive_are_told_to_their_caller(
        self, store: MessageStore
    ) -> None:
        messages = [a_message(caller=caller) for caller in ("city", "city", "town")]
        for one in messages:
            await store.accept(one, (REQUEST, WIRE), [], terms=terms(FILE))
        for one in messages[1:]:
            await store.advance(a_step(one, State.CANCELLED))
        assert await store.sequences.unsent("munich", **MINE) == [
            Unsent(
                channel="munich",
                sequence="file",
                number=2,
                message_id=messages[1].id,
                state=State.CANCELLED,
            )
        ]
        assert await store.sequences.unsent("berlin", **MINE) == []
        of_all = await store.sequences.unsent("munich")
        assert [one.number for one in of_all] == [3, 2]

    async def test_a_sequence_goes_on_after_a_number_that_is_set(self, store: MessageStore) -> None:
        assert await store.sequences.last_numbers() == []
        await store.sequences.go_on_after(last(40))
        assert await numbered(store, LONG) == {"long": 41}
        assert await store.sequences.last_numbers() == [last(41)]
        await store.sequences.go_on_after(last(90))
        assert await numbered(store, LONG) == {"long": 91}
        # It began again since the backup was taken.
        await store.sequences.go_on_after(last(5))
        assert [await numbered(store, LONG) for _ in range(2)] == [{"long": 6}, {"long": 7}]

    # numbers that come

    async def test_numbers_in_a_row_are_expected(self, store: MessageStore) -> None:
        assert [await seen(store, n) for n in (41, 42, 43)] == [Finding.EXPECTED] * 3
        assert await ranges(store) == []
        assert await store.sequences.missing() == []

    async def test_what_is_left_out_is_a_gap_until_it_comes(self, store: MessageStore) -> None:
        await seen(store, 1)
        assert await seen(store, 6) is Finding.GAP
        assert await store.sequences.gaps("munich") == [
            Gap(
                channel="munich",
                sequence="long",
                missing=NumberRange(round=0, first=2, last=5),
                noticed_at=NOW,
            )
        ]
        assert await store.sequences.missing() == [
            Missing(channel="munich", sequence="long", count=4)
        ]
        assert await seen(store, 4) is Finding.LATE
        assert await ranges(store) == [(2, 3), (5, 5)]
        assert await seen(store, 5) is Finding.LATE
        assert await seen(store, 2) is Finding.LATE
        assert await seen(store, 3) is Finding.LATE
        assert await ranges(store) == []
        assert await seen(store, 7) is Finding.EXPECTED

    async def test_a_number_of_two_messages_is_a_repeat(self, store: MessageStore) -> None:
        message = await stored(store, a_message())
        assert await seen(store, 1, message=message) is Finding.EXPECTED
        assert await seen(store, 1, message=message) is Finding.KNOWN
        assert await seen(store, 1) is Finding.REPEAT
        assert await seen(store, 2) is Finding.EXPECTED
        assert await seen(store, 1) is Finding.REPEAT
        assert await seen(store, 1, message=message) is Finding.KNOWN

    async def test_a_number_before_the_first_one_came_late(self, store: MessageStore) -> None:
        assert await seen(store, 7) is Finding.EXPECTED
        assert await seen(store, 6) is Finding.LATE
        assert await ranges(store) == []

    async def test_incoming_numbers_begin_again(self, store: MessageStore) -> None:
        findings = [await seen(store, n, FILE) for n in (4, 5, 1, 2, 4, 3, 5, 2)]
        assert findings == [
            *[Finding.EXPECTED] * 4,
            Finding.GAP,
            Finding.LATE,
            Finding.EXPECTED,
            Finding.GAP,
        ]
        assert await ranges(store) == [(1, 1)]

    async def test_both_directions_and_all_channels_count_apart(self, store: MessageStore) -> None:
        await numbered(store, LONG)
        elsewhere = await stored(store, a_message(channel="berlin"))
        assert await seen(store, 9) is Finding.EXPECTED
        assert await seen(store, 90, message=elsewhere) is Finding.EXPECTED
        assert await numbered(store, LONG) == {"long": 2}
        assert await seen(store, 10) is Finding.EXPECTED

    @pytest.mark.parametrize("seed", range(5))
    async def test_in_any_order_gaps_are_what_has_not_come(
        self, store: MessageStore, seed: int
    ) -> None:
        rng = random.Random(seed)  # noqa: S311 - for choosing tests
        numbers = rng.sample(range(1, 40), 30)
        for number in numbers:
            await seen(store, number)
        come = set(numbers)
        first = numbers[0]
        missing = {n for n in range(first, max(come)) if n not in come}
        listed = set(itertools.chain.from_iterable(range(a, b + 1) for a, b in await ranges(store)))
        assert {n for n in listed if n > first} == missing
        assert listed.isdisjoint(come)

    async def test_many_at_once_leave_no_gap(self, store: MessageStore) -> None:
        await seen(store, 1)
        messages = [await stored(store, a_message()) for _ in range(40)]
        await asyncio.gather(
            *(
                seen(store, number, message=message)
                for number, message in zip(range(41, 1, -1), messages, strict=True)
            )
        )
        assert await ranges(store) == []
        assert await seen(store, 42) is Finding.EXPECTED

    async def test_gaps_outlive_the_process(self, make_store: Callable[[], MessageStore]) -> None:
        store = make_store()
        await store.open()
        await seen(store, 1)
        await seen(store, 3)
        await store.close()
        again = make_store()
        await again.open()
        assert await ranges(again) == [(2, 2)]
        assert await seen(again, 4) is Finding.EXPECTED
        assert (await again.sequences.gaps("munich"))[0].noticed_at < later(1)
        await again.close()
