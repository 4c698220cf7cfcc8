"""Tasks that are ready take each step together."""

import asyncio

from gateway.flow.turns import let_others_go_first


async def test_all_take_one_step_before_any_takes_the_next() -> None:
    taken: list[str] = []

    async def go(name: str) -> None:
        for step in ("1", "2"):
            taken.append(step + name)
            await let_others_go_first()

    await asyncio.gather(go("a"), go("b"), go("c"))
    assert taken == ["1a", "1b", "1c", "2a", "2b", "2c"]
