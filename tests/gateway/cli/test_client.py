"""Talking to a running gateway."""

import json
from typing import Any

import httpx
import pytest

from gateway import errors
from gateway.cli.client import GatewayClient, error_of

PROBLEM: dict[str, Any] = {
    "code": "schema-violation",
    "detail": "Wrong.",
    "messageId": "m-1",
    "errors": [{"pointer": "/a", "keyword": "required", "detail": "Missing."}],
}


def client(handler: Any) -> GatewayClient:
    return GatewayClient("http://gateway", "t", transport=httpx.MockTransport(handler))


def test_the_token_and_the_parameters_are_sent() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == "Bearer t"
        return httpx.Response(200, json={"query": str(request.url.query, "ascii")})

    assert client(handler).get("/x", state="dead", limit=None) == {"query": "state=dead"}


def test_a_problem_document_becomes_its_error() -> None:
    with pytest.raises(errors.SchemaViolationError) as caught:
        client(lambda _: httpx.Response(422, json=PROBLEM)).post("/x", b"{}", {})
    assert caught.value.places[0].pointer == "/a"
    assert "m-1" in caught.value.detail


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"a": 1}'])
def test_anything_else_is_an_error_too(body: bytes) -> None:
    error = error_of(httpx.Response(502, content=body))
    assert "502" in error.detail


def test_a_gateway_that_is_not_there_was_sent_nothing() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(errors.NotSentError):
        client(handler).get("/x")


def test_a_gateway_that_gives_no_answer_may_have_acted() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("late")

    with pytest.raises(errors.OutcomeUnknownError):
        client(handler).post("/x", json.dumps({}).encode(), {})


def test_a_parameter_with_several_values_is_repeated() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"query": str(request.url.query, "ascii")})

    assert client(handler).get("/x", state=["a", "b"]) == {"query": "state=a&state=b"}
