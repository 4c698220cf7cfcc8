import json
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import ConfigurationError, MalformedBodyError, SchemaViolationError
from gateway.simulation.authority import (
    Authority,
    Reply,
    Sighting,
    address,
    load_answers,
    writes_answer,
)
from gateway.simulation.faults import Fault
from gateway.simulation.plan import Effect
from tests.scenarios.amendments.house import registry

ANSWER_ID = "00000000-0000-4000-8000-000000000001"
SIGHTING = Sighting(
    number=1, attempt=1, at=datetime(2026, 3, 1, 8, 30, tzinfo=UTC), answer_id=ANSWER_ID
)


def reply_to(authority: Authority, data: bytes, effect: Effect) -> Reply:
    return authority.reply(authority.read(data), SIGHTING, effect)


def answered(authority: Authority, data: bytes, name: str) -> dict[str, Any]:
    reply = reply_to(authority, data, Effect(answer=name))
    assert (reply.status, reply.content_type) == (200, "application/xml")
    return authority.exchange.read_answer(reply.body).reading.document


@pytest.mark.parametrize("name", ["hit", "several-hits", "no-hit", "rejected"])
def test_answer_refers_to_the_request_and_goes_back_to_who_asked(
    authority: Authority, request_wire: bytes, name: str
) -> None:
    asked = authority.read(request_wire).document
    answer = answered(authority, request_wire, name)
    assert answer["inReplyTo"] == {key: asked[key] for key in ("messageId", "createdAt")}
    assert answer["recipient"]["id"] == asked["sender"]["id"]
    assert answer["sender"]["id"] == asked["recipient"]["id"]
    assert answer["messageId"] == ANSWER_ID
    assert answer["createdAt"] == "2026-03-01T08:30:00.000+00:00"
    assert "test" not in answer


def test_general_rejection_gives_the_request_back(
    authority: Authority, request_wire: bytes
) -> None:
    answer = answered(authority, request_wire, "refused")
    assert answer["outcome"] == "rejected"
    assert b64decode(answer["rejectedMessage"]) == request_wire
    asked = authority.read(request_wire).document
    assert answer["inReplyTo"]["messageId"] == asked["messageId"]
    assert answer["inReplyTo"]["messageType"]["code"] == "1330"


def test_content_of_the_answer_is_the_example(
    authority: Authority, request_wire: bytes, examples: Path
) -> None:
    example = json.loads((examples / "answer-hit.api.json").read_bytes())
    assert answered(authority, request_wire, "hit")["result"] == example["result"]


def test_message_id_is_what_answers_join_on(authority: Authority, request_wire: bytes) -> None:
    asked = authority.read(request_wire)
    assert asked.message_id == asked.document["messageId"]


def test_test_marker_of_the_request_is_returned() -> None:
    assert address({"test": "old", "messageId": "x"}, {"test": "new"})["test"] == "new"


def test_a_document_without_parties_gets_none() -> None:
    answer = address({"inReplyTo": {"messageId": "old"}}, {"messageId": "new"})
    assert answer == {"inReplyTo": {"messageId": "new"}}


def test_example_is_not_changed() -> None:
    example = {"messageId": "x", "inReplyTo": {"messageId": "y"}, "sender": {"product": "p"}}
    before = json.dumps(example)
    answer = address(example, {"messageId": "z", "recipient": {"id": "a", "product": "q"}})
    assert json.dumps(example) == before
    assert answer == {
        "inReplyTo": {"messageId": "z"},
        "sender": {"product": "p", "id": "a"},
    }


def test_malformed_answer_cannot_be_parsed(authority: Authority, request_wire: bytes) -> None:
    reply = reply_to(authority, request_wire, Effect(answer="hit", fault=Fault.MALFORMED))
    assert reply.status == 200
    with pytest.raises(MalformedBodyError):
        authority.exchange.read_answer(reply.body)


