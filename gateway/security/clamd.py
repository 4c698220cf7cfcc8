"""A malware scanner that speaks clamd's protocol: the command INSTREAM, over TCP or a socket file.

A client of our own: those in the registries want the whole content in memory or a thread, and the
protocol is one command. Kept out: what follows from a finding (``gateway.flow.upload``).

Source: clamd(8), commands ``zINSTREAM``: chunks with a length of four bytes, big-endian, in front;
a length of zero ends them. The answer is ``stream: OK``, ``stream: <name> FOUND`` or an error.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import urlsplit

from gateway.errors import ScannerUnavailableError

_LONGEST_ANSWER_BYTES = 4_096
_CLEAN = b"OK"
_FOUND = b" FOUND"


class ClamdScanner:
    """A ``Scanner`` that asks clamd; a connection each time, so several may be asked at once."""

    def __init__(self, address: str, *, timeout: timedelta) -> None:
        """Remember where it is; nothing is connected.

        Args:
            address: ``tcp://<host>:<port>`` or ``unix:<path>``.
            timeout: Longest wait for a connection, for it to take a piece, and for its answer.
        """
        self._address = urlsplit(address)
        self._seconds = timeout.total_seconds()

    async def scan(self, pieces: AsyncIterator[bytes]) -> bool:
        """See ``Scanner``."""
        try:
            async with asyncio.timeout(self._seconds):
                reader, writer = await self._connect()
        except (OSError, TimeoutError):
            raise ScannerUnavailableError("The malware scanner cannot be reached.") from None
        try:
            answer = await self._ask(reader, writer, pieces)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        return _is_clean(answer)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._address.scheme == "unix":
            return await asyncio.open_unix_connection(self._address.path)
        return await asyncio.open_connection(self._address.hostname, self._address.port)

    async def _ask(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        pieces: AsyncIterator[bytes],
    ) -> bytes:
        # It answers before the end, and hangs up, where the content is longer than it takes.
        with contextlib.suppress(ConnectionError):
            writer.write(b"zINSTREAM\0")
            async for piece in pieces:
                writer.write(len(piece).to_bytes(4, "big"))
                writer.write(piece)
                await self._drained(writer)
            writer.write(bytes(4))
            await self._drained(writer)
        try:
            async with asyncio.timeout(self._seconds):
                return await reader.read(_LONGEST_ANSWER_BYTES)
        except (OSError, TimeoutError):
            raise ScannerUnavailableError("The malware scanner gives no answer.") from None

    async def _drained(self, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                await writer.drain()
        except TimeoutError:
            raise ScannerUnavailableError("The malware scanner takes nothing more.") from None


def _is_clean(answer: bytes) -> bool:
    """What the answer says; one that cannot be understood is none."""
    said = answer.rstrip(b"\0\n")
    if said.endswith(_FOUND):
        return False
    if said.rpartition(b": ")[2] == _CLEAN:
        return True
    raise ScannerUnavailableError("The malware scanner could not scan the content.")
