"""What every store must do for retention: erase what is due, and nothing else."""

import dataclasses
from collections.abc import Callable
from datetime import datetime

import pytest

from gateway.messaging.history import is_unbroken
from gateway.messaging.idempotency import Claim, Scope
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message, StageKind
from gateway.messaging.operation import OperationKind
from gateway.messaging.ports import MessageStore
from gateway.messaging.refusal import RefusalFilter
from gateway.messaging.retention import FINAL, RESTING, Due, Holding, Part, RetentionStore
from tests.gateway.store.conformance import brought_to
from tests.gateway.store.conformance_base import StoreConformance
from tests.gateway.store.conformance_refusals import at as a_refusal_at
from tests.gateway.store.samples import (
    ANSWER,
    NOW,
    REQUEST,
    WIRE,
    a_step,
    a_waiting_message,
    entry_of,
    later,
)

LATE = later(1_000)


def due(part: Part, **changes: object) -> Due:
    plain = Due(
        part=part,
        operation="residents/search",
        operation_version=1,
        states=FINAL | RESTING if part is Part.RECORD else FINAL,
        settled_before=LATE,
    )
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]


async def settled(
    store: MessageStore, at: datetime = NOW, *, state: State = State.ANSWERED, **fields: object
) -> Message:
    """A message with content and a key of its own that came to rest at a time."""
    message = a_waiting_message(**fields)
    await store.accept(
        message, [REQUEST, WIRE], [entry_of(State.DELIVERING)], claim=claim_of(message)
    )
    step = a_step(message, state, entry=entry_of(state, at=at), stages=[ANSWER])
    return await store.advance(step)


def claim_of(message: Message) -> Claim:
    scope = Scope(
        tenant=message.tenant,
        caller=message.caller,
        operation=message.operation,
        key=message.id,
    )
    return Claim(scope=scope, fingerprint=bytes(32))


async def has_content(store: MessageStore, message: Message) -> bool:
    return any([await store.stage(message.id, kind) is not None for kind in StageKind])


async def has_key(store: MessageStore, message: Message) -> bool:
    return await store.claimed(claim_of(message).scope) is not None


