"""What the callers of the crash tests send, and what they were told."""

import asyncio
import hashlib
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from tests.scenarios.crash.house import NOTICE, PROJECT, RECIPIENT, SEARCH
from tests.scenarios.crash.sightings import marked

EXAMPLE = json.loads((PROJECT / "schemas" / SEARCH / "request.example.json").read_bytes())
ASYNC = "respond-async"
SHORT_WAIT = "wait=1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """One call.

    Attributes:
        operation: What is asked.
        word: What the authority's plan decides by.
        prefer: Header ``Prefer``; empty: not sent.
        number: Makes it recognisable among all others; None: it need not be.
    """

    operation: str
    word: str
    prefer: str = ""
    number: int | None = None

    @property
    def path(self) -> str:
        """Where it is sent to."""
        name, _, version = self.operation.rpartition("/v")
        return f"/v{version}/{name}"

    def body(self) -> bytes:
        """The canonical document."""
        mark = None if self.number is None else marked(self.number)
        if self.operation == NOTICE:
            reference = {} if mark is None else {"reference": mark}
            return json.dumps({"text": self.word, **reference}).encode()
        name = {**EXAMPLE["search"]["name"], "familyName": {"kind": "name", "text": self.word}}
        document = {**EXAMPLE, "search": {**EXAMPLE["search"], "name": name}}
        if mark is not None:
            document["caseReference"] = mark
        return json.dumps(document).encode()

    def headers(self, key: str) -> dict[str, str]:
        """Its headers, but for who sends it."""
        headers = {
            "Content-Type": "application/json",
            "Recipient": RECIPIENT,
            "Idempotency-Key": key,
        }
        return {**headers, "Prefer": self.prefer} if self.prefer else headers


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What one call was told.

    Attributes:
        letter: What was sent.
        status: HTTP status; 0: the connection broke, or the caller hung up.
        message_id: Header ``Message-Id``, or that of the problem; None: none was named.
        code: Of the problem, if it was one.
        digest: Of the answer, see ``digest``; None: there was none.
        answers: The message that the answer says it answers.
        asked_at: When the call was begun; monotonic seconds.
        at: When the caller was told.
    """

    letter: Letter
    status: int
    message_id: str | None = None
    code: str | None = None
    digest: str | None = None
    answers: str | None = None
    asked_at: float
    at: float = field(default_factory=time.monotonic)

    @property
    def promised(self) -> bool:
        """Whether the caller was told that the message is the gateway's now."""
        return self.status in (200, 202)


def read_told(
    letter: Letter, asked_at: float, status: int, message_id: str | None, body: bytes
) -> Told:
    """What a response told.

    Args:
        letter: What was sent.
        asked_at: When; monotonic seconds.
        status: Of the response.
        message_id: Its header ``Message-Id``.
        body: Its body.
    """
    document: dict[str, Any] = json.loads(body)
    is_answer = status == httpx.codes.OK
    return Told(
        letter=letter,
        status=status,
        message_id=message_id or document.get("messageId"),
        code=document.get("code"),
        digest=digest(document) if is_answer else None,
        answers=document["inReplyTo"]["messageId"] if is_answer else None,
        asked_at=asked_at,
    )


def digest(document: Any) -> str:
    """The same for equal documents."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


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
    asked_at = time.monotonic()
    headers = letter.headers(str(uuid4()))
    try:
        response = await http.post(letter.path, content=letter.body(), headers=headers)
    except httpx.TransportError:
        return Told(letter=letter, status=0, asked_at=asked_at)
    message_id = response.headers.get("Message-Id")
    if response.status_code == httpx.codes.ACCEPTED:
        assert response.headers["Location"] == f"/v1/messages/{message_id}"
    return read_told(letter, asked_at, response.status_code, message_id, response.content)