def test_status_is_sent_without_an_answer(authority: Authority, request_wire: bytes) -> None:
    reply = reply_to(authority, request_wire, Effect(answer="hit", status=503))
    assert (reply.status, reply.body) == (503, b"The simulated authority was told to answer 503.")
    assert reply.headers == {}
    effect = Effect(
        answer="hit", status=429, body="<busy/>", retry_after=7, content_type="text/xml"
    )
    assert reply_to(authority, request_wire, effect) == Reply(
        status=429,
        body=b"<busy/>",
        content_type="text/xml",
        headers={"Retry-After": "7"},
        effect=effect,
    )


@pytest.mark.parametrize(
    ("fault", "status", "headers"),
    [
        (Fault.DROP, 200, {}),
        (Fault.RESET, 200, {}),
        (Fault.AWAY, 200, {}),
        (Fault.EMPTY, 200, {}),
        (Fault.RECEIPT, 202, {}),
        (Fault.REDIRECT, 307, {"Location": "/elsewhere"}),
    ],
)
def test_fault_without_an_answer_has_no_body(
    authority: Authority, request_wire: bytes, fault: Fault, status: int, headers: dict[str, str]
) -> None:
    reply = reply_to(authority, request_wire, Effect(answer="no such example", fault=fault))
    assert (reply.status, reply.body, reply.content_type) == (status, b"", "")
    assert reply.headers == headers
    assert reply.effect.fault is fault


def test_foreign_answer_is_right_and_names_another_message(
    authority: Authority, request_wire: bytes
) -> None:
    reply = reply_to(authority, request_wire, Effect(answer="hit", fault=Fault.FOREIGN))
    answer = authority.exchange.read_answer(reply.body).reading.document
    asked = authority.read(request_wire).document
    assert answer["inReplyTo"]["messageId"] != asked["messageId"]
    assert answer["inReplyTo"]["createdAt"] == asked["createdAt"]


def test_media_type_of_an_answer_may_be_another(authority: Authority, request_wire: bytes) -> None:
    reply = reply_to(authority, request_wire, Effect(answer="hit", content_type="text/html"))
    assert (reply.status, reply.content_type) == (200, "text/html")


def test_rubbish_is_the_same_for_the_same_request(
    authority: Authority, request_wire: bytes
) -> None:
    effect = Effect(answer="hit", fault=Fault.RUBBISH)
    first, second = (reply_to(authority, request_wire, effect).body for _ in range(2))
    assert first == second
    assert len(first) == 512


def test_request_that_breaks_the_wire_schema_is_refused(
    authority: Authority, request_wire: bytes
) -> None:
    with pytest.raises(SchemaViolationError):
        authority.read(request_wire.replace(b"nachrichtenUUID", b"nachrichtenId"))


def test_missing_and_broken_examples_are_all_named(tmp_path: Path) -> None:
    (tmp_path / "answer-list.api.json").write_text("[]")
    (tmp_path / "answer-broken.api.json").write_text("{")
    with pytest.raises(ConfigurationError) as caught:
        load_answers(tmp_path, {"list": "plan.yaml:1", "broken": "", "missing": "plan.yaml:7"})
    assert [place.rule for place in caught.value.places] == [None, "plan.yaml:1", "plan.yaml:7"]
    assert "answer-broken.api.json" in caught.value.places[0].detail


def test_answers_are_counted_where_their_format_counts() -> None:
    with registry() as (app, _):
        authority = app._authority
        supplies = {"message.id": ANSWER_ID, "sequence.out": 7}
        document = {"person": "Ada", "change": 1}
        wire = authority.exchange.write_request(document, supplies).writing.data
        effect = Effect(answer="taken")
        for answers, number in ((0, 1), (4, 5), (999_999, 1)):
            sighting = replace(SIGHTING, answers=answers)
            reply = authority.reply(authority.read(wire), sighting, effect)
            read = authority.exchange.read_answer(reply.body).reading.document
            assert read["sequence"] == number


@pytest.mark.parametrize(
    ("effect", "counted"),
    [
        (Effect(answer="taken"), True),
        (Effect(answer="taken", fault=Fault.HALF), True),
        (Effect(answer="taken", status=503), False),
        (Effect(answer="taken", fault=Fault.DROP), False),
    ],
)
def test_only_answers_that_are_written_are_counted(effect: Effect, *, counted: bool) -> None:
    assert writes_answer(effect) is counted
