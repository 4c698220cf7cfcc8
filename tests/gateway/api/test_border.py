"""The outermost layer."""

import logging

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from gateway.api.border import Border, log_unforeseen
from gateway.api.metrics import Metrics
from gateway.errors import NoRouteError


async def fails(scope: Scope, receive: Receive, send: Send) -> None:
    raise ValueError("secret content")


async def refuses(scope: Scope, receive: Receive, send: Send) -> None:
    raise NoRouteError("No route.")


async def fails_late(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"half", "more_body": True})
    raise ValueError("secret content")


async def test_what_nobody_foresaw_is_answered_and_counted() -> None:
    metrics = Metrics()
    transport = httpx.ASGITransport(Border(fails, metrics))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
        response = await http.get("/")
    assert response.json()["code"] == "internal-error"
    assert b'code="internal-error"' in metrics.exposition()[0]


async def test_an_error_of_ours_is_answered_by_its_class() -> None:
    metrics = Metrics()
    transport = httpx.ASGITransport(Border(refuses, metrics))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
        response = await http.get("/")
    assert (response.status_code, response.json()["code"]) == (422, "no-route")
    assert b'code="no-route"' in metrics.exposition()[0]


async def test_an_answer_that_has_begun_is_not_followed_by_another() -> None:
    sent = []

    async def send(event: object) -> None:
        sent.append(event)

    async def receive() -> dict[str, object]:
        return {"type": "http.request"}

    await Border(fails_late, Metrics())({"type": "http"}, receive, send)
    assert len(sent) == 2


async def test_events_that_are_no_requests_pass() -> None:
    seen = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    async def nothing(*_: object) -> dict[str, object]:
        return {}

    await Border(app, Metrics())({"type": "lifespan"}, nothing, nothing)  # type: ignore[arg-type]
    assert seen == ["lifespan"]


def test_the_log_names_type_and_frames_and_no_text(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ValueError, match="secret") as caught:
        int("secret content")
    with caplog.at_level(logging.ERROR):
        log_unforeseen(caught.value)
    record = vars(caplog.records[0])
    assert record["error"] == "ValueError"
    assert "test_border.py" in record["frames"][0]
    assert "secret" not in caplog.text
