"""The head of a map."""

from pathlib import Path

import pytest

from gateway.errors import ConfigurationError
from gateway.translation.head import head_faults
from gateway.translation.map import compile_rules
from gateway.translation.source import load_yaml

HEAD = """map: a
version: 1
api: a.json
wire:
  format: xml
  schema: t/1
  root: x:m
  namespaces: { x: "urn:t" }
include: []
rules: []
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("map: a\n", "", "needs `map`"),
        ("version: 1", "version: one", "needs `version`"),
        ("version: 1", "version: true", "needs `version`"),
        ("api: a.json\n", "", "needs `api`"),
        ("rules: []", "rules: none", "needs `rules`"),
        ("format: xml", "format: edifact", "`xml`"),
        ("schema: t/1", "schema: 1", "needs `wire.schema`"),
        ("root: x:m", "root: y:m", "prefix `y`"),
        ('{ x: "urn:t" }', "[]", "needs `wire.namespaces`"),
        ('{ x: "urn:t" }', "{ x: 1 }", "texts"),
        ("include: []", "include: parts.yaml", "list of files"),
        ("include: []", "leftovers: report", "`refuse`"),
        ("include: []", "leftover: refuse", "no key `leftover`"),
        ("  format: xml\n", "  format: xml\n  encoding: utf-8\n", "no key `encoding`"),
    ],
)
def test_wrong_head_is_a_fault(tmp_path: Path, old: str, new: str, words: str) -> None:
    path = tmp_path / "a.map.yaml"
    path.write_text(HEAD, encoding="utf-8")
    assert list(head_faults(load_yaml(path))) == []
    path.write_text(HEAD.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        compile_rules(path)
    assert any(words in place.detail for place in caught.value.places)
    assert all(place.rule for place in caught.value.places)


def test_head_without_wire_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.map.yaml"
    path.write_text("map: a\nwire: xml\n", encoding="utf-8")
    details = [place.detail for place in head_faults(load_yaml(path))]
    assert "The map needs `wire`." in details
