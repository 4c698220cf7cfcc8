"""A server that speaks clamd's protocol and knows one virus."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The test file that every scanner takes for a virus."""


@dataclass
class Clamd:
    """Answers INSTREAM as clamd does.

    Attributes:
        largest_bytes: ``StreamMaxLength``.
        says: What it answers instead; None: what it found.
        hangs: Whether it never answers.
        scanned: Lengths of what it was sent.
    """

    largest_bytes: int = 25 * 2**20
    says: bytes | None = None
    hangs: bool = False
    scanned: list[int] = field(default_factory=list)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(await self._answer(reader))
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the gateway went away
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> bytes:
        if await reader.readuntil(b"\0") != b"zINSTREAM\0":
            return b"UNKNOWN COMMAND\0"
        content = b""
        while length := int.from_bytes(await reader.readexactly(4), "big"):
            content += await reader.readexactly(length)
            if len(content) > self.largest_bytes:
                return b"INSTREAM size limit exceeded. ERROR\0"
        self.scanned.append(len(content))
        if self.hangs:
            await asyncio.sleep(60)
        if self.says is not None:
            return self.says
        return b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"

    @asynccontextmanager
    async def over_tcp(self) -> AsyncIterator[str]:
        """Serve on loopback; yields its address as the settings have it."""
        server = await asyncio.start_server(self.talk, "127.0.0.1", 0)
        try:
            yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()

    @asynccontextmanager
    async def over_file(self, path: Path) -> AsyncIterator[str]:
        """Serve on a socket file."""
        server = await asyncio.start_unix_server(self.talk, path)
        try:
            yield f"unix:{path}"
        finally:
            server.close()
