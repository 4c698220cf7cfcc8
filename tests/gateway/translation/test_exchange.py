"""One operation at one adapter."""

import pytest

from gateway.errors import MalformedBodyError, NotExpressibleError, SchemaViolationError
from gateway.translation import Exchange
from gateway.translation.exchange import Choosable, choose_by_root
from tests.gateway.translation.making import STR, Maker, obj, refused, tag, wire


@pytest.fixture
def exchange(make: Maker) -> Exchange:
    person = make(
        '  - { const: p, wire: "@kind" }\n'
        "  - { choice: kind, rules: [ { when: p, api: a, wire: a } ] }\n"
        "  - { supply: message.id, api: id, wire: id }\n",
        obj(kind=tag("p"), a=STR, id=STR),
        name="person",
    )
    free = make(
        "  - { choice: kind, rules: [ { when: f, api: text, wire: t } ] }\n",
        obj(kind=tag("f"), text=STR),
        name="free",
        root="n",
    )
    answer = make("  - { api: a, wire: a }\n", obj(a=STR), name="answer")
    return Exchange(
        [
            Choosable(map=person, when={"kind": "p"}),
            Choosable(map=free, when={"kind": "f"}),
        ],
        [Choosable(map=answer, when={})],
    )


def test_request_is_written_by_the_map_that_its_fields_select(exchange: Exchange) -> None:
    supplies = {"message.id": "7"}
    person = exchange.write_request({"kind": "p", "a": "1"}, supplies)
    assert (person.map.name, person.document) == ("person", {"kind": "p", "a": "1", "id": "7"})
    free = exchange.write_request({"kind": "f", "text": "x"}, supplies)
    assert (free.map.name, free.document) == ("free", {"kind": "f", "text": "x"})


def test_document_that_names_none_of_the_fields_means_the_first_map(exchange: Exchange) -> None:
    given = {"a": "1"}
    written = exchange.write_request(given, {"message.id": "7"})
    assert (written.map.name, written.document) == ("person", {"kind": "p", "a": "1", "id": "7"})
    assert given == {"a": "1"}


def test_first_map_is_left_open_only_where_nothing_is_named(exchange: Exchange) -> None:
    first = exchange.requests[0]
    assert first.is_left_open({"a": "1"})
    assert not first.is_left_open({"kind": "f"})
    assert not first.is_left_open({"kind": None})


def test_request_is_read_by_its_root(exchange: Exchange) -> None:
    for document in ({"kind": "p", "a": "1", "id": "2"}, {"kind": "f", "text": "x"}):
        written = exchange.write_request(document, {})
        read = exchange.read_request(written.writing.data)
        assert (read.map, read.reading.document) == (written.map, document)


def test_answer_is_read_and_written(exchange: Exchange) -> None:
    written = exchange.write_answer({"a": "1"}, {})
    assert exchange.read_answer(written.writing.data).reading.document == {"a": "1"}


def test_document_that_no_map_takes_is_refused(exchange: Exchange) -> None:
    with pytest.raises(NotExpressibleError) as caught:
        exchange.write_request({"kind": "geheim"}, {})
    assert refused(caught.value)[:2] == ("when", "")
    assert "geheim" not in str(caught.value)


def test_root_that_no_map_reads_is_refused(exchange: Exchange) -> None:
    with pytest.raises(SchemaViolationError) as caught:
        exchange.read_request(b"<geheim/>")
    assert refused(caught.value) == ("root", None, "/*")
    assert "geheim" not in str(caught.value)
    with pytest.raises(SchemaViolationError):
        exchange.read_answer(wire(root="n"))


def test_what_is_no_xml_is_refused_before_a_map_is_chosen(exchange: Exchange) -> None:
    with pytest.raises(MalformedBodyError):
        choose_by_root([candidate.map for candidate in exchange.requests], b"<")


def test_trial_numbers_are_the_largest_that_a_request_may_need(
    make: Maker, exchange: Exchange
) -> None:
    number = {"type": "integer", "minimum": 1, "maximum": 999}
    rule = "  - { supply: sequence.file, api: file, wire: file, as: integer }\n"
    counted = Choosable(map=make(rule, obj(file=number)), when={})
    asking = Exchange([counted], [])
    assert (asking.trial_numbers, asking.answer_numbers) == ({"sequence.file": 999}, ())
    answering = Exchange([], [counted])
    assert (answering.trial_numbers, answering.answer_numbers) == ({}, counted.map.sequences)
    assert (exchange.trial_numbers, exchange.answer_numbers) == ({}, ())
