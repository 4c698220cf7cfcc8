"""Reading a body up to a limit."""

from collections.abc import Iterator
from typing import Any

import pytest

from gateway.api.body import read_body
from gateway.errors import BodyTooLargeError, HeaderInvalidError


class Sender:
    """Sends parts of a body, and counts how many were asked for."""

    def __init__(self, *parts: bytes, leaves: bool = False) -> None:
        self.asked = 0
        self._events = self._all(parts, leaves=leaves)

    def _all(self, parts: tuple[bytes, ...], *, leaves: bool) -> Iterator[dict[str, Any]]:
        for number, part in enumerate(parts, start=1):
            last = number == len(parts) and not leaves
            yield {"type": "http.request", "body": part, "more_body": not last}
        yield {"type": "http.disconnect"}

    async def __call__(self) -> dict[str, Any]:
        self.asked += 1
        return next(self._events)


async def test_parts_become_one_body() -> None:
    assert await read_body(Sender(b"ab", b"", b"c"), {}, limit=3) == b"abc"


async def test_an_announced_length_is_refused_before_anything_is_read() -> None:
    sender = Sender(b"abcd")
    with pytest.raises(BodyTooLargeError):
        await read_body(sender, {"content-length": "4"}, limit=3)
    assert sender.asked == 0


async def test_a_longer_body_than_announced_is_refused_at_the_limit() -> None:
    sender = Sender(b"ab", b"cd", b"ef", b"gh")
    with pytest.raises(BodyTooLargeError, match="3 bytes"):
        await read_body(sender, {"content-length": "1"}, limit=3)
    assert sender.asked == 2


async def test_a_caller_that_leaves_has_no_body() -> None:
    assert await read_body(Sender(b"ab", leaves=True), {}, limit=3) is None


@pytest.mark.parametrize("length", ["x", "-1", "²", ""])
async def test_a_length_that_is_no_number_is_refused(length: str) -> None:
    with pytest.raises(HeaderInvalidError):
        await read_body(Sender(b"a"), {"content-length": length}, limit=3)
