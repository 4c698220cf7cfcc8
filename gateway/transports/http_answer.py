"""The answer to one request, as far as it came; values and an account of them, no I/O.

Kept out: how it arrives (``http_connection``) and what it means (``http``).
"""

from collections.abc import Mapping

KEPT_BYTES = 64 * 1024
"""How much is kept of what is too long, or no answer: enough for a person to see what it is."""


class BrokenOffError(Exception):
    """A connection failed with a request under way; the text is ours and quotes nothing."""


class HttpAnswer:
    """Status, headers and body while they arrive; what came stays readable after a failure.

    Attributes:
        status: HTTP status; 0 before the head is whole.
        headers: By lower-case name, as text; of a repeated one the first.
        has_head: Whether the head is whole.
        is_complete: Whether all of it came.
        is_too_long: Whether more came than is taken; the rest is not read.
        keeps_alive: Whether the connection may carry another request after it.
        fault: What cut it off; None if nothing did.
    """

    __slots__ = (
        "_chunks", "_limit", "_size", "fault", "has_head", "headers", "is_complete",
        "is_too_long", "keeps_alive", "status",
    )  # fmt: skip

    def __init__(self, limit: int) -> None:
        """Await an answer of which ``limit`` bytes of body are taken."""
        self.status = 0
        self.headers: dict[str, str] = {}
        self.has_head = False
        self.is_complete = False
        self.is_too_long = False
        self.keeps_alive = False
        self.fault: str | None = None
        self._limit = limit
        self._size = 0
        self._chunks: list[bytes] = []

    @property
    def is_over(self) -> bool:
        """Whether nothing more of it will be read."""
        return self.is_complete or self.is_too_long or self.fault is not None

    def add(self, chunk: bytes) -> None:
        """Take a piece of the body."""
        self._chunks.append(chunk)
        self._size += len(chunk)
        if self._size > self._limit:
            self.is_too_long = True

    def end(self) -> None:
        """The connection is closed in good order: the end of an answer that states no length."""
        if not self.has_head:
            self.fault = "the server closed the connection"
        elif _states_its_end(self.headers):
            self.fault = "the answer ended too early"
        else:
            self.is_complete = True

    def whole(self) -> bytes:
        """Everything that came."""
        return self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)

    def beginning(self) -> bytes:
        """What is kept of it where it is no answer."""
        return self.whole()[:KEPT_BYTES]


def _states_its_end(headers: Mapping[str, str]) -> bool:
    """Whether the end shows in the answer itself; RFC 9112 §6.3 says when it does not."""
    return "content-length" in headers or "transfer-encoding" in headers
