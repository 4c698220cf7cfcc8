"""Read an upload: what its headers say, and its content as it comes.

Source: RFC 9530 (Repr-Digest, Content-Digest), RFC 6266 (Content-Disposition).
"""

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Mapping
from email.message import Message
from urllib.parse import quote

from starlette.types import Receive

from gateway.api.body import announced_bytes
from gateway.api.headers import invalid_header
from gateway.errors import AttachmentTypeError, UploadCutOffError
from gateway.flow.upload import Upload
from gateway.messaging.party import Caller

IDLE_SECONDS = 60.0
"""Longest wait for the next bytes; who sends nothing holds a file open."""

LONGEST_NAME = 255

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*", re.ASCII)
_DIGESTS = re.compile(r"\s*[a-z0-9*][a-z0-9_.*-]*=:[A-Za-z0-9+/]*={0,2}:\s*", re.ASCII)
_SHA256 = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):", re.ASCII)


def read_upload(headers: Mapping[str, str], receive: Receive, caller: Caller) -> Upload:
    """The upload that a request announces; its content is read as ``chunks`` are asked for.

    Args:
        headers: By lower-case name.
        receive: Of the request.
        caller: Who sends it.

    Raises:
        AttachmentTypeError: There is no ``Content-Type``, or the content is compressed.
        HeaderInvalidError: A header cannot be understood.
    """
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise AttachmentTypeError("Content is taken as it is, without Content-Encoding.")
    return Upload(
        caller=caller,
        media_type=_media_type(headers),
        chunks=chunks_of(receive),
        announced_bytes=announced_bytes(headers),
        file_name=_file_name(headers.get("content-disposition")),
        sha256=_sha256(headers),
    )


async def chunks_of(receive: Receive) -> AsyncIterator[bytes]:
    """The body of a request as it comes.

    Raises:
        UploadCutOffError: The caller went away, or fell silent.
    """
    while True:
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                event = await receive()
        except TimeoutError:
            raise UploadCutOffError(f"Nothing came for {IDLE_SECONDS:g} seconds.") from None
        if event["type"] == "http.disconnect":
            raise UploadCutOffError("The caller went away before the end.")
        if chunk := event.get("body", b""):
            yield chunk
        if not event.get("more_body", False):
            return


def disposition(file_name: str | None) -> str:
    """``Content-Disposition`` of content that is never to be shown in place."""
    if file_name is None:
        return "attachment"
    return f"attachment; filename*=UTF-8''{quote(file_name, safe='')}"


def repr_digest(sha256: bytes) -> str:
    """``Repr-Digest`` of content."""
    return f"sha-256=:{base64.b64encode(sha256).decode('ascii')}:"


def _media_type(headers: Mapping[str, str]) -> str:
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if _MEDIA_TYPE.fullmatch(media_type) is None:
        raise AttachmentTypeError("The header Content-Type must say what the content is.")
    return media_type


def _file_name(header: str | None) -> str | None:
    if header is None:
        return None
    parsed = Message()
    parsed["Content-Disposition"] = header
    name = parsed.get_filename()
    if not parsed.get_content_disposition() or (name is not None and not _is_name(name)):
        detail = 'Send `attachment; filename="…"`, a plain name of at most 255 characters.'
        raise invalid_header("content-disposition", "pattern", detail)
    return name


def _is_name(name: str) -> bool:
    return 0 < len(name) <= LONGEST_NAME and name.isprintable() and not set(name) & set("/\\")


def _sha256(headers: Mapping[str, str]) -> bytes | None:
    found = {
        _one_sha256(name, headers[name])
        for name in ("repr-digest", "content-digest")
        if name in headers
    }
    if len(found) > 1:
        raise invalid_header("repr-digest", "digest", "Content-Digest says something else.")
    return next(iter(found), None)


def _one_sha256(name: str, header: str) -> bytes:
    match = _SHA256.search(header)
    if match is None or not all(_DIGESTS.fullmatch(one) for one in header.split(",")):
        raise invalid_header(name, "digest", "Send `sha-256=:<base64>:`.")
    return base64.b64decode(match[1])
