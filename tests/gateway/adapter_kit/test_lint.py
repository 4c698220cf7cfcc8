"""Findings about an adapter that no message has shown yet."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gateway.adapter_kit.lint import lint_adapter
from gateway.adapter_kit.lint_finding import REMEDIES, LintFinding
from gateway.adapter_kit.specimens import Specimen, specimens
from tests.gateway.adapter_kit.small_adapter import small_adapter
from tests.gateway.translation.making import STR, Maker, catalogue, obj

MANIFEST = """adapter: test
version: 1
standard: Test
edition: "1"
operations:
  test/ask/v1:
    request: REQUESTS
"""
XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t">
<xs:element name="m"><xs:complexType><xs:sequence>
 <xs:element name="a" type="xs:string"/><xs:element name="b" type="xs:string"/>
</xs:sequence></xs:complexType></xs:element></xs:schema>"""
TEXT = {**STR, "x-pattern": "text"}
CLEAN = "  - { api: one, wire: a }\n  - { api: two, wire: b }\n"


def findings(
    tmp_path: Path,
    rules: str,
    schema: Mapping[str, Any] | None = None,
    requests: str = "[ { map: test } ]",
) -> list[LintFinding]:
    found = schema or obj("two", one=TEXT, two=TEXT)
    path = Maker(tmp_path).write(rules, found, xsd=XSD)
    manifest = MANIFEST.replace("REQUESTS", requests)
    (path.parent / "adapter.yaml").write_text(manifest, encoding="utf-8")
    return list(lint_adapter(path.parent, catalogue(path.parent.parent)))


def test_a_sound_adapter_has_no_findings(tmp_path: Path) -> None:
    assert findings(tmp_path, CLEAN) == []


def test_undecided_leaves_are_found_on_both_sides(tmp_path: Path) -> None:
    wire, canonical = findings(tmp_path, "  - { api: one, wire: a }\n")
    assert (wire.rule, wire.wire) == ("undecided-wire", "/x:m/b")
    assert (canonical.rule, canonical.pointer) == ("undecided-canonical", "/two")
    assert wire.remedy == REMEDIES["undecided-wire"]


def test_a_required_leaf_is_not_dropped(tmp_path: Path) -> None:
    rules = '  - { api: one, wire: a }\n  - { drop: "why", wire: b }\n'
    (found,) = findings(tmp_path, rules, obj(one=TEXT))
    assert (found.rule, found.severity) == ("required-dropped", "error")


def test_rules_stand_in_the_order_of_the_schema(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, "  - { api: two, wire: b }\n  - { api: one, wire: a }\n")
    assert (found.rule, found.wire, found.severity) == ("order", "/x:m/a", "warning")


def test_two_maps_for_one_document_or_root_are_found(tmp_path: Path) -> None:
    found = findings(tmp_path, CLEAN, requests="[ { map: test }, { map: test } ]")
    assert [finding.rule for finding in found] == ["same-root", "when-overlaps"]


def test_two_selectors_of_one_node_are_found(tmp_path: Path) -> None:
    rules = """  - { api: one, wire: a, where: { "@k": x } }
  - { api: two, wire: a, where: { "@k": x }, optional: true }
"""
    (found,) = findings(tmp_path, rules)
    assert (found.severity, found.place) == ("error", "test.map.yaml:12")
    assert "same constant" in found.detail


def test_a_schema_outside_the_subset_is_found(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, CLEAN, obj("two", one=STR, two=TEXT))
    assert (found.rule, found.place) == (
        "schema-subset",
        "test/v1/doc.schema.json#/properties/one",
    )


def test_what_cannot_be_loaded_has_the_same_form(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, "  - { api: one, wier: a }\n")
    assert found.severity == "error"
    assert (found.place or "").startswith("test.map.yaml:")
    assert "Correct the named place" in found.remedy


@pytest.mark.parametrize("found", specimens(), ids=lambda found: found.name)
def test_the_specimen_of_every_form_is_sound(found: Specimen, tmp_path: Path) -> None:
    known = lint_adapter(tmp_path, small_adapter(tmp_path, name=found.name))
    wrong = {finding.rule for finding in known if finding.severity != "note"}
    # Their wire schema takes anything, which no rule can decide about.
    assert wrong <= {"undecided-wire", "optional-required"}
