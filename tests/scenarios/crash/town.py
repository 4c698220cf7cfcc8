"""Everything a run needs, as real processes: callers' gateways, authorities, lines, a database."""

import asyncio
import contextlib
import random
import re
import signal
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from gateway.flow.fault_points import FaultPoint
from gateway.security.tokens import Token
from tests.scenarios.crash.database import Database, database
from tests.scenarios.crash.disk import Disk, disk_at
from tests.scenarios.crash.house import write_config
from tests.scenarios.crash.lines import HOST, Line
from tests.scenarios.crash.nursery import EndedByItselfError, Gateways, Nursery

NEVER = (FaultPoint.ACCEPT_BEFORE_COMMIT, 0)
LIMITS = """timeout = 2
retry = { first_wait = 0.05, longest_wait = 0.5, max_attempts = 8 }
breaker = { open_time = 0.2, longest_open = 1, release_rate = 500, release_time = 1 }"""
"""An attempt ends by its time-out before the longest fault is over; everything else is quick, so
that a run does not have to wait."""

RHYTHM = "heartbeat = 0.2\ndead_after = 1"
"""So that gateways are paused for longer than others wait for a sign of life."""

STARTS = 60
STORE_PATH = 'path = "messages.sqlite3"         # relative to this file'
MESSAGE_ID = re.compile(rb"\r\nMessage-Id: ([0-9a-f-]{36})\r\n")
LONGEST_HIT = 60
PORTS = (15_000, 32_000)


class Wire:
    """Listens on a line for messages that leave; knows nothing of what becomes of them."""

    def __init__(self, sent: dict[str, list[float]]) -> None:
        self._sent = sent
        self._tails: dict[int, bytes] = {}

    def hear(self, connection: int, data: bytes) -> None:
        """Note the messages whose heads end in a piece."""
        text = self._tails.get(connection, b"") + data
        end = max(len(text) - LONGEST_HIT, 0)
        for hit in MESSAGE_ID.finditer(text):
            self._sent.setdefault(hit[1].decode(), []).append(time.monotonic())
            end = max(end, hit.end())
        self._tails[connection] = text[end:]


@dataclass(kw_only=True)
class Town:
    """All processes of a run.

    Attributes:
        gateways: Each with a launcher of its own.
        urls: Where they listen.
        backend: Both authorities.
        lines: From the gateways to the authorities.
        disk: What the database is on; None: it is no file of the gateway's.
        database: The server that messages are kept in; None: they are in a file.
        record: File with what the authorities saw.
        sent: When each message was on a line to an authority, by id; monotonic seconds.
        paused: When a gateway was paused, from and until; monotonic seconds.
        failed_starts: How often a gateway ended instead of starting, by its number.
    """

    gateways: list[Gateways]
    urls: list[str]
    backend: Nursery
    lines: list[Line]
    disk: Disk | None
    database: Database | None
    record: Path
    sent: dict[str, list[float]]
    paused: list[tuple[float, float]] = field(default_factory=list)
    failed_starts: Counter[int] = field(default_factory=Counter)

    @property
    def all_lines(self) -> list[Line]:
        """Those to the authorities, and that to the database."""
        return self.lines if self.database is None else [*self.lines, self.database.line]

    async def raise_gateway(self, number: int, point: FaultPoint, nth: int) -> None:
        """Start a gateway, as often as it takes: what it needs may not be there yet."""
        gateway, url = self.gateways[number], self.urls[number]
        for _ in range(STARTS):
            try:
                await asyncio.to_thread(gateway.start, point, nth, url=url)
            except EndedByItselfError:
                self.failed_starts[number] += 1
                await asyncio.sleep(0.2)
            else:
                return
        raise TimeoutError(f"gateway {number} did not start in {STARTS} tries; see its log")

    async def raise_backend(self) -> None:
        """Start the authorities."""
        await asyncio.to_thread(self.backend.start_one, "now")
        await asyncio.to_thread(self.backend.await_word, "open")

    async def pause(self, process: Nursery, seconds: float) -> None:
        """Stop a process for a while, as a busy or frozen machine would."""
        began = time.monotonic()
        process.tell(signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            process.tell(signal.SIGCONT)
            if process is not self.backend:
                self.paused.append((began, time.monotonic()))


class Kind(StrEnum):
    """What messages are kept in."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"


@contextlib.asynccontextmanager
async def town(folder: Path, token: Token, *, store: Kind, gateways: int) -> AsyncIterator[Town]:
    """Raise everything but the gateways, and end all of it with the block.

    Args:
        folder: For configuration, databases and logs; must exist.
        token: Of the one caller.
        store: What messages are kept in.
        gateways: How many there are; on SQLite one.
    """
    ports = _free_ports(6 + gateways)
    async with contextlib.AsyncExitStack() as stack:
        made = Town(
            gateways=[],
            urls=[f"http://{HOST}:{port}" for port in ports[6:]],
            backend=_backend(folder / "seen", ports[:2], stack),
            lines=[],
            disk=disk_at(folder / "disk") if store is Kind.SQLITE else None,
            database=None if store is Kind.SQLITE else stack.enter_context(database(*ports[4:6])),
            record=folder / "seen",
            sent={},
        )
        for target, port in zip(ports[:2], ports[2:4], strict=True):
            made.lines.append(Line(target, port=port, tap=Wire(made.sent).hear))
        _add_gateways(made, folder, token, stack)
        if made.database is not None:
            await made.database.begin()
        for line in made.all_lines:
            stack.push_async_callback(line.close)
            await line.open()
        for nursery in (made.backend, *made.gateways):
            await asyncio.to_thread(nursery.await_ready)
        await made.raise_backend()
        yield made


def _backend(record: Path, ports: Sequence[int], stack: contextlib.AsyncExitStack) -> Nursery:
    words = [str(record), *map(str, ports)]
    backend = Nursery("backend_process", *words, log=record.with_name("backend.log"))
    stack.callback(backend.close)
    return backend


def _add_gateways(made: Town, folder: Path, token: Token, stack: contextlib.AsyncExitStack) -> None:
    search, notices = (f"http://{HOST}:{line.port}" for line in made.lines)
    config = write_config(folder, token, search_url=search, notice_url=notices, limits=LIMITS)
    variables = {"AGENCY_GATEWAY_LOG__LEVEL": "warning"}
    if made.database is None:
        variables["AGENCY_GATEWAY_STORE__PATH"] = str(folder / "disk" / "messages.sqlite3")
    else:
        variables["AGENCY_GATEWAY_STORE__URL"] = made.database.url
        text = config.read_text("utf-8")
        assert STORE_PATH in text
        config.write_text(text.replace(STORE_PATH, RHYTHM), "utf-8")
    for number, url in enumerate(made.urls):
        gateway = Gateways(
            config,
            name=f"gateway-{number}",
            within=() if made.disk is None else made.disk.within(),
            variables={**variables, "AGENCY_GATEWAY_SERVER__PORT": url.rpartition(":")[2]},
        )
        stack.callback(gateway.close)
        made.gateways.append(gateway)


def _free_ports(count: int) -> list[int]:
    """Ports that nobody uses, none of them twice.

    Below those that the kernel gives to connections: one of these would take the port of a process
    that was killed, or even connect to itself.
    """
    ports: set[int] = set()
    while len(ports) < count:
        port = random.randrange(*PORTS)  # noqa: S311 - any
        with contextlib.suppress(OSError), socket.create_server((HOST, port)):
            ports.add(port)
    return list(ports)
