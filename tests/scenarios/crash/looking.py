"""Looks at messages as their caller can: through the API of a running gateway."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from gateway.messaging.lifecycle import MOVING, State
from gateway.messaging.message import HistoryEvent
from tests.scenarios.crash.letters import digest

SETTLE_LIMIT_SECONDS = 15.0
AT_A_TIME = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One message as the gateway tells of it.

    Attributes:
        message: The message resource.
        history: Its events, oldest first.
        attempts: Its attempts, oldest first.
        digest: Of its canonical answer; None: it has none.
    """

    message: Mapping[str, Any]
    history: Sequence[HistoryEvent]
    attempts: Sequence[Mapping[str, Any]]
    digest: str | None = None

    @property
    def id(self) -> str:
        """Its identifier."""
        return str(self.message["id"])

    @property
    def state(self) -> State:
        """Where it is."""
        return State(self.message["state"])

    @property
    def is_query(self) -> bool:
        """Whether it may be asked again without harm."""
        return bool(self.message["kind"] == "query")


async def all_settled(
    http: httpx.AsyncClient, limit: float = SETTLE_LIMIT_SECONDS
) -> list[Mapping[str, Any]]:
    """Wait until nothing moves; returns every message.

    Raises:
        TimeoutError: Something still moves.
    """
    async with asyncio.timeout(limit):
        # As a caller would, who has no events.
        while await moving(http):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.02)
    return [message async for message in everything(http)]


async def moving(http: httpx.AsyncClient) -> bool:
    """Whether a message will still be moved by the gateway itself."""
    wanted = {"state": [str(state) for state in MOVING], "limit": 1}
    return bool((await get(http, "", wanted))["messages"])


async def everything(http: httpx.AsyncClient) -> AsyncIterator[Mapping[str, Any]]:
    """Every message of the caller, newest first."""
    cursor: str | None = None
    while True:
        page = await get(http, "", {"limit": 500} | ({"cursor": cursor} if cursor else {}))
        for message in page["messages"]:
            yield message
        cursor = page["nextCursor"]
        if cursor is None:
            return


async def get(http: httpx.AsyncClient, path: str, chosen: Mapping[str, Any] | None = None) -> Any:
    """A document below ``/v1/messages``."""
    response = await http.get(f"/v1/messages{path}", params=dict(chosen or {}))
    assert response.status_code == httpx.codes.OK, f"{path}: {response.status_code}"
    return response.json()


async def look_at(http: httpx.AsyncClient, message: Mapping[str, Any]) -> Case:
    """Collect what is known of a message."""
    path = f"/{message['id']}"
    answered = message["state"] == State.ANSWERED
    return Case(
        message=message,
        history=[_event(entry) for entry in await get(http, f"{path}/history")],
        attempts=await get(http, f"{path}/attempts"),
        digest=digest(await get(http, f"{path}/answer")) if answered else None,
    )


async def look_at_all(
    http: httpx.AsyncClient, messages: Sequence[Mapping[str, Any]]
) -> dict[str, Case]:
    """Collect what is known of many, a few at a time; by message id."""
    cases: dict[str, Case] = {}
    waiting = list(messages)

    async def look() -> None:
        while waiting:
            case = await look_at(http, waiting.pop())
            cases[case.id] = case

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_A_TIME):
            group.create_task(look())
    return cases


def _event(entry: Mapping[str, Any]) -> HistoryEvent:
    return HistoryEvent(
        number=entry["number"],
        at=datetime.fromisoformat(entry["at"]),
        event=entry["event"],
        state=State(entry["state"]),
        attempt=entry["attempt"],
        code=entry["code"],
        detail=entry["detail"],
        hash=bytes.fromhex(entry["hash"]),
    )
