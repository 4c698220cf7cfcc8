"""Send a reply over a connection, rightly or wrongly, byte by byte as the plan says.

Kept out: reading requests and deciding (``connection``), what an answer holds (``authority``).
"""

import asyncio
import contextlib
import socket
import struct
from http import HTTPStatus

from gateway.simulation.authority import Reply
from gateway.simulation.faults import Fault

NOT_HTTP = b"This is the mainframe; the web server is next door.\r\n\r\n"
"""Sent by ``not-http``."""

_SILENT = frozenset({Fault.DROP, Fault.NOT_HTTP})
_RESET = frozenset({Fault.RESET, Fault.AWAY})
_BLOCK = b" " * 65_536
_PARTS = 3
"""Chunks that an answer in chunks is cut into, one of which never comes."""


async def send(reply: Reply, writer: asyncio.StreamWriter, *, keeps: bool) -> bool:
    """Send a reply.

    Args:
        reply: What, and how.
        writer: The connection.
        keeps: Whether the client would go on with the connection.

    Returns:
        Whether the connection can be used again.
    """
    fault = reply.effect.fault
    if fault in _RESET:
        reset(writer)
        return False
    if fault in _SILENT:
        writer.write(NOT_HTTP if fault is Fault.NOT_HTTP else b"")
        return False
    if fault is Fault.HALF:
        writer.write(_head(reply, len(reply.body)) + reply.body[: len(reply.body) // 2])
        return False
    if fault is Fault.HALF_CHUNKED:
        writer.write(_head(reply, None) + _first_chunks(reply.body))
        return False
    if fault is Fault.TRICKLE:
        await _trickle(reply, writer)
    elif fault is Fault.OVERSIZED:
        await _fill(reply, writer)
    else:
        response = _head(reply, len(reply.body)) + reply.body
        writer.write(response * (2 if fault is Fault.TWICE else 1))
    await writer.drain()
    return keeps


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection so that the client sees a reset, not an end."""
    connection = writer.get_extra_info("socket")
    # Closing a socket that does not linger sends RST instead of FIN.
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _head(reply: Reply, length: int | None) -> bytes:
    headers = dict(reply.headers)
    if reply.content_type:
        headers["Content-Type"] = reply.content_type
    if length is None:
        headers["Transfer-Encoding"] = "chunked"
    else:
        headers["Content-Length"] = str(length)
    lines = [f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def _first_chunks(body: bytes) -> bytes:
    size = len(body) // _PARTS
    parts = [body[n * size : (n + 1) * size] for n in range(_PARTS - 1)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts if part)


async def _trickle(reply: Reply, writer: asyncio.StreamWriter) -> None:
    writer.write(_head(reply, len(reply.body)))
    size = reply.effect.piece_bytes
    for start in range(0, len(reply.body), size):
        writer.write(reply.body[start : start + size])
        await writer.drain()
        await asyncio.sleep(reply.effect.pause.total_seconds())


async def _fill(reply: Reply, writer: asyncio.StreamWriter) -> None:
    size = max(reply.effect.size_bytes, len(reply.body))
    writer.write(_head(reply, size) + reply.body)
    left = size - len(reply.body)
    while left:
        block = _BLOCK[:left]
        writer.write(block)
        await writer.drain()
        left -= len(block)
