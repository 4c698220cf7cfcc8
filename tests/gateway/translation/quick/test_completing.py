import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.adapter_kit.generate import documents
from gateway.adapter_kit.specimens import Specimen, specimens
from gateway.translation import Map
from gateway.translation.quick.completing import compile_completer
from gateway.translation.scope import Scope
from tests.gateway.translation.quick.same import LEFT_TO_RULES

Examples = list[tuple[bytes, dict[str, Any]]]

ADDRESS = {"street": "Markt", "houseNumber": "1"}
CONTACTS = [{"channel": "01", "value": "x"}, "no object"]
WHOLES = {"sender.contacts": CONTACTS, "recipient.contacts": CONTACTS, "sender.address": ADDRESS}


def supplied_names(scope: Scope) -> list[str]:
    """Every name that a rule of the scope takes."""
    found = {getattr(rule, "supply", None) for rule in scope.everything()}
    return sorted(name for name in found if name is not None)


def completes_the_same(scope: Scope, document: dict[str, Any], supplies: dict[str, Any]) -> None:
    completer = compile_completer(scope)
    assert completer is not None
    before = copy.deepcopy((document, supplies))
    quick, by_rules = dict(document), dict(document)
    completer(quick, supplies)
    scope.complete(by_rules, supplies)
    assert quick == by_rules
    assert list(quick) == list(by_rules)
    assert (document, supplies) == before


def thinned(document: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    """The document without some parts of it, or with something else in their place."""
    thin: dict[str, Any] = {}
    for name, value in document.items():
        fate = data.draw(st.sampled_from(["keep", "keep", "thin", "drop", "null", "text"]))
        if fate == "thin" and isinstance(value, dict):
            thin[name] = thinned(value, data)
        elif fate == "keep":
            thin[name] = value
        elif fate != "drop":
            thin[name] = None if fate == "null" else "text"
    return thin


@pytest.mark.parametrize("known", ["all", "none", "no code lists"])
def test_every_example_is_completed_as_by_the_rules(
    xmeld_map: Map, examples: Examples, known: str
) -> None:
    names = [] if known == "none" else supplied_names(xmeld_map.scope)
    supplies = {
        name: WHOLES.get(name, f"<{name}>")
        for name in names
        if known == "all" or not name.startswith("codelist.")
    }
    for _, document in examples:
        completes_the_same(xmeld_map.scope, document, supplies)
        for left_out in document:
            rest = {name: value for name, value in document.items() if name != left_out}
            completes_the_same(xmeld_map.scope, rest, supplies)


@settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_documents_with_gaps_are_completed_as_by_the_rules(
    xmeld_map: Map, examples: Examples, data: st.DataObject
) -> None:
    names = supplied_names(xmeld_map.scope)
    some = data.draw(st.sets(st.sampled_from(names))) if names else set()
    supplies = {name: WHOLES.get(name, f"<{name}>") for name in some}
    _, document = data.draw(st.sampled_from(examples))
    completes_the_same(xmeld_map.scope, thinned(document, data), supplies)


@pytest.mark.parametrize("specimen", specimens(), ids=lambda s: s.name)
def test_each_form_is_completed_the_same_or_left_to_the_rules(
    specimen: Specimen, tmp_path: Path
) -> None:
    found = specimen.load(tmp_path)
    if compile_completer(found.scope) is None:
        assert {specimen.form, specimen.name} & LEFT_TO_RULES
        return
    supplies = dict.fromkeys(supplied_names(found.scope), "x")

    @settings(max_examples=40, deadline=None, database=None)
    @given(document=documents(specimen.schema), data=st.data())
    def check(document: dict[str, Any], data: st.DataObject) -> None:
        completes_the_same(found.scope, thinned(document, data), supplies)

    check()
