"""A form without reverse, ledger entry, lint rule or generator cannot be added."""

import inspect
import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from gateway.adapter_kit.laws import (
    Judged,
    law1,
    law2,
    law3,
    law4,
    law5_document,
    law5_message,
    noted,
    same_in_every_spelling,
)
from gateway.adapter_kit.sampling import sample
from gateway.adapter_kit.specimens import Specimen, specimens, wire_message
from gateway.adapter_kit.trees import parse, strings
from gateway.errors import ConfigurationError, MessageRefusedError
from gateway.translation.form_list import FORMS
from gateway.translation.forms.where import Where
from gateway.translation.keys import FORMS_IN_ORDER
from gateway.translation.ledger import Ledger
from gateway.translation.map import Map

SPECIMENS = specimens()
NAMES = [specimen.name for specimen in SPECIMENS]
LEDGER = {field.name for field in fields(Ledger)}


def test_every_form_of_the_compiler_is_listed() -> None:
    assert set(FORMS_IN_ORDER) <= FORMS.keys()


def test_every_form_has_a_specimen() -> None:
    assert {specimen.form for specimen in SPECIMENS} == set(FORMS)


@pytest.mark.parametrize("name", FORMS)
def test_form_names_its_ledger_entries_and_says_what_it_does(name: str) -> None:
    form = FORMS[name]
    assert form.ledger
    assert set(form.ledger) <= LEDGER
    assert form.says.endswith(".")


@pytest.mark.parametrize("name", FORMS)
def test_rules_of_a_form_read_write_and_check_themselves(name: str) -> None:
    for rule in FORMS[name].rules:
        assert not inspect.isabstract(rule)
        for method in ("read", "write", "lint"):
            assert any(method in vars(kind) for kind in rule.__mro__[:3]), (rule, method)


@pytest.mark.parametrize("specimen", SPECIMENS, ids=NAMES)
def test_laws_hold_on_generated_documents(specimen: Specimen, tmp_path: Path) -> None:
    translation = specimen.load(tmp_path)

    def judge(document: Mapping[str, Any]) -> Judged:
        first = law1(translation, document)
        findings = list(first.findings)
        if first.written is not None:
            findings += law2(translation, first.written).findings
            findings += law3(translation, first.written).findings
            findings += same_in_every_spelling(translation, first.written)
        return Judged(accepted=first.accepted, findings=tuple(findings))

    found = sample(translation.schema, judge, count=60, seed=20260101)

    assert not found.findings
    assert found.drawn >= 50 or found.drawn == found.accepted  # fewer exist
    assert found.accepted > found.drawn / 2


@pytest.mark.parametrize("specimen", SPECIMENS, ids=NAMES)
def test_no_change_goes_unnoticed(specimen: Specimen, tmp_path: Path) -> None:
    translation = specimen.load(tmp_path)

    def judge(document: dict[str, Any]) -> Judged:
        written = law1(translation, document).written
        if written is None:
            return Judged(accepted=False)
        findings = law5_message(translation, written) + law5_document(translation, document)
        return Judged(accepted=True, findings=findings)

    assert not sample(translation.schema, judge, count=10, seed=20260102).findings


@pytest.mark.parametrize("specimen", SPECIMENS, ids=NAMES)
def test_other_spellings_are_in_the_ledger(specimen: Specimen, tmp_path: Path) -> None:
    translation = specimen.load(tmp_path)
    for inside in specimen.messages:
        message = wire_message(inside)

        assert not law2(translation, message).findings
        assert not law3(translation, message).findings
        assert not law5_message(translation, message)


@pytest.mark.parametrize("name", ["const", "drop", "codes", "default", "computed", "group", "api"])
def test_form_writes_the_ledger_entries_it_names(name: str, tmp_path: Path) -> None:
    seen: set[str] = set()
    for specimen in SPECIMENS:
        if specimen.form == name:
            seen |= _entries(specimen.load(tmp_path), specimen)

    assert set(FORMS[name].ledger) <= seen


@pytest.mark.parametrize("specimen", SPECIMENS, ids=NAMES)
def test_wrong_messages_are_refused_with_rule_and_place(specimen: Specimen, tmp_path: Path) -> None:
    translation = specimen.load(tmp_path)
    for inside in specimen.refused:
        message = wire_message(inside)
        with pytest.raises(MessageRefusedError) as refusal:
            translation.read(message)
        place = refusal.value.places[0]
        assert place.wire
        assert place.wire.startswith("/s:message")
        assert re.fullmatch(r"specimen\.(map|fragments)\.yaml:\d+", place.rule or "")
        assert not law4(translation, refusal.value, strings(parse(message)))


@pytest.mark.parametrize("specimen", SPECIMENS, ids=NAMES)
def test_misuse_is_refused_when_the_map_is_loaded(specimen: Specimen, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        specimen.load(tmp_path, broken=True)
    assert refusal.value.places
    for place in refusal.value.places:
        assert re.fullmatch(r"specimen\.(map|fragments)\.yaml:\d+", place.rule or "")


def test_where_stands_for_rules_that_read_themselves() -> None:
    assert Where.picks


def _entries(translation: Map, specimen: Specimen) -> set[str]:
    seen: set[str] = set()
    for inside in specimen.messages:
        ledger = translation.read(wire_message(inside)).ledger
        assert all(note.reason for note in noted(ledger))
        seen |= {name for name in LEDGER if getattr(ledger, name)}
    return seen
