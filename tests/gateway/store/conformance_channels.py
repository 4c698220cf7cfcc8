"""What every message store must do with what is remembered of channels."""

import asyncio
import dataclasses
from collections.abc import Callable
from typing import Any

from gateway.messaging.breaker import Breaker, BreakerState
from gateway.messaging.channel_state import ChannelEntry, ChannelEvent, ChannelState, Pause
from gateway.messaging.ports import MessageStore
from tests.gateway.store.conformance_base import StoreConformance
from tests.gateway.store.samples import NOW, later

PAUSE = Pause(since=NOW, by="city", reason="Umzug des Rechenzentrums")
OPEN = Breaker(state=BreakerState.OPEN, since=NOW, until=later(10), openings=2)
UNTOUCHED = ChannelState(name="munich")
PAUSED = ChannelEntry(at=NOW, event=ChannelEvent.PAUSED, by="city", reason="Umzug")


class ChannelConformance(StoreConformance):
    """Inherit, and give the fixture ``make_store``, as ``StoreConformance`` says."""

    async def test_a_channel_nobody_changed_is_not_there(self, store: MessageStore) -> None:
        assert list(await store.channel_states()) == []
        assert list(await store.channel_history("munich", limit=9)) == []

    async def test_every_change_comes_back_with_the_next_revision(
        self, store: MessageStore
    ) -> None:
        changes: list[dict[str, Any]] = [
            {"breaker": OPEN},
            {"pause": PAUSE},
            {"breaker": dataclasses.replace(OPEN, state=BreakerState.PROBING)},
            {"breaker": dataclasses.replace(OPEN, state=BreakerState.RELEASING)},
            {"pause": None},
            {"breaker": Breaker(since=later(99))},
        ]
        known = UNTOUCHED
        for number, change in enumerate(changes, start=1):
            wanted = dataclasses.replace(known, **change)
            stored = await store.change_channel(wanted)
            assert stored == dataclasses.replace(wanted, revision=number)
            assert list(await store.channel_states()) == [stored]
            known = stored

    async def test_channels_are_kept_apart(self, store: MessageStore) -> None:
        other = dataclasses.replace(UNTOUCHED, name="berlin", pause=PAUSE)
        kept = [await store.change_channel(one, PAUSED) for one in (UNTOUCHED, other)]
        found = await store.channel_states()
        assert sorted(found, key=lambda state: state.name) == kept[::-1]
        assert list(await store.channel_history("berlin", limit=9)) == [PAUSED]
        assert list(await store.channel_history("hamburg", limit=9)) == []

    async def test_what_was_decided_on_an_old_revision_changes_nothing(
        self, store: MessageStore
    ) -> None:
        first = await store.change_channel(dataclasses.replace(UNTOUCHED, breaker=OPEN))
        assert first is not None
        for late in (UNTOUCHED, dataclasses.replace(UNTOUCHED, revision=7)):
            assert await store.change_channel(late, PAUSED) is None
        assert list(await store.channel_states()) == [first]
        assert list(await store.channel_history("munich", limit=9)) == []

    async def test_of_many_changes_at_once_one_is_made(self, store: MessageStore) -> None:
        for round_number in range(3):
            (known,) = [*await store.channel_states()] or [UNTOUCHED]
            made = await asyncio.gather(
                *(store.change_channel(known, PAUSED) for _ in range(20)),
            )
            assert len([one for one in made if one is not None]) == 1
            assert len(await store.channel_history("munich", limit=99)) == round_number + 1

    async def test_the_history_is_told_newest_first_as_it_was(self, store: MessageStore) -> None:
        lines = [
            ChannelEntry(at=later(1), event=ChannelEvent.OPENED),
            PAUSED,
            ChannelEntry(at=later(2), event=ChannelEvent.CLOSED),
            ChannelEntry(at=later(3), event=ChannelEvent.RESUMED, by="county"),
        ]
        known = UNTOUCHED
        for line in lines:
            stored = await store.change_channel(known, line)
            assert stored is not None
            known = stored
        assert list(await store.channel_history("munich", limit=9)) == lines[::-1]
        assert list(await store.channel_history("munich", limit=2)) == lines[:1:-1]

    async def test_a_pause_outlives_the_process(
        self, store: MessageStore, make_store: Callable[[], MessageStore]
    ) -> None:
        paused = await store.change_channel(dataclasses.replace(UNTOUCHED, pause=PAUSE), PAUSED)
        await store.close()
        again = make_store()
        await again.open()
        try:
            assert list(await again.channel_states()) == [paused]
            assert list(await again.channel_history("munich", limit=9)) == [PAUSED]
        finally:
            await again.close()
