"""What the callers of the crash tests send, and what they were told."""

import asyncio
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

from tests.scenarios.crash.house import NOTICE, PROJECT, RECIPIENT, SEARCH

EXAMPLE = PROJECT / "schemas" / SEARCH / "request.example.json"
ASYNC = "respond-async"
SHORT_WAIT = "wait=1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """One call; ``word`` is what the authority's plan decides by."""

    operation: str
    word: str
    prefer: str = ""

    def body(self) -> bytes:
        """The canonical document."""
        if self.operation == NOTICE:
            return json.dumps({"text": self.word}).encode()
        document = json.loads(EXAMPLE.read_bytes())
        document["search"]["name"]["familyName"]["text"] = self.word
        return json.dumps(document).encode()


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What one caller was told; ``status`` 0: the connection broke instead."""

    letter: Letter
    status: int
    message_id: str | None = None
    answer: Any = None
    at: float = field(default_factory=time.monotonic)
    wall: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def promised(self) -> bool:
        return self.status in (200, 202)


ALWAYS = (
    Letter(operation=SEARCH, word="Quendel"),
    Letter(operation=SEARCH, word="Bald"),
    Letter(operation=SEARCH, word="Erstfehler"),
    Letter(operation=SEARCH, word="Erstabbruch", prefer=ASYNC),
    Letter(operation=SEARCH, word="Bald", prefer=ASYNC),
    Letter(operation=NOTICE, word="once"),
    Letter(operation=NOTICE, word="soon", prefer=ASYNC),
)
"""In every run, so that each fault point is passed often enough."""

SOMETIMES = (
    Letter(operation=SEARCH, word="Abgelehnt"),
    Letter(operation=SEARCH, word="Serverfehler"),
    Letter(operation=SEARCH, word="Langsam", prefer=SHORT_WAIT),
    Letter(operation=NOTICE, word="drop"),
    Letter(operation=NOTICE, word="drop", prefer=ASYNC),
    Letter(operation=NOTICE, word="refuse"),
    Letter(operation=NOTICE, word="soon"),
)

HOPELESS = (
    Letter(operation=SEARCH, word="Langsam", prefer=SHORT_WAIT),
    Letter(operation=SEARCH, word="Serverfehler"),
    Letter(operation=NOTICE, word="refuse"),
    Letter(operation=NOTICE, word="drop"),
)
"""Their callers are told so while the gateway lives; what it tells must hold after its death."""


def mix(rng: random.Random) -> list[Letter]:
    """The letters of one run, in their order."""
    letters = [*ALWAYS, rng.choice(SOMETIMES), rng.choice(SOMETIMES)]
    rng.shuffle(letters)
    return letters


async def send_all(http: httpx.AsyncClient, letters: Sequence[Letter]) -> list[Told]:
    """Send all at once; returns when each caller was told something or lost its connection."""
    async with asyncio.TaskGroup() as group:
        sent = [group.create_task(_send(http, letter)) for letter in letters]
    return [task.result() for task in sent]


async def _send(http: httpx.AsyncClient, letter: Letter) -> Told:
    name, _, version = letter.operation.rpartition("/v")
    headers = {
        "Content-Type": "application/json",
        "Recipient": RECIPIENT,
        "Idempotency-Key": str(uuid4()),
    }
    if letter.prefer:
        headers["Prefer"] = letter.prefer
    try:
        response = await http.post(f"/v{version}/{name}", content=letter.body(), headers=headers)
    except httpx.TransportError:
        return Told(letter=letter, status=0)
    message_id = response.headers.get("Message-Id")
    if response.status_code == httpx.codes.ACCEPTED:
        assert response.headers["Location"] == f"/v1/messages/{message_id}"
    return Told(
        letter=letter,
        status=response.status_code,
        message_id=message_id,
        answer=response.json() if response.status_code == httpx.codes.OK else None,
    )
