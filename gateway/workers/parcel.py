"""Values on their way between two of our own processes, with large bytes beside them.

A value is pickled; bytes it holds that are large go beside it, straight from and into the kernel.
Within the pickle each would be copied twice while the interpreter lock is held, some milliseconds
for 10 MB in which the event loop stands still.

Only our own processes hold an end of the line, so unpickling is as safe as the gateway itself.
"""

import io
import pickle
import socket
import struct
from typing import Any

from typing_extensions import override

BESIDE_BYTES = 64 * 1024
"""Longest bytes that stay within the pickle."""

_NUMBER = struct.Struct("!Q")


def send(line: socket.socket, value: object) -> None:
    """Send a value; blocks until the other side has taken all but a few kilobytes.

    Raises:
        OSError: The other side is gone.
    """
    text = io.BytesIO()
    packer = _Packer(text, protocol=pickle.HIGHEST_PROTOCOL)
    packer.dump(value)
    parts = [text.getvalue(), *packer.beside]
    line.sendall(b"".join(_NUMBER.pack(number) for number in (len(parts), *map(len, parts))))
    for part in parts:
        line.sendall(part)


def receive(line: socket.socket) -> Any:
    """Wait for a value and return it.

    Raises:
        EOFError: The other side is gone.
        OSError: Likewise.
    """
    (count,) = _numbers(line, 1)
    lengths = _numbers(line, count)
    text, *beside = [_bytes(line, length) for length in lengths]
    return _Unpacker(text, beside).load()


class _Packer(pickle.Pickler):
    """Puts large bytes aside and a number in their place."""

    def __init__(self, file: io.BytesIO, protocol: int) -> None:
        super().__init__(file, protocol)
        self.beside: list[bytes] = []

    @override
    def persistent_id(self, obj: Any) -> int | None:
        if type(obj) is not bytes or len(obj) <= BESIDE_BYTES:
            return None
        self.beside.append(obj)
        return len(self.beside) - 1


class _Unpacker(pickle.Unpickler):
    """Puts large bytes back where their numbers stand."""

    def __init__(self, text: bytes, beside: list[bytes]) -> None:
        super().__init__(io.BytesIO(text))
        self._beside = beside

    @override
    def persistent_load(self, pid: int) -> bytes:
        return self._beside[pid]


def _numbers(line: socket.socket, count: int) -> tuple[int, ...]:
    return tuple(number for (number,) in _NUMBER.iter_unpack(_bytes(line, count * _NUMBER.size)))


def _bytes(line: socket.socket, size: int) -> bytes:
    """Receive exactly this many bytes, in one call and so in one piece unless it is interrupted."""
    parts: list[bytes] = []
    while size > 0:
        part = line.recv(size, socket.MSG_WAITALL)
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
