"""What the headers of an upload say, and its content as it comes."""

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.api import upload as module
from gateway.api.upload import chunks_of, disposition, read_upload, repr_digest
from gateway.errors import AttachmentTypeError, HeaderInvalidError, UploadCutOffError
from gateway.flow.upload import Upload
from tests.gateway.flow.world import CALLER

PDF = {"content-type": "application/pdf"}
SHA256 = hashlib.sha256(b"x").digest()
ENCODED = base64.b64encode(SHA256).decode()
OTHER = base64.b64encode(bytes(32)).decode()


def receiving(*events: dict[str, Any]) -> Callable[[], Awaitable[dict[str, Any]]]:
    left = list(events)

    async def receive() -> dict[str, Any]:
        if not left:
            await asyncio.sleep(60)
        return left.pop(0)

    return receive


def part(body: bytes, *, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def read(**headers: str) -> Upload:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_upload(PDF | named, receiving(), CALLER)


async def collected(*events: dict[str, Any]) -> list[bytes]:
    return [chunk async for chunk in chunks_of(receiving(*events))]


async def test_content_is_passed_on_as_it_comes() -> None:
    assert await collected(part(b"a"), part(b""), part(b"bc"), part(b"d", more=False)) == [
        b"a",
        b"bc",
        b"d",
    ]
    assert await collected(part(b"", more=False)) == []


async def test_a_caller_that_goes_away_or_falls_silent_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(UploadCutOffError, match="went away"):
        await collected(part(b"a"), {"type": "http.disconnect"})
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.01)
    with pytest.raises(UploadCutOffError, match="Nothing came"):
        await collected(part(b"a"))


def test_headers_say_what_it_is() -> None:
    upload = read(content_type="Application/PDF; x=y", content_length="7")
    assert upload.media_type == "application/pdf"
    assert upload.announced_bytes == 7
    assert upload.file_name is None
    assert upload.sha256 is None


@pytest.mark.parametrize(
    "headers",
    [
        {"content_type": ""},
        {"content_type": "pdf"},
        {"content_type": "*/*"},
        {"content_encoding": "gzip"},
    ],
)
def test_content_without_a_type_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(AttachmentTypeError):
        read(**headers)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="plan.pdf"', "plan.pdf"),
        ("attachment; filename=plan.pdf", "plan.pdf"),
        ("attachment; filename*=UTF-8''Pl%C3%A4ne%20A.pdf", "Pläne A.pdf"),
        ("attachment", None),
    ],
)
def test_a_name_is_read(header: str, name: str | None) -> None:
    assert read(content_disposition=header).file_name == name
    assert read(content_disposition=disposition(name)).file_name == name


@pytest.mark.parametrize(
    "header",
    [
        "",
        'attachment; filename="../../etc/passwd"',
        'attachment; filename="a\\\\b"',
        'attachment; filename=""',
        f'attachment; filename="{"x" * 256}"',
        "attachment; filename*=UTF-8''a%0Ab",
    ],
)
def test_a_name_that_is_none_is_refused(header: str) -> None:
    with pytest.raises(HeaderInvalidError):
        read(content_disposition=header)


@pytest.mark.parametrize(
    "headers",
    [
        {"repr_digest": f"sha-256=:{ENCODED}:"},
        {"content_digest": f"sha-256=:{ENCODED}:"},
        {"repr_digest": f"sha-512=:AAAA:, sha-256=:{ENCODED}:"},
        {"repr_digest": f"sha-256=:{ENCODED}:", "content_digest": f"sha-256=:{ENCODED}:"},
    ],
)
def test_a_digest_is_read(headers: dict[str, str]) -> None:
    assert read(**headers).sha256 == SHA256


@pytest.mark.parametrize(
    "headers",
    [
        {"repr_digest": ""},
        {"repr_digest": "sha-512=:AAAA:"},
        {"repr_digest": ENCODED},
        {"repr_digest": f"sha-256=:{ENCODED[:-4]}:"},
        {"repr_digest": f"sha-256=:{ENCODED}:, rubbish"},
        {"repr_digest": f"sha-256=:{ENCODED}:", "content_digest": f"sha-256=:{OTHER}:"},
    ],
)
def test_a_digest_that_cannot_be_compared_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(HeaderInvalidError):
        read(**headers)


def test_a_digest_that_is_told_can_be_sent_back() -> None:
    assert read(repr_digest=repr_digest(SHA256)).sha256 == SHA256
