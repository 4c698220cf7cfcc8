"""Steps 1 to 4: every call that must be refused is, with the class and place a caller needs."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from typing_extensions import override

from gateway.errors import (
    BodyTooLargeError,
    ChannelClosedError,
    GatewayError,
    MalformedBodyError,
    NoRouteError,
    NoTestsTakenError,
    NotExpressibleError,
    PermissionDeniedError,
    RecipientMismatchError,
    RecipientMissingError,
    SchemaViolationError,
    UnknownOperationError,
)
from gateway.flow.call import Call
from gateway.flow.check import check
from gateway.messaging.message import MessageId
from gateway.messaging.route import Route
from tests.gateway.flow.world import (
    AUTHORITY,
    CALLER,
    MESSAGE_ID,
    NOON,
    QUERY,
    SUBMISSION,
    UNKNOWN_AUTHORITY,
    PlainExchange,
    PlainRead,
    PlainWritten,
    World,
    ask_for,
)


def test_sound_call_is_completed_translated_and_routed() -> None:
    checked = World().checked(ask_for())
    assert checked.authority == AUTHORITY
    assert checked.lane.channel.name == "main"
    canonical, wire = checked.stages
    assert json.loads(canonical.body) == {"messageId": MESSAGE_ID, "name": "Ada"}
    assert wire.body.startswith(b"<")


def test_recipient_of_the_document_is_taken_where_no_header_names_one() -> None:
    call = ask_for({"name": "Ada", "recipient": {"id": AUTHORITY}}, recipient=None)
    assert World().checked(call).authority == AUTHORITY


@pytest.mark.parametrize(
    ("call", "error"),
    [
        pytest.param(ask_for(version=9), UnknownOperationError, id="no such version"),
        pytest.param(ask_for(body=b" " * 501), BodyTooLargeError, id="too long"),
        pytest.param(ask_for(body=b"{"), MalformedBodyError, id="not JSON"),
        pytest.param(ask_for(body=b'{"name":"a","name":"b"}'), MalformedBodyError, id="twice"),
        pytest.param(ask_for({"nam": 1}), SchemaViolationError, id="schema"),
        pytest.param(ask_for([]), SchemaViolationError, id="no object"),
        pytest.param(ask_for(recipient=None), RecipientMissingError, id="nobody named"),
        pytest.param(
            ask_for(operation=SUBMISSION, recipient=None), RecipientMissingError, id="header only"
        ),
        pytest.param(
            ask_for({"name": "Ada", "recipient": {"id": 7}}, recipient=None),
            RecipientMissingError,
            id="recipient is no text",
        ),
        pytest.param(
            ask_for({"name": "Ada", "recipient": {"id": "ags:09"}}),
            RecipientMismatchError,
            id="two recipients",
        ),
        pytest.param(ask_for(recipient="ags:01"), PermissionDeniedError, id="not granted"),
        pytest.param(ask_for({"name": "<"}), NotExpressibleError, id="not expressible"),
        pytest.param(ask_for(test=True), NoTestsTakenError, id="no tests there"),
    ],
)
def test_call_out_of_order_is_refused(call: Call, error: type[GatewayError]) -> None:
    with pytest.raises(error):
        World().checked(call)


def test_all_faults_of_a_document_are_named_at_once() -> None:
    with pytest.raises(SchemaViolationError) as caught:
        World().checked(ask_for({"nam": 1, "number": "x"}))
    assert len(caught.value.places) == 3
    assert "3 places" in caught.value.detail
    with pytest.raises(SchemaViolationError, match="1 place"):
        World().checked(ask_for({}))


def test_permission_is_checked_before_the_document_is_judged() -> None:
    with pytest.raises(PermissionDeniedError):
        World().checked(ask_for({"nam": 1}, recipient="ags:01"))


def test_header_recipient_stands_beside_a_document_that_names_none() -> None:
    call = ask_for({"name": "Ada", "recipient": {"other": "x"}})
    assert World().checked(call).authority == AUTHORITY


def test_schema_that_takes_anything_still_needs_an_object() -> None:
    world = World()
    directory = world.directory
    anything = type(directory.schemas[QUERY.key])({}, name="anything")
    directory = replace(directory, schemas={QUERY.key: anything})
    with pytest.raises(SchemaViolationError, match="not an object"):
        check(ask_for([]), directory, message_id=MESSAGE_ID, now=NOON)


@pytest.mark.parametrize("field", ["id", "directory", "name"])
def test_foreign_sender_is_refused_with_its_place(field: str) -> None:
    with pytest.raises(PermissionDeniedError) as caught:
        World().checked(ask_for({"name": "Ada", "sender": {field: "somebody else"}}))
    assert [place.pointer for place in caught.value.places] == [f"/sender/{field}"]
    assert "somebody else" not in str(caught.value)


def test_callers_own_party_may_stand_in_the_document() -> None:
    sender = {"id": CALLER.party.id, "name": CALLER.party.name, "contacts": ["clerk"]}
    World().checked(ask_for({"name": "Ada", "sender": sender}))


def test_message_id_of_the_caller_is_refused() -> None:
    with pytest.raises(SchemaViolationError) as caught:
        World().checked(ask_for({"name": "Ada", "messageId": "mine"}))
    assert [place.pointer for place in caught.value.places] == ["/messageId"]


def test_what_the_gateway_cannot_supply_is_named() -> None:
    with pytest.raises(SchemaViolationError) as caught:
        World().checked(ask_for(recipient=UNKNOWN_AUTHORITY))
    (detail,) = [p.detail for p in caught.value.places if p.keyword == "supply"]
    assert "recipient.name" in detail
    assert "recipient.id" not in detail


def test_other_faults_of_the_completed_document_pass_through() -> None:
    class Strict(PlainExchange):
        @override
        def write_request(self, document: Any, supplies: Any) -> PlainWritten:
            raise SchemaViolationError("It is wrong.")

    with pytest.raises(SchemaViolationError, match="It is wrong") as caught:
        World(exchange=Strict()).checked(ask_for())
    assert caught.value.places == ()


def test_route_not_in_force_today_is_no_route() -> None:
    world = World()
    old = Route(
        operation=QUERY.key, area="ags:09", channel="main", valid_until=NOON.date() - timedelta(1)
    )
    with pytest.raises(NoRouteError):
        check(ask_for(), replace(world.directory, routes=[old]), message_id=MESSAGE_ID, now=NOON)


@pytest.mark.parametrize("closed", ["channel", "operation"])
def test_closed_channel_says_so(closed: str) -> None:
    world = World()
    lanes = {} if closed == "channel" else {"main": replace(world.lane, exchanges={})}
    with pytest.raises(ChannelClosedError, match="main"):
        check(ask_for(), replace(world.directory, lanes=lanes), message_id=MESSAGE_ID, now=NOON)


def test_test_message_is_marked_where_tests_are_taken() -> None:
    world = World()
    world.channel = replace(world.channel, accepts_tests=True, test_text="Only a test")
    world.checked(ask_for(test=True))
    assert world.exchange.supplies["test"] == "Only a test"


def test_supplies_name_message_parties_product() -> None:
    world = World()
    world.checked(ask_for())
    assert world.exchange.supplies == {
        "message.id": MESSAGE_ID,
        "message.createdAt": "2026-01-15T12:00:00+00:00",
        "sender.id": "ags:01001000",
        "sender.directory": "DVDV",
        "sender.name": "Town hall",
        "sender.contacts": [{"mail": "x"}],
        "recipient.id": AUTHORITY,
        "recipient.directory": "DVDV",
        "recipient.name": "Office",
        "recipient.address": {"city": "X"},
        "product.name": "gateway",
        "product.manufacturer": "us",
        "product.version": "1",
    }


def test_plain_exchange_reads_what_it_wrote() -> None:
    canonical, wire = World().checked(ask_for()).stages
    read: PlainRead = PlainExchange().read_answer(wire.body)
    assert read.reading.document == json.loads(canonical.body)
    assert MessageId(read.reading.document["messageId"]) == MESSAGE_ID
