"""A gateway in a process of its own that asks one question and dies at a fault point."""

import asyncio
from pathlib import Path

from gateway.flow.fault_points import FaultPoint, die_at
from tests.scenarios.house import House, call

KEY = "the-one-call"
"""Its idempotency key, for who repeats it."""


def run(database: Path, url: str, point: FaultPoint, key: str) -> None:
    """Ends by SIGKILL, or normally if the journey passed no such point."""
    asyncio.run(_ask(database, url, point, key))


async def _ask(database: Path, url: str, point: FaultPoint, key: str) -> None:
    # Not to wait makes the pump lease the message, on which one of the points lies.
    by_pump = point is FaultPoint.PUMP_AFTER_LEASE
    async with House(database=database, url=url, hit=die_at(point)).running() as desk:
        await desk.ask(call(key=key, respond_async=by_pump, idempotency_key=KEY))
        await asyncio.sleep(1 if by_pump else 0)
