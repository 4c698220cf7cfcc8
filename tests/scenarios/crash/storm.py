"""Carries out what goes wrong, each when its time has come; afterwards everything works again."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from gateway.flow.fault_points import FaultPoint
from tests.scenarios.crash.database import Database
from tests.scenarios.crash.faults import Blow, Fault
from tests.scenarios.crash.lines import Line
from tests.scenarios.crash.town import NEVER, Town

DEATH_SECONDS = 2.0
"""How long a gateway may take to come to the step at which it dies; then it is killed."""

SHORT_SECONDS = 0.3
"""Longest time until somebody starts again what was killed."""

Strike = Callable[[Blow], Awaitable[None]]


class Storm:
    """What goes wrong in a town.

    Things that have nothing to do with each other may go wrong at the same time.
    """

    def __init__(self, town: Town, blows: Sequence[Blow]) -> None:
        """Make it; nothing happens yet.

        Args:
            town: Where.
            blows: What, by the number of letters before.
        """
        self.struck: Counter[Fault] = Counter()
        self.deaths: Counter[FaultPoint] = Counter()
        self._town = town
        self._blows = list(reversed(blows))
        self._deaths_to_come = [one for one in self._blows if one.fault is Fault.GATEWAY_DIES]
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        on_lines = partial(self._on_lines, lines=town.lines, name="backend")
        self._strikes: dict[Fault, Strike] = {
            Fault.GATEWAY_KILLED: self._kill_gateway,
            Fault.GATEWAY_DIES: self._let_gateway_die,
            Fault.GATEWAY_PAUSED: self._pause_gateway,
            Fault.CLOCK_JUMPS: self._turn_clock,
            Fault.DISK_FULL: self._fill_disk,
            Fault.BACKEND_KILLED: self._kill_backend,
            Fault.BACKEND_PAUSED: self._pause_backend,
            Fault.BACKEND_CUT: partial(on_lines, _cut),
            Fault.BACKEND_DROPPED: partial(on_lines, _drop),
            Fault.BACKEND_SILENT: partial(on_lines, _silence),
            Fault.BACKEND_SLOW: partial(on_lines, _slow),
        }
        database = town.database
        if database is not None:
            on_line = partial(self._on_lines, lines=[database.line], name="database")
            self._strikes |= {
                Fault.DATABASE_KILLED: partial(self._kill_database, database),
                Fault.DATABASE_PAUSED: partial(self._pause_database, database),
                Fault.DATABASE_CUT: partial(on_line, _cut),
                Fault.DATABASE_DROPPED: partial(on_line, _drop),
                Fault.DATABASE_SILENT: partial(on_line, _silence),
                Fault.DATABASE_SLOW: partial(on_line, _slow),
            }

    def begins(self, letter: int, group: asyncio.TaskGroup) -> None:
        """Let everything go wrong whose time has come when a letter is sent."""
        while self._blows and self._blows[-1].after <= letter:
            group.create_task(self._carry_out(self._blows.pop()))

    async def raise_gateways(self) -> None:
        """Start all gateways."""
        async with asyncio.TaskGroup() as group:
            for number in range(len(self._town.gateways)):
                group.create_task(self._raise_gateway(number))

    async def kill_gateways(self) -> None:
        """Kill all gateways and start them again."""
        for gateway in self._town.gateways:
            await asyncio.to_thread(gateway.kill)
        await self.raise_gateways()

    async def _carry_out(self, blow: Blow) -> None:
        self.struck[blow.fault] += 1
        await self._strikes[blow.fault](blow)

    def _gateway_lock(self, blow: Blow) -> asyncio.Lock:
        return self._locks[f"gateway {blow.target}"]

    async def _raise_gateway(self, number: int) -> None:
        """Start a gateway with the trap for its next death."""
        next_one = next(
            (one for one in reversed(self._deaths_to_come) if one.target == number), None
        )
        point, nth = NEVER if next_one is None else (next_one.point, next_one.nth)
        await self._town.raise_gateway(number, point, nth)

    async def _kill_gateway(self, blow: Blow) -> None:
        async with self._gateway_lock(blow):
            await asyncio.to_thread(self._town.gateways[blow.target].kill)
            await asyncio.sleep(min(blow.seconds, SHORT_SECONDS))
            await self._raise_gateway(blow.target)

    async def _let_gateway_die(self, blow: Blow) -> None:
        gateway = self._town.gateways[blow.target]
        async with self._gateway_lock(blow):
            await asyncio.to_thread(gateway.arm)
            if await asyncio.to_thread(gateway.has_ended, DEATH_SECONDS):
                self.deaths[blow.point] += 1
            await asyncio.to_thread(gateway.kill)
            self._deaths_to_come.remove(blow)
            await self._raise_gateway(blow.target)

    async def _pause_gateway(self, blow: Blow) -> None:
        async with self._gateway_lock(blow):
            await self._town.pause(self._town.gateways[blow.target], blow.seconds)

    async def _turn_clock(self, blow: Blow) -> None:
        """For good: nobody puts it right."""
        self._town.gateways[blow.target].clock.seconds += blow.jump

    async def _fill_disk(self, blow: Blow) -> None:
        disk, gateway = self._town.disk, self._town.gateways[blow.target]
        if disk is None:
            return
        async with self._gateway_lock(blow):
            await asyncio.to_thread(disk.fill, gateway)
            try:
                await asyncio.sleep(blow.seconds)
            finally:
                await asyncio.to_thread(disk.free, gateway)

    async def _kill_backend(self, blow: Blow) -> None:
        """With its line, so that nobody listens, or behind a line that is up, as a proxy is."""
        async with self._locks["backend"]:
            await asyncio.to_thread(self._town.backend.kill)
            if blow.nth % 2:
                for line in self._town.lines:
                    line.cut()
            await asyncio.sleep(min(blow.seconds, 4 * SHORT_SECONDS))
            await self._town.raise_backend()
            for line in self._town.lines:
                await line.open()

    async def _pause_backend(self, blow: Blow) -> None:
        async with self._locks["backend"]:
            await self._town.pause(self._town.backend, blow.seconds)

    async def _kill_database(self, database: Database, blow: Blow) -> None:
        async with self._locks["database"]:
            await database.kill(min(blow.seconds, 4 * SHORT_SECONDS))

    async def _pause_database(self, database: Database, blow: Blow) -> None:
        async with self._locks["database"]:
            await database.pause(blow.seconds)

    async def _on_lines(
        self, spoil: "Spoil", blow: Blow, *, lines: Sequence[Line], name: str
    ) -> None:
        async with self._locks[name]:
            await spoil(lines, blow)


Spoil = Callable[[Sequence[Line], Blow], Awaitable[None]]


async def _cut(lines: Sequence[Line], blow: Blow) -> None:
    for line in lines:
        line.cut()
    await asyncio.sleep(blow.seconds)
    for line in lines:
        await line.open()


async def _drop(lines: Sequence[Line], blow: Blow) -> None:
    """Again and again."""
    for _ in range(blow.nth):
        for line in lines:
            line.drop()
        await asyncio.sleep(blow.seconds / blow.nth)


async def _silence(lines: Sequence[Line], blow: Blow) -> None:
    for line in lines:
        line.fall_silent()
    await asyncio.sleep(blow.seconds)
    for line in lines:
        line.speak()


async def _slow(lines: Sequence[Line], blow: Blow) -> None:
    for line in lines:
        line.delay = blow.seconds / 20
    await asyncio.sleep(blow.seconds)
    for line in lines:
        line.delay = 0
