"""Talk to a simulated authority byte by byte, and see exactly how it ends."""

import socket
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """Every byte that came, and whether the connection was reset instead of closed."""

    data: bytes
    was_reset: bool

    @property
    def body(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[2]


def request(body: bytes, *headers: str) -> bytes:
    """A POST that asks for the connection to be closed."""
    lines = ["POST / HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def post(url: str, body: bytes) -> Heard:
    """Send a request on a connection of its own."""
    return talk(url, request(body, "Connection: close"))


def talk(url: str, sent: bytes) -> Heard:
    """Send bytes and hear until the connection ends."""
    parts = urlsplit(url)
    heard = bytearray()
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as peer:
        try:
            peer.sendall(sent)
            while data := peer.recv(1 << 20):
                heard += data
        except ConnectionResetError:
            return Heard(data=bytes(heard), was_reset=True)
    return Heard(data=bytes(heard), was_reset=False)
