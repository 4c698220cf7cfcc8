"""Read a request body up to a limit, without keeping more than that in memory."""

from collections.abc import Mapping

from starlette.types import Receive

from gateway.errors import BodyTooLargeError, HeaderInvalidError


async def read_body(receive: Receive, headers: Mapping[str, str], *, limit: int) -> bytes | None:
    """Read the body; None if the caller went away before its end.

    Raises:
        BodyTooLargeError: Announced or found to be longer than ``limit`` bytes; the rest is not
            read.
        HeaderInvalidError: ``Content-Length`` is not a number.
    """
    if announced_bytes(headers) > limit:
        raise _too_large(limit)
    parts: list[bytes] = []
    size = 0
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            return None
        part: bytes = event.get("body", b"")
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        parts.append(part)
        if not event.get("more_body", False):
            return b"".join(parts)


def announced_bytes(headers: Mapping[str, str]) -> int:
    """What ``Content-Length`` says; 0 without one. ``HeaderInvalidError`` if it is no number."""
    announced = headers.get("content-length", "0")
    if not (announced.isascii() and announced.isdigit()):
        raise HeaderInvalidError("The header Content-Length is not a number.")
    return int(announced[:20])


def _too_large(limit: int) -> BodyTooLargeError:
    return BodyTooLargeError(f"The body is longer than the {limit} bytes this operation takes.")
