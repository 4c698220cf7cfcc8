"""What is stored of a message's content."""

from gateway.flow.stages import answer_stages, canonical_json, kept_bytes, request_stages
from gateway.messaging.message import Stage, StageKind
from gateway.messaging.ports import WireAnswer
from tests.gateway.flow.world import MESSAGE_ID, PlainExchange


def test_canonical_form_keeps_order_letters_and_big_numbers() -> None:
    assert canonical_json({"b": "ä", "a": 1}) == '{"b":"ä","a":1}'.encode()
    assert canonical_json({"b": "ä", "a": 2**70}) == f'{{"b":"ä","a":{2**70}}}'.encode()


def test_wire_request_carries_map_schema_and_ledger() -> None:
    supplies = {"message.id": MESSAGE_ID, "recipient.name": "Office"}
    written = PlainExchange().write_request({"name": "Ada"}, supplies)
    canonical, wire = request_stages(written)
    assert canonical == Stage(
        kind=StageKind.CANONICAL_REQUEST,
        body=canonical_json(written.document),
        media_type="application/json",
    )
    assert wire == Stage(
        kind=StageKind.WIRE_REQUEST,
        body=written.writing.data,
        media_type="application/xml",
        map_version="plain/search@1",
        wire_schema="profile:00",
        ledger=b'{"mapped":1}',
    )


def test_wire_answer_is_kept_as_it_came() -> None:
    came = WireAnswer(body=b'<{"a": 1}>', content_type=None)
    wire, canonical = answer_stages(came, PlainExchange().read_answer(came.body))
    assert (wire.kind, wire.body) == (StageKind.WIRE_ANSWER, came.body)
    assert (wire.map_version, wire.ledger) == ("plain/search@1", b'{"mapped":1}')
    assert (canonical.kind, canonical.body) == (StageKind.CANONICAL_ANSWER, b'{"a":1}')


def test_what_a_map_keeps_beside_the_answer_is_a_stage_before_it() -> None:
    came = WireAnswer(body=b'<{"a": 1}>', content_type=None)
    read = PlainExchange().read_answer(came.body)
    read.reading.kept["/x:m/note"] = ["<note></note>"]
    kinds = [(stage.kind, stage.body) for stage in answer_stages(came, read)]
    assert kinds[1] == (StageKind.KEPT_ANSWER, b'{"/x:m/note":["<note></note>"]}')
    assert kinds[2] == (StageKind.CANONICAL_ANSWER, b'{"a":1}')


def test_unread_answer_is_bytes_of_some_kind() -> None:
    assert kept_bytes(b"x", None).media_type == "application/octet-stream"
    assert kept_bytes(b"x", "text/html").media_type == "text/html"
    assert kept_bytes(b"x", None).map_version is None