class RetentionConformance(StoreConformance):
    """Inherit, and give ``make_store`` and ``retention``, which works on the fixture ``store``."""

    @pytest.fixture
    def retention(self, store: MessageStore) -> RetentionStore:
        raise NotImplementedError

    async def test_content_goes_with_its_key_and_an_entry_in_the_history(
        self, store: MessageStore, retention: RetentionStore
    ) -> None:
        message = await settled(store)
        done = await retention.erase(due(Part.PAYLOAD), now=LATE, limit=10)
        assert (done.count, done.after) == (1, None)
        assert not await has_content(store, message)
        assert not await has_key(store, message)
        assert await store.get(message.id) == message
        events = await store.history(message.id)
        assert [event.event for event in events][1:] == ["message.answered", "message.erased"]
        assert (events[-1].at, events[-1].state) == (LATE, State.ANSWERED)
        assert is_unbroken(message.id, events)

    async def test_what_is_not_due_stays(
        self, store: MessageStore, retention: RetentionStore
    ) -> None:
        kept = [
            await settled(store, LATE),
            await settled(store, operation="residents/report"),
            await settled(store, operation_version=2),
            await settled(store, state=State.IN_DOUBT),
            await brought_to(store, State.ACCEPTED),
            await brought_to(store, State.RETRYING),
            await brought_to(store, State.AWAITING_ANSWER),
        ]
        for part in Part:
            assert (await retention.erase(due(part), now=LATE, limit=10)).count == 0
            assert await retention.count_due(due(part, states=FINAL)) == 0
        for message in kept:
            assert await has_content(store, message)
            assert "message.erased" not in [one.event for one in await store.history(message.id)]
        assert await has_key(store, kept[0])

    async def test_batches_go_on_where_the_last_one_ended(
        self, store: MessageStore, retention: RetentionStore
    ) -> None:
        messages = [await settled(store, later(1)) for _ in range(5)]
        counts, after = [], None
        for _ in range(10):
            done = await retention.erase(due(Part.PAYLOAD), now=LATE, limit=2, after=after)
            counts.append(done.count)
            if (after := done.after) is None:
                break
        assert sum(counts) == 5
        assert max(counts) == 2
        assert not any([await has_content(store, message) for message in messages])

    async def test_nothing_is_erased_twice(
        self, store: MessageStore, retention: RetentionStore
    ) -> None:
        message = await settled(store)
        await retention.erase(due(Part.PAYLOAD), now=LATE, limit=10)
        assert (await retention.erase(due(Part.PAYLOAD), now=LATE, limit=10)).count == 0
        assert len(await store.history(message.id)) == 3

    async def test_what_comes_after_the_erasure_is_erased_too(
        self, store: MessageStore, retention: RetentionStore
    ) -> None:
        message = await settled(store)
        await retention.erase(due(Part.PAYLOAD), now=LATE, limit=10)
        later_answer = dataclasses.replace(ANSWER, kind=StageKind.LATER_ANSWER)
        await store.advance(a_step(message, State.ANSWERED, stages=[later_answer]))
        assert await has_content(store, message)
        assert (await retention.erase(due(Part.PAYLOAD), now=LATE, limit=10)).count == 1
        assert not await has_content(store, message)
        assert is_unbroken(message.id, await store.history(message.id))

    async def test_a_key_goes_before_the_content(
        self, store: MessageStore, retention: RetentionStore
    ) -> None:
        message, other = await settled(store), await settled(store, LATE)
        assert await retention.count_due(due(Part.KEY)) == 1
        assert (await retention.erase(due(Part.KEY), now=LATE, limit=10)).count == 1
        assert not await has_key(store, message)
        assert await has_key(store, other)
        assert await has_content(store, message)
        assert len(await store.history(message.id)) == 2
        assert await retention.count_due(due(Part.KEY)) == 0

    async def test_a_message_that_waits_for_a_person_goes_when_it_is_asked_for(
        self, store: MessageStore, retention: RetentionStore
    ) -> None:
        resting = [
            await settled(store, state=state) for state in sorted(RESTING - {State.UNANSWERED})
        ]
        done = await retention.erase(due(Part.PAYLOAD, states=RESTING), now=LATE, limit=10)
        assert done.count == len(resting)
        assert not any([await has_content(store, message) for message in resting])

    async def test_a_record_goes_with_everything_once_its_content_is_gone(
        self, store: MessageStore, retention: RetentionStore
    ) -> None:
        message = await settled(store)
        assert await retention.count_due(due(Part.RECORD)) == 1
        assert (await retention.erase(due(Part.RECORD), now=LATE, limit=10)).count == 0
        await retention.erase(due(Part.PAYLOAD), now=LATE, limit=10)
        assert await retention.count_due(due(Part.RECORD)) == 1
        assert (await retention.erase(due(Part.RECORD), now=LATE, limit=10)).count == 1
        assert await store.get(message.id) is None
        assert await store.history(message.id) == []
        assert await store.attempts(message.id) == []
        assert await retention.holdings() == []

    async def test_holdings_tell_the_oldest_of_each_operation(
        self, store: MessageStore, retention: RetentionStore
    ) -> None:
        assert await retention.holdings() == []
        await settled(store, later(3))
        await settled(store, later(2), state=State.DEAD)
        await settled(store, later(5), operation_version=2)
        await settled(store, later(4), operation="residents/report", kind=OperationKind.SUBMISSION)
        await brought_to(store, State.ACCEPTED)
        for at in (7, 6):
            await settled(store, later(at), operation="building/permit")
        await retention.erase(due(Part.PAYLOAD, operation="building/permit"), now=LATE, limit=10)

        def holding(operation: str, version: int, since: float, **changes: object) -> Holding:
            plain = Holding(
                operation=operation,
                operation_version=version,
                kind=OperationKind.QUERY,
                has_content=True,
                since=later(since),
            )
            return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]

        assert list(await retention.holdings()) == [
            holding("residents/report", 1, 4, kind=OperationKind.SUBMISSION),
            holding("residents/search", 1, 2),
            holding("residents/search", 2, 5),
            holding("building/permit", 1, 6, has_content=False),
        ]

    async def test_a_message_that_moved_on_meanwhile_is_left(
        self, store: MessageStore, retention: RetentionStore
    ) -> None:
        message = await settled(store, state=State.DEAD)
        await store.advance(a_step(message, State.ACCEPTED))
        done = await retention.erase(due(Part.PAYLOAD, states=RESTING), now=LATE, limit=10)
        assert done.count == 0
        assert await has_content(store, message)

    async def test_refused_calls_go_oldest_first(
        self, store: MessageStore, retention: RetentionStore
    ) -> None:
        await store.record_refusals([a_refusal_at(second) for second in range(5)])
        assert await retention.count_refusals(before=later(4)) == 4
        assert await retention.erase_refusals(before=later(4), limit=3) == 3
        assert await retention.erase_refusals(before=later(4), limit=3) == 1
        left, _ = await store.find_refusals(RefusalFilter(), limit=10)
        assert [refusal.at for refusal in left] == [later(4)]

    async def test_it_is_found_again_after_a_restart(
        self, make_store: Callable[[], MessageStore], store: MessageStore, retention: RetentionStore
    ) -> None:
        message = await settled(store)
        await retention.erase(due(Part.PAYLOAD), now=LATE, limit=10)
        assert await retention.tidy()
        await store.close()
        again = make_store()
        await again.open()
        assert not await has_content(again, message)
        assert is_unbroken(message.id, await again.history(message.id))
        await again.close()
