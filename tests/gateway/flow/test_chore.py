"""The desk begins its chores when its store is open, and ends them before it closes."""

import asyncio
from dataclasses import dataclass, field

from typing_extensions import override

from gateway.flow.chore import Chore
from gateway.flow.desk import Desk
from tests.gateway.flow.world import World, no_letters


@dataclass
class Noted(Chore):
    """Notes whether the store is open when it begins and ends."""

    world: World
    seen: list[tuple[str, bool]] = field(default_factory=list)

    @override
    def start(self, group: asyncio.TaskGroup) -> None:
        self.seen.append(("start", self.world.store.is_open))

    @override
    async def stop(self) -> None:
        self.seen.append(("stop", self.world.store.is_open))


async def test_a_chore_goes_on_while_the_store_is_open() -> None:
    world = World()
    chore = Noted(world)
    desk = Desk(
        store=world.store,
        letter_store=no_letters(),
        clock=world.clock,
        directory=world.directory,
        chores=(chore,),
    )
    await desk.start()
    assert chore.seen == [("start", True)]
    await desk.stop()
    assert chore.seen == [("start", True), ("stop", True)]
