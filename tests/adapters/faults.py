"""What is done to real messages so that they must be refused, and how the refusal is checked."""

from collections.abc import Mapping
from typing import Any

import pytest

from gateway.adapter_kit.laws import Judged, law1, law4
from gateway.adapter_kit.sampling import Sample, sample
from gateway.adapter_kit.trees import parse, strings
from gateway.errors import MessageRefusedError
from gateway.translation.map import Map
from gateway.validation.catalogue import SchemaCatalogue
from tests.adapters.spoiling import (
    XMELD,
    XSI,
    Edit,
    add,
    add_first,
    double,
    empty,
    move_up,
    put,
    remove,
    rename,
    say,
    spoilt,
)

HEAD = "nachrichtenkopf.g2g/identifikation.nachricht"
BUILDING = "anschrift.autor/gebaeude"

BOTH: dict[str, tuple[str, Edit, str]] = {
    # name of the fault: XPath, what is done there, what the wire path of the refusal holds
    "order swapped": ("nachrichtenkopf.g2g/autor", move_up, "nachrichtenkopf.g2g/autor"),
    "required element missing": (f"{HEAD}/erstellungszeitpunkt", remove, HEAD),
    "house number too long": (f"{BUILDING}/hausnummer", say("12345"), f"{BUILDING}/hausnummer"),
    "postal code with letters": (
        f"{BUILDING}/postleitzahl",
        say("9930X"),
        f"{BUILDING}/postleitzahl",
    ),
    "broken UUID": (f"{HEAD}/nachrichtenUUID", say("6f1c9a54-3a0e"), f"{HEAD}/nachrichtenUUID"),
    "unknown element": (HEAD, add("erfunden", "Quendelkraut"), f"{HEAD}/erfunden"),
    "unknown attribute": (f"{HEAD}/nachrichtenUUID", put("erfunden", "Quendelkraut"), HEAD),
    "second branch of a choice": ("anschrift.autor", add("postfach"), "anschrift.autor"),
    "no branch of a choice": ("anschrift.autor", empty, "anschrift.autor"),
    "text between elements": (HEAD, say("Quendelkraut"), HEAD),
    "wrong namespace": (f"{HEAD}/nachrichtenUUID", rename("{urn:x}nachrichtenUUID"), HEAD),
    "element twice": (f"{HEAD}/erstellungszeitpunkt", double, f"{HEAD}/erstellungszeitpunkt"),
    "impossible day": (f"{HEAD}/erstellungszeitpunkt", say("2026-02-30T09:15:27Z"), HEAD),
    "fixed value changed": (".", put("version", "25.11b"), "/xmeld:datenabruf"),
    "fixed code changed": (f"{HEAD}/nachrichtentyp/code", say("1332"), f"{HEAD}/nachrichtentyp"),
    "type named": (f"{HEAD}/nachrichtenUUID", put(f"{{{XSI}}}type", "xs:token"), HEAD),
    "nothing said with nil": (f"{HEAD}/nachrichtenUUID", put(f"{{{XSI}}}nil", "true"), HEAD),
    "character outside DIN 91379": (
        f"{BUILDING}/strasse",
        say("Straße \u0416\u0443\u043a"),
        f"{BUILDING}/strasse",
    ),
    "element where text stands": (
        f"{BUILDING}/strasse",
        add("b", "Quendelkraut"),
        f"{BUILDING}/strasse",
    ),
}

SAID = "xmeld:antwortSuchanfrage/xmeld:auskunft"
ANSWER_ONLY: dict[str, tuple[str, Edit, str]] = {
    "unknown status": (f"{SAID}/xmeld:ergebnisstatus/code", say("05"), "xmeld:ergebnisstatus"),
    "answer and rejection": (
        "xmeld:antwortSuchanfrage",
        add_first(f"{{{XMELD}}}rueckweisung"),
        "xmeld:antwortSuchanfrage",
    ),
    "neither answer nor rejection": (
        "xmeld:antwortSuchanfrage",
        empty,
        "xmeld:antwortSuchanfrage",
    ),
    "list URI of another list": (
        f"{SAID}/xmeld:ergebnisstatus",
        put("listURI", "urn:anders"),
        "xmeld:ergebnisstatus",
    ),
    "no question named": ("xmeld:ursprungsnachricht", remove, "/xmeld:datenabruf"),
}


def draw(translation: Map, official: SchemaCatalogue, *, count: int) -> Sample:
    schema = official.wire_schema(translation.wire_schema)

    def judge(document: Mapping[str, Any]) -> Judged:
        judged = law1(translation, document)
        if judged.written is not None:
            assert not schema.check(parse(judged.written))
        return judged

    return sample(translation.schema, judge, count=count, seed=20260103)


def assert_refused(translation: Map, message: bytes, fault: tuple[str, Edit, str]) -> None:
    translation.read(message)
    path, edit, expected = fault
    data = spoilt(message, path, edit)

    with pytest.raises(MessageRefusedError) as refusal:
        translation.read(data)

    wires = [place.wire or "" for place in refusal.value.places]
    assert any(expected in wire for wire in wires), wires
    assert not law4(translation, refusal.value, strings(parse(data)))
    assert "Quendelkraut" not in str(refusal.value)
    for place in refusal.value.places:
        assert place.pointer is not None
        assert place.rule
