"""Bodies of typed routes: bounded, each property once, and faults without what was sent."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.api.replays import BODY_LIMIT_BYTES
from tests.gateway.api.letter_app import LetterApp, running
from tests.gateway.flow.letter_world import LetterWorld

PATH = "/v1/messages/replay"
JSON = {"content-type": "application/json"}


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[LetterApp]:
    async with running(LetterWorld(tmp_path / "messages.db")) as app:
        yield app


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "body-malformed"),
        (b"{", 400, "body-malformed"),
        (b'{"dryRun":true,"dryRun":false}', 400, "body-malformed"),
        (b"[]", 400, "parameter-invalid"),
        (b'"x"', 400, "parameter-invalid"),
        (b'{"dry_run":false,"dryrun":false}', 400, "parameter-invalid"),
        (b'{"limit":0}', 400, "parameter-invalid"),
        (b'{"limit":10001}', 400, "parameter-invalid"),
        (b'{"limit":"10"}', 400, "parameter-invalid"),
        (b'{"limit":true}', 400, "parameter-invalid"),
        (b'{"dryRun":0}', 400, "parameter-invalid"),
        (b'{"notTaken":"yes"}', 400, "parameter-invalid"),
        (b'{"ratePerSecond":"1"}', 400, "parameter-invalid"),
        (b'{"ratePerSecond":0}', 400, "parameter-invalid"),
        (b'{"state":["answered"]}', 400, "parameter-invalid"),
        (b'{"since":5}', 400, "parameter-invalid"),
        (b'{"digest":"x"}', 400, "parameter-invalid"),
        (b" " * (BODY_LIMIT_BYTES + 1), 413, "body-too-large"),
        (b"{}", 200, None),
        (b'{"ratePerSecond":null}', 200, None),
        (b'{"ratePerSecond":0.5,"since":"2026-01-31T08:00:00Z"}', 200, None),
    ],
)
async def test_a_body_is_taken_or_refused(
    app: LetterApp, body: bytes, status: int, code: str | None
) -> None:
    response = await app.http.post(PATH, content=body, headers=JSON)
    assert (response.status_code, response.json().get("code")) == (status, code)


async def test_another_type_is_refused(app: LetterApp) -> None:
    response = await app.http.post(PATH, content=b"{}", headers={"content-type": "text/plain"})
    assert (response.status_code, response.json()["code"]) == (415, "media-type-unsupported")


async def test_a_fault_shows_nothing_of_what_was_sent(app: LetterApp) -> None:
    body = json.dumps({"Quendel Anna": 1, "operation": ["Geheim"]})
    response = await app.http.post(PATH, content=body, headers=JSON)
    assert response.status_code == 400
    assert "Quendel" not in response.text
    assert "Geheim" not in response.text
    details = {place["detail"] for place in response.json()["errors"]}
    assert "operation: not of its form." in details
