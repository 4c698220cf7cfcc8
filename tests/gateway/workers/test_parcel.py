"""Values arrive as they were sent, large bytes without a way through the pickle."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from gateway.workers.parcel import BESIDE_BYTES, receive, send


@dataclass(frozen=True)
class Parcel:
    name: str
    bodies: tuple[bytes, ...]


@pytest.fixture
def line() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def sent_and_received(line: tuple[socket.socket, socket.socket], value: object) -> object:
    sender = threading.Thread(target=send, args=[line[0], value])
    sender.start()
    received = receive(line[1])
    sender.join()
    return received


@pytest.mark.parametrize("size", [0, 1, BESIDE_BYTES, BESIDE_BYTES + 1, 5_000_000])
def test_bytes_of_any_size_arrive(line: tuple[socket.socket, socket.socket], size: int) -> None:
    value = Parcel("a", (b"x" * size, b"small", b"y" * size))
    assert sent_and_received(line, value) == value


def test_several_values_follow_each_other(line: tuple[socket.socket, socket.socket]) -> None:
    for value in (None, Parcel("a", ()), [b"z" * 200_000, {"a": b"z" * 200_000}]):
        assert sent_and_received(line, value) == value


def test_large_bytes_arrive_without_another_copy(
    line: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    taken = socket.socket.recv

    def counted(self: socket.socket, size: int, flags: int = 0) -> bytes:
        sizes.append(size)
        return taken(self, size, flags)

    monkeypatch.setattr(socket.socket, "recv", counted)
    assert sent_and_received(line, Parcel("a", (b"x" * 3_000_000,))) is not None
    assert sizes.count(3_000_000) == 1
    assert max(size for size in sizes if size != 3_000_000) < 1_000


def test_a_line_without_other_end_is_told(line: tuple[socket.socket, socket.socket]) -> None:
    line[0].close()
    with pytest.raises(EOFError):
        receive(line[1])
    with pytest.raises(OSError, match="Broken pipe"):
        send(line[1], b"x" * 1_000_000)


def test_a_line_that_breaks_within_a_value_is_told(
    line: tuple[socket.socket, socket.socket],
) -> None:
    line[0].sendall(b"\0" * 5)
    line[0].close()
    with pytest.raises(EOFError):
        receive(line[1])
