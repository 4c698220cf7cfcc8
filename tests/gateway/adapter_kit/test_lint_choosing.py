"""The manifest says for every document which map speaks."""

from pathlib import Path
from typing import Any

from gateway.adapter_kit.lint_choosing import choosing_findings
from gateway.registry import load_adapter
from tests.gateway.translation.making import BOOL, STR, Maker, catalogue, obj, tag

MANIFEST = """adapter: test
version: 1
standard: Test
edition: "1"
operations:
  test/ask/v1:
    request: [ ENTRIES ]
"""
KIND = {**STR, "enum": ["x", "y"]}


def found(tmp_path: Path, entries: str, kind: Any = KIND, optional: str = "") -> list[str]:
    rules = "  - { api: kind, wire: a, optional: true }\n  - { api: more, wire: b, as: boolean }\n"
    path = Maker(tmp_path).write(rules, obj(optional, kind=kind, more=BOOL))
    manifest = MANIFEST.replace("ENTRIES", entries)
    (path.parent / "adapter.yaml").write_text(manifest, encoding="utf-8")
    adapter = load_adapter(path.parent, catalogue(path.parent.parent))
    return [
        f"{finding.rule}: {finding.detail}"
        for finding in choosing_findings(adapter, "test/ask/v1")
        if finding.rule != "same-root"  # one map is enough for these tests
    ]


def test_entries_for_every_value_are_complete(tmp_path: Path) -> None:
    entries = "{ map: test, when: { kind: x } }, { map: test, when: { kind: y } }"
    assert found(tmp_path, entries) == []
    assert found(tmp_path, "{ map: test }") == []


def test_a_value_without_an_entry_is_found(tmp_path: Path) -> None:
    assert found(tmp_path, "{ map: test, when: { kind: x } }") == [
        'when-incomplete: test/ask/v1, request: no map takes documents with `kind` "y".'
    ]


def test_values_of_several_fields_are_tried_together(tmp_path: Path) -> None:
    entries = "{ map: test, when: { kind: x } }, { map: test, when: { kind: y, more: true } }"
    (incomplete,) = found(tmp_path, entries)
    assert incomplete.endswith('with `kind` "y" and `more` false.')


def test_a_field_that_may_be_absent_or_anything_else_leaves_a_gap(tmp_path: Path) -> None:
    (incomplete,) = found(tmp_path, "{ map: test, when: { kind: x } }", STR, optional="kind")
    assert incomplete.endswith("with another `kind`; none of the fields.")


def test_an_entry_that_no_document_fits_is_found(tmp_path: Path) -> None:
    entries = "{ map: test, when: { kind: x } }, { map: test, when: { kind: z } }"
    assert found(tmp_path, entries, tag("x")) == [
        "when-never: test/ask/v1, request: no document of the schema fits the `when` of test."
    ]


def test_entries_that_fit_one_document_overlap(tmp_path: Path) -> None:
    entries = "{ map: test, when: { kind: x } }, { map: test, when: { more: true } }"
    assert any(text.startswith("when-overlaps") for text in found(tmp_path, entries))
