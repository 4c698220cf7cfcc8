"""What every message store must do with idempotency keys."""

import asyncio
import dataclasses
from collections.abc import Callable

import pytest

from gateway.errors import KeyTakenError
from gateway.messaging.history import Entry
from gateway.messaging.idempotency import Claim, Claimed, Scope
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message
from gateway.messaging.ports import MessageFilter, MessageStore
from tests.gateway.store.conformance_base import StoreConformance
from tests.gateway.store.samples import REQUEST, a_message, a_step

SCOPE = Scope(tenant="default", caller="city", operation="residents/search", key="k")
CLAIM = Claim(scope=SCOPE, fingerprint=b"1" * 32)
OTHER = dataclasses.replace(CLAIM, fingerprint=b"2" * 32)


async def accepted(store: MessageStore, claim: Claim | None = CLAIM) -> Message:
    message = a_message()
    entry = Entry(at=message.accepted_at, event="message.accepted", state=message.state)
    await store.accept(message, [REQUEST], [entry], claim=claim)
    return message


class IdempotencyKeyConformance(StoreConformance):
    """Inherit, and give the fixture ``make_store``, as ``StoreConformance`` says."""

    async def test_a_key_leads_to_its_message_as_it_is_now(self, store: MessageStore) -> None:
        assert await store.claimed(SCOPE) is None
        message = await accepted(store)
        expected = Claimed(fingerprint=CLAIM.fingerprint, message=message)
        assert await store.claimed(SCOPE) == expected
        moved = await store.advance(a_step(message, State.DELIVERING))
        assert await store.claimed(SCOPE) == dataclasses.replace(expected, message=moved)

    @pytest.mark.parametrize("claim", [CLAIM, OTHER])
    async def test_a_key_is_taken_once_and_the_second_call_stores_nothing(
        self, store: MessageStore, claim: Claim
    ) -> None:
        first = await accepted(store)
        with pytest.raises(KeyTakenError):
            await accepted(store, claim)
        assert await store.find(MessageFilter(), limit=9) == ([first], None)

    @pytest.mark.parametrize("field", ["tenant", "caller", "operation", "key"])
    async def test_the_same_key_elsewhere_is_another_one(
        self, store: MessageStore, field: str
    ) -> None:
        first = await accepted(store)
        scope = dataclasses.replace(SCOPE, **{field: "other"})
        second = await accepted(store, dataclasses.replace(CLAIM, scope=scope))
        for one, message in ((SCOPE, first), (scope, second)):
            claimed = await store.claimed(one)
            assert claimed is not None
            assert claimed.message.id == message.id

    async def test_an_expired_message_gives_its_key_up_to_the_same_call_only(
        self, store: MessageStore
    ) -> None:
        first = await accepted(store)
        await store.advance(a_step(first, State.EXPIRED))
        with pytest.raises(KeyTakenError):
            await accepted(store, OTHER)
        second = await accepted(store)
        claimed = await store.claimed(SCOPE)
        assert claimed is not None
        assert claimed.message.id == second.id

    @pytest.mark.parametrize(
        "path",
        [
            [State.CANCELLED],
            [State.DELIVERING],
            [State.DELIVERING, State.DEAD],
            [State.DELIVERING, State.ANSWERED],
        ],
    )
    async def test_no_other_state_gives_a_key_up(
        self, store: MessageStore, path: list[State]
    ) -> None:
        message = await accepted(store)
        for state in path:
            message = await store.advance(a_step(message, state))
        with pytest.raises(KeyTakenError):
            await accepted(store)

    async def test_of_many_at_once_one_takes_the_key(self, store: MessageStore) -> None:
        calls = [accepted(store) for _ in range(20)] + [accepted(store, None) for _ in range(5)]
        ended = await asyncio.gather(*calls, return_exceptions=True)
        assert sum(isinstance(one, KeyTakenError) for one in ended) == 19
        kept, _ = await store.find(MessageFilter(), limit=99)
        assert len(kept) == 6
        claimed = await store.claimed(SCOPE)
        assert claimed is not None
        assert claimed.message in kept

    async def test_a_key_outlives_the_process(
        self, store: MessageStore, make_store: Callable[[], MessageStore]
    ) -> None:
        message, secret = await accepted(store), await store.fingerprint_key()
        await store.close()
        again = make_store()
        await again.open()
        try:
            assert await again.claimed(SCOPE) == Claimed(
                fingerprint=CLAIM.fingerprint, message=message
            )
            assert await again.fingerprint_key() == secret
        finally:
            await again.close()
        assert len(secret) == 32
        assert secret != bytes(32)
