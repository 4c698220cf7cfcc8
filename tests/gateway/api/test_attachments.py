"""The attachment resource over HTTP, around a real store and folder."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.bootstrap import build
from gateway.cli.demo import write_config
from gateway.security.tokens import new_token
from gateway.settings import load_settings

PDF = {"Content-Type": "application/pdf"}
CONTENT = b"%PDF-1.7 " + bytes(2**20 + 7)


@pytest.fixture
async def http(data_home: Path, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    token = new_token()
    settings = load_settings(write_config(tmp_path, token, {"gateway": 8080, "authority": 8090}))
    gateway = build(settings)
    await gateway.desk.start()
    transport = httpx.ASGITransport(app=gateway.app)
    bearer = {"Authorization": f"Bearer {token.token}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://gateway.test", headers=bearer
    ) as client:
        yield client
    await gateway.desk.stop()


async def sent(http: httpx.AsyncClient, **headers: str) -> dict[str, Any]:
    response = await http.post("/v1/attachments", content=CONTENT, headers=PDF | headers)
    assert response.status_code == 201
    document: dict[str, Any] = response.json()
    assert response.headers["Location"] == f"/v1/attachments/{document['id']}"
    return document


async def test_what_was_sent_can_be_looked_at_and_read(http: httpx.AsyncClient) -> None:
    document = await sent(http, **{"Content-Disposition": 'attachment; filename="plan.pdf"'})
    assert document["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    assert document["size"] == len(CONTENT)
    assert document["mediaType"] == "application/pdf"
    assert document["fileName"] == "plan.pdf"
    assert document["expiresAt"] > document["createdAt"]
    looked = await http.get(f"/v1/attachments/{document['id']}")
    assert looked.json() == document
    read = await http.get(f"/v1/attachments/{document['id']}/content")
    assert read.content == CONTENT
    assert read.headers["Content-Length"] == str(len(CONTENT))
    assert read.headers["X-Content-Type-Options"] == "nosniff"


async def test_what_was_removed_is_unknown(http: httpx.AsyncClient) -> None:
    path = f"/v1/attachments/{(await sent(http))['id']}"
    removed = await http.delete(path)
    assert (removed.status_code, removed.content) == (204, b"")
    for method, place in (("GET", path), ("DELETE", path), ("GET", f"{path}/content")):
        gone = await http.request(method, place)
        assert (gone.status_code, gone.json()["code"]) == (404, "attachment-unknown")


async def test_content_that_is_lost_is_told_before_anything_is_sent(
    http: httpx.AsyncClient, tmp_path: Path
) -> None:
    path = f"/v1/attachments/{(await sent(http))['id']}"
    lose(tmp_path)
    lost = await http.get(f"{path}/content")
    assert (lost.status_code, lost.json()["code"]) == (503, "store-unavailable")


async def test_the_path_of_one_tells_all_its_methods(http: httpx.AsyncClient) -> None:
    refused = await http.put("/v1/attachments/x")
    assert refused.status_code == 405
    assert set(refused.headers["Allow"].split(", ")) == {"DELETE", "GET"}


async def test_nobody_without_a_token_sends_or_reads(http: httpx.AsyncClient) -> None:
    path = f"/v1/attachments/{(await sent(http))['id']}"
    http.headers.pop("Authorization")
    for method, place in (("POST", "/v1/attachments"), ("GET", path), ("DELETE", path)):
        refused = await http.request(method, place, headers=PDF)
        assert (refused.status_code, refused.json()["code"]) == (401, "not-authenticated")


def lose(folder: Path) -> None:
    (file,) = folder.glob("*.attachments/??/*")
    file.unlink()
