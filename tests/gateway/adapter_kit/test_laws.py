"""Each law holds for an honest map and is found broken for one that lies."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.adapter_kit.laws import (
    law1,
    law2,
    law3,
    law4,
    law5_document,
    law5_message,
    noted,
    same_in_every_spelling,
)
from gateway.adapter_kit.specimens import wire_message
from gateway.errors import MessageRefusedError, NotExpressibleError, Place, SchemaViolationError
from gateway.translation.ledger import Ledger
from gateway.translation.map import Map, Reading, Writing
from tests.gateway.adapter_kit.conftest import specimen
from tests.gateway.adapter_kit.liar import Liar

DOCUMENT = {"text": "Quendel", "code": "a", "number": 7}
MESSAGE = wire_message("><s:text>Quendel</s:text><s:code>a</s:code><s:number>7</s:number>")
DROPPED = wire_message(' hint="h"><s:display>d</s:display><s:text>Quendel</s:text>')


def forgetful(truth: Map) -> Map:
    """Reads no number."""

    def read(data: bytes, **_more: Any) -> Reading:
        reading = truth.read(data)
        document = {key: value for key, value in reading.document.items() if key != "number"}
        return replace(reading, document=document)

    return cast("Map", Liar(truth, read=read))


def mute(truth: Map) -> Map:
    """Writes no number."""

    def write(document: Mapping[str, Any], **_more: Any) -> Writing:
        return truth.write({key: value for key, value in document.items() if key != "number"})

    return cast("Map", Liar(truth, write=write))


def bookless(truth: Map) -> Map:
    """Keeps no ledger."""

    def read(data: bytes, **_more: Any) -> Reading:
        return replace(truth.read(data), ledger=Ledger())

    return cast("Map", Liar(truth, read=read))


def refusing(truth: Map, *, text: str, places: list[Place]) -> Map:
    """Refuses everything with one text."""

    def refuse(_: object) -> Any:
        raise NotExpressibleError(text, places=places)

    return cast("Map", Liar(truth, read=refuse, write=refuse))


def test_honest_map_keeps_every_law(values: Map) -> None:
    assert law1(values, DOCUMENT).accepted
    assert not law1(values, DOCUMENT).findings
    for law in (law2, law3):
        assert law(values, MESSAGE).accepted
        assert not law(values, MESSAGE).findings
    assert not law5_message(values, MESSAGE)
    assert not law5_document(values, DOCUMENT)
    assert not same_in_every_spelling(values, MESSAGE)


@pytest.mark.parametrize("lie", [forgetful, mute])
def test_value_lost_on_the_way_breaks_law_1_at_its_place(values: Map, lie: Any) -> None:
    assert [finding.pointer for finding in law1(lie(values), DOCUMENT).findings] == ["/number"]


def test_value_not_written_breaks_laws_2_and_3(values: Map) -> None:
    assert [f.pointer for f in law2(mute(values), MESSAGE).findings] == ["/number"]
    assert [f.wire for f in law3(mute(values), MESSAGE).findings] == ["/s:message/s:number"]


def test_drop_that_is_not_in_the_ledger_breaks_law_3(drops: Map) -> None:
    assert not law3(drops, DROPPED).findings
    places = {finding.wire for finding in law3(bookless(drops), DROPPED).findings}
    assert places == {"/s:message/@hint", "/s:message/s:display"}


def test_change_without_effect_breaks_law_5(values: Map, drops: Map) -> None:
    assert law5_document(mute(values), DOCUMENT)
    assert law5_message(forgetful(values), MESSAGE)
    assert {f.wire for f in law5_message(bookless(drops), DROPPED)} >= {"/s:message/@hint"}
    assert not law5_message(drops, DROPPED)


def test_message_refused_or_read_otherwise_in_another_spelling_is_found(values: Map) -> None:
    def picky(data: bytes) -> Reading:
        if b"other0" in data:
            raise SchemaViolationError("no", places=[Place(keyword="x", detail="x", wire="/")])
        return replace(values.read(data), document={"length": len(data)})

    found = same_in_every_spelling(cast("Map", Liar(values, read=picky)), MESSAGE)
    assert {str(finding) for finding in found} >= {"spelling: is refused with other prefixes"}
    assert len(found) > 1


def test_refusal_with_places_is_no_finding(values: Map) -> None:
    spoilt = MESSAGE.replace(b"<s:code>a</s:code>", b"")
    assert law2(values, spoilt).accepted is False
    assert not law2(values, spoilt).findings
    assert not law1(values, {**DOCUMENT, "number": "x"}).accepted


def test_malformed_message_is_a_refusal(values: Map) -> None:
    judged = law3(values, MESSAGE[:-5])
    assert not judged.accepted
    assert not judged.findings


PLACE = Place(keyword="type", detail="d", pointer="/text", wire="/s:message", rule="m.yaml:1")


@pytest.mark.parametrize(
    ("text", "place", "detail"),
    [
        ("the value Quendel is wrong", PLACE, "a refusal holds a value"),
        ("wrong", replace(PLACE, rule=None), "the rule is missing"),
        (
            "wrong",
            replace(PLACE, rule=None, pointer=None, wire=None),
            "a refusal has neither pointer nor wire path",
        ),
    ],
)
def test_badly_made_refusal_breaks_law_4(values: Map, text: str, place: Place, detail: str) -> None:
    liar = refusing(values, text=text, places=[place])
    assert [f.detail for f in law1(liar, DOCUMENT).findings] == [detail]
    assert [f.detail for f in law2(liar, MESSAGE).findings] == [detail]


def test_refusal_without_places_breaks_law_4(values: Map) -> None:
    found = law4(values, MessageRefusedError("no"), [])
    assert [finding.detail for finding in found] == ["a refusal names no place"]


def test_words_of_the_map_are_no_values(values: Map) -> None:
    error = MessageRefusedError("`amount` in s:amount at 2025", places=[PLACE])
    assert not law4(values, error, ["amount", "s:amount", "202"])
    assert law4(values, error, ["2025"])


def test_what_cannot_be_read_again_breaks_laws_1_and_2(values: Map) -> None:
    def write(_: Mapping[str, Any], **_more: Any) -> Writing:
        return Writing(data=wire_message(">"), ledger=Ledger())

    liar = cast("Map", Liar(values, write=write))
    assert law1(liar, DOCUMENT).findings[0].wire
    assert "cannot be written" in law2(liar, MESSAGE).findings[0].detail


def test_findings_name_places_and_no_values(values: Map) -> None:
    text = str(law1(mute(values), DOCUMENT).findings[0])
    assert text == "law 1: reads back as something else [/number]"


def test_every_note_of_a_ledger_is_listed(drops: Map) -> None:
    places = {note.wire for note in noted(drops.read(DROPPED).ledger)}
    assert places == {"/s:message/@hint", "/s:message/s:display"}


def test_blanks_in_an_empty_container_are_no_content(tmp_path: Path) -> None:
    groups = specimen("nested optional groups with and without objects").load(tmp_path)
    message = wire_message('><s:outer kind="k"><s:e>x</s:e></s:outer><s:always>\n </s:always>')
    assert not law3(groups, message).findings


def test_blanks_in_a_text_are_content(values: Map) -> None:
    message = wire_message("><s:text> </s:text><s:code>a</s:code>")
    assert not law3(values, message).findings

    def read(data: bytes, **_more: Any) -> Reading:
        reading = values.read(data)
        return replace(reading, document={**reading.document, "text": ""})

    places = [f.wire for f in law3(cast("Map", Liar(values, read=read)), message).findings]
    assert places == ["/s:message/s:text"]
