"""What must hold of every message after a restart; every rule names what it forbids."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import httpx

from gateway.messaging.history import is_unbroken
from gateway.messaging.lifecycle import MOVING, STARTS, State, may_move
from gateway.messaging.message import HistoryEvent, MessageId
from tests.scenarios.crash.letters import Told
from tests.scenarios.crash.watched import Authorities

NAMED = frozenset({State.ANSWERED, State.IN_DOUBT, State.DEAD, State.EXPIRED})
"""Where a message of these tests may rest; ``awaiting_answer`` needs a receipt, sent by nobody."""

AFTER_ERROR = frozenset({State.DEAD, State.EXPIRED})
"""Where a message may rest whose waiting caller was told of an error."""

SETTLE_LIMIT_SECONDS = 15.0
STRAY_SECONDS = 1.0
"""How long bytes of an attempt that began in time may take to be seen."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One message as the gateway tells of it."""

    message: Mapping[str, Any]
    history: Sequence[HistoryEvent]
    attempts: Sequence[Mapping[str, Any]]

    @property
    def state(self) -> State:
        return State(self.message["state"])


async def all_settled(http: httpx.AsyncClient) -> list[Mapping[str, Any]]:
    """Wait until nothing moves; returns every message."""
    moving = {"state": [str(state) for state in MOVING], "limit": 1}
    async with asyncio.timeout(SETTLE_LIMIT_SECONDS):
        # As a caller would, who has no events.
        while (await get(http, "", moving))["messages"]:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.02)
    return await everything(http)


async def everything(http: httpx.AsyncClient) -> list[Mapping[str, Any]]:
    """Every message of the caller."""
    found: list[Mapping[str, Any]] = []
    cursor: str | None = None
    while True:
        page = await get(http, "", {"limit": 500} | ({"cursor": cursor} if cursor else {}))
        found += page["messages"]
        cursor = page["nextCursor"]
        if cursor is None:
            return found


async def get(http: httpx.AsyncClient, path: str, chosen: Mapping[str, Any] | None = None) -> Any:
    """A document below ``/v1/messages``."""
    response = await http.get(f"/v1/messages{path}", params=dict(chosen or {}))
    assert response.status_code == httpx.codes.OK, f"{path}: {response.status_code}"
    return response.json()


async def look_at(http: httpx.AsyncClient, message: Mapping[str, Any]) -> Case:
    """Collect what is known of a message."""
    path = f"/{message['id']}"
    return Case(
        message=message,
        history=[_event(entry) for entry in await get(http, f"{path}/history")],
        attempts=await get(http, f"{path}/attempts"),
    )


def judge(case: Case, seen: int) -> None:
    """Rules for every message, whatever its caller was told."""
    message_id = MessageId(case.message["id"])
    assert case.state in NAMED, f"{message_id} rests as {case.state}"
    assert is_unbroken(message_id, list(case.history)), f"the chain of {message_id} is broken"
    states = [event.state for event in case.history]
    assert states[0] in STARTS
    assert states[-1] is case.state
    for earlier, later in pairwise(case.history):
        before, after = earlier.state, later.state
        notes = after is State.EXPIRED or later.event == "message.restored"
        stays = before is after and notes
        assert stays or may_move(before, after), f"{message_id}: {before} became {after}"
    assert all(attempt["endedAt"] for attempt in case.attempts), f"{message_id}: an open attempt"
    assert seen <= len(case.attempts), f"{message_id} was sent without an attempt"
    if case.message["kind"] == "submission":
        assert seen <= 1, f"the submission {message_id} was sent {seen} times"
        assert case.state is not State.ANSWERED or seen == 1
    else:
        assert case.state is not State.IN_DOUBT, f"the query {message_id} is in doubt"
        assert case.state is not State.ANSWERED or seen >= 1


async def judge_promise(http: httpx.AsyncClient, told: Told, case: Case | None) -> None:
    """Rules for a message whose caller got 200 or 202."""
    assert case is not None, f"{told.message_id} got {told.status} and is lost"
    if told.status == httpx.codes.OK:
        assert case.state is State.ANSWERED
        assert await get(http, f"/{told.message_id}/answer") == told.answer


def judge_error(told: Told, case: Case | None, authorities: Authorities) -> None:
    """Invariant: after an error nothing is sent by itself."""
    if told.message_id is None:
        return
    assert case is not None, f"{told.message_id} got {told.status} and is lost"
    # An answer that comes later is an event: the caller was told that there is none.
    assert case.state in AFTER_ERROR, f"{told.message_id} is {case.state} after {told.status}"
    late = [at for at in authorities.times(told.message_id) if at > told.at + STRAY_SECONDS]
    assert not late, f"{told.message_id} was sent after {told.status}"
    for attempt in case.attempts:
        began = datetime.fromisoformat(attempt["startedAt"])
        assert began <= told.wall, f"{told.message_id}: an attempt began after {told.status}"


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
