"""When two calls are the same call."""

import json
from typing import Any

import pytest

from gateway.flow.call import Call
from gateway.flow.fingerprint import canonical_form, fingerprint
from gateway.validation.json_document import parse_json
from tests.gateway.flow.world import ask_for

KEY = bytes(32)


def of(call: Call, *, key: bytes = KEY) -> bytes:
    return fingerprint(call, parse_json(call.body), key=key)


@pytest.mark.parametrize(
    "body",
    [
        b'{"name":"Ada","number":1}',
        b'{ "number" : 1,\n"name": "Ada" }',
        b'{"name":"\\u0041da","number":1}',
    ],
)
def test_how_a_document_is_written_makes_no_difference(body: bytes) -> None:
    assert of(ask_for(body=body)) == of(ask_for({"name": "Ada", "number": 1}))


@pytest.mark.parametrize(
    "changes",
    [{"respond_async": True}, {"traceparent": "00-x"}, {"case_reference": "c"}],
)
def test_what_says_nothing_of_the_request_makes_no_difference(changes: dict[str, Any]) -> None:
    assert of(ask_for(**changes)) == of(ask_for())


@pytest.mark.parametrize(
    "changes",
    [
        {"recipient": None},
        {"purpose": "p"},
        {"test": True},
        {"version": 2},
        {"body": b'{"name":"Bob"}'},
        {"body": b'{"name":"Ada","number":1}'},
        {"body": b'{"name":["Ada"]}'},
    ],
)
def test_what_is_asked_makes_a_difference(changes: dict[str, Any]) -> None:
    assert of(ask_for(**changes)) != of(ask_for())


def test_each_store_has_fingerprints_of_its_own() -> None:
    assert of(ask_for(), key=b"1" * 32) != of(ask_for())
    assert len(of(ask_for())) == 32


@pytest.mark.parametrize("text", ["1.0", "1e400", "-0", str(2**70), '{"a":[1.50,null,true]}'])
def test_every_document_has_a_form(text: str) -> None:
    form = canonical_form(parse_json(text.encode()))
    assert form == canonical_form(parse_json(f" {text} ".encode()))
    assert json.loads(form) is not None


def test_large_integers_stay_exact() -> None:
    assert canonical_form(2**70) != canonical_form(2**70 + 1)
