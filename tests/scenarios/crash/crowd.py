"""Callers as agency systems are: they wait or do not, hang up, come back, and send again.

Each letter has its own way through, drawn from the seed and its number, so that a run can be
repeated although its calls overtake each other.
"""

import asyncio
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import aiohttp

from tests.scenarios.crash.house import NOTICE, SEARCH
from tests.scenarios.crash.letters import ASYNC, Letter, Told, read_told

INSIST_SECONDS = 6.0
"""How long a caller tries to be heard at all; longer than anything is away."""

CALL_SECONDS = 8.0
"""How long a caller waits that does not hang up; longer than any ``Prefer: wait`` here."""

WORDS = {
    SEARCH: {
        "Quendel": 30,
        "Bald": 12,
        "Abgelehnt": 4,
        "Erstfehler": 5,
        "Erstabbruch": 4,
        "Langsam": 2,
        "Serverfehler": 1,
        "Tropfend": 1,
        "Unsinn": 1,
        "Halb": 1,
        "Fremd": 1,
        "Doppelt": 1,
    },
    NOTICE: {
        "once": 20,
        "soon": 12,
        "busy": 4,
        "drop": 2,
        "refuse": 2,
        "trickle": 1,
        "rubbish": 1,
        "half": 1,
        "foreign": 1,
        "not-http": 1,
    },
}
"""What is sent, with its weight; the plans beside this file say what becomes of it."""

PREFERENCES = {"": 4, ASYNC: 4, "wait=1": 1, "wait=3": 2}


@dataclass(frozen=True, kw_only=True, slots=True)
class Manner:
    """How one caller behaves.

    Attributes:
        key: Its idempotency key.
        patience: Seconds after which it hangs up the first time; None: it does not.
        comes_back: Whether it sends again after it hung up, or heard of an error.
        twin: Whether it sends the call twice in the same moment.
        again: Whether it sends the call again after it was answered.
    """

    key: str
    patience: float | None
    comes_back: bool
    twin: bool
    again: bool


def letter_of(seed: int, number: int) -> tuple[Letter, Manner]:
    """The letter of a number, and how its caller behaves."""
    rng = _rng(seed, number)
    operation = rng.choice((SEARCH, NOTICE))
    words, preferences = WORDS[operation], PREFERENCES
    letter = Letter(
        operation=operation,
        word=rng.choices(list(words), list(words.values()))[0],
        prefer=rng.choices(list(preferences), list(preferences.values()))[0],
        number=number,
    )
    manner = Manner(
        key=str(UUID(int=rng.getrandbits(128), version=4)),
        patience=rng.uniform(0, 0.1) if rng.random() < 0.1 else None,
        comes_back=rng.random() < 0.6,
        twin=rng.random() < 0.05,
        again=rng.random() < 0.1,
    )
    return letter, manner


@dataclass(kw_only=True)
class Crowd:
    """All callers of a run.

    Attributes:
        session: What they call with.
        urls: Gateways; each call chooses one.
        seed: What letters are drawn from.
        told: What they were told so far, by the letter's number, in the order of the calls.
        hung_up: How many calls were given up by their caller.
    """

    session: aiohttp.ClientSession
    urls: Sequence[str]
    seed: int
    told: dict[int, list[Told]] = field(default_factory=dict)
    hung_up: int = 0

    async def send(self, letters: int, *, at_a_time: int, begins: Callable[[int], None]) -> None:
        """Send all letters; returns when the last caller has gone.

        Args:
            letters: How many.
            at_a_time: How many callers there are.
            begins: Hears of each letter before it is sent.
        """
        numbers = iter(range(letters))
        async with asyncio.TaskGroup() as group:
            for _ in range(at_a_time):
                group.create_task(self._send_some(numbers, begins))

    async def repeat(self, numbers: Sequence[int], *, at_a_time: int) -> None:
        """Send letters once more, each with its key."""
        waiting = iter(numbers)

        async def some() -> None:
            for number in waiting:
                letter, manner = letter_of(self.seed, number)
                await self._ask(letter, manner, self.urls[number % len(self.urls)])

        async with asyncio.TaskGroup() as group:
            for _ in range(at_a_time):
                group.create_task(some())

    async def _send_some(self, numbers: Iterator[int], begins: Callable[[int], None]) -> None:
        for number in numbers:
            begins(number)
            letter, manner = letter_of(self.seed, number)
            rng = _rng(self.seed, -number - 1)
            if manner.twin:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._ask(letter, manner, rng.choice(self.urls)))
                    group.create_task(self._insist(letter, manner, rng))
            else:
                await self._insist(letter, manner, rng)

    async def _insist(self, letter: Letter, manner: Manner, rng: random.Random) -> None:
        """Call until something is said that this caller is content with."""
        patience, errors = manner.patience, 0
        until = time.monotonic() + INSIST_SECONDS
        while time.monotonic() < until:
            told = await self._ask(letter, manner, rng.choice(self.urls), patience=patience)
            gave_up, patience = patience is not None and not told.status, None
            if told.promised:
                if manner.again:
                    await self._ask(letter, manner, rng.choice(self.urls))
                return
            errors += told.status in (409, 502, 504)
            if ((gave_up or errors) and not manner.comes_back) or errors > 2:
                return
            await asyncio.sleep(rng.uniform(0.1, 0.6))

    async def _ask(
        self, letter: Letter, manner: Manner, url: str, *, patience: float | None = None
    ) -> Told:
        """One call; a caller without patience hangs up."""
        asked_at = time.monotonic()
        try:
            async with asyncio.timeout(CALL_SECONDS if patience is None else patience):
                told = await self._call(letter, manner, url, asked_at)
        except TimeoutError:
            self.hung_up += 1
            told = Told(letter=letter, status=0, asked_at=asked_at)
        except (aiohttp.ClientError, OSError):
            told = Told(letter=letter, status=0, asked_at=asked_at)
        self.told.setdefault(letter.number or 0, []).append(told)
        return told

    async def _call(self, letter: Letter, manner: Manner, url: str, asked_at: float) -> Told:
        async with self.session.post(
            f"{url}{letter.path}", data=letter.body(), headers=letter.headers(manner.key)
        ) as response:
            body = await response.read()
        return read_told(
            letter, asked_at, response.status, response.headers.get("Message-Id"), body
        )


def _rng(seed: int, number: int) -> random.Random:
    return random.Random(f"{seed}/{number}")  # noqa: S311 - for choosing tests
