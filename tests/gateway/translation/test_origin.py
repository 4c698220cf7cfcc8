"""The origin of every value."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.adapter_kit.specimens import Specimen, specimens, wire_message
from gateway.adapter_kit.trees import parse
from gateway.translation import load_map
from gateway.translation.origin import Origin, explain
from tests.gateway.translation.making import STR, Maker, arr, obj, tag, wire

XMELD = Path(__file__).parents[3] / "adapters" / "xmeld"
RULES = """  - { drop: "not needed", wire: "@o" }
  - each: { wire: a, api: list }
    rules: [ { api: text, wire: b } ]
  - { api: more, wire: c, default: none }
"""
CASES = [
    ("person-search", "search-full"),
    ("person-answer", "answer-several-hits"),
    ("person-answer", "answer-rejected"),
]


def leaves(value: Any, pointer: str = "") -> Iterator[str]:
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in inside:
        if isinstance(inner, dict | list):
            yield from leaves(inner, f"{pointer}/{key}")
        else:
            yield f"{pointer}/{key}"


def test_each_value_has_its_place_on_both_sides_and_its_rule(tmp_path: Path) -> None:
    schema = obj(list=arr(obj(text=STR)), more=STR)
    translation = Maker(tmp_path)(RULES, schema)
    found = explain(translation, wire("<a><b>x</b></a><a><b>y</b></a>", 'o="1"'))
    assert [(o.kind, o.pointer, o.wire) for o in found] == [
        ("dropped", None, "/x:m/@o"),
        ("mapped", "/list/0/text", "/x:m/a[1]/b"),
        ("mapped", "/list/1/text", "/x:m/a[2]/b"),
        ("defaulted", "/more", "/x:m/c"),
    ]
    assert found[0].reason == "not needed"
    assert isinstance(found[0], Origin)
    assert all(origin.rule.startswith("test.map.yaml:") for origin in found)


@pytest.mark.parametrize(("name", "case"), CASES)
def test_every_value_of_an_example_has_an_origin(name: str, case: str) -> None:
    translation = load_map(XMELD / f"{name}.map.yaml")
    data = (XMELD / "examples" / f"{case}.wire.xml").read_bytes()
    found = explain(translation, data)
    document = translation.read(data).document
    assert set(leaves(document)) == {o.pointer for o in found if o.pointer is not None}
    values = sum(len(node.attrib) + (len(node) == 0) for node in parse(data).iter())
    assert len({origin.wire for origin in found}) >= values


@pytest.mark.parametrize("specimen", specimens(), ids=lambda specimen: specimen.name)
def test_every_value_of_a_specimen_is_explained(specimen: Specimen, tmp_path: Path) -> None:
    """Each leaf of the document has an origin that names it, whatever forms carried it."""
    translation = specimen.load(tmp_path)
    for inside in specimen.messages:
        message = wire_message(inside)
        pointers = {origin.pointer for origin in explain(translation, message)}
        for leaf in leaves(translation.read(message).document):
            # A code that is kept beside its word is one value of two fields.
            assert {leaf, leaf.rpartition("/")[0]} & pointers, leaf


KINDS = """  - each: { api: entries }
    choice: kind
    rules:
      - { when: note, api: note, wire: n }
      - { when: mark, group: { wire: p }, rules: [ { api: name, wire: "@name" } ] }
  - group: { wire: g, api: party }
    choice: kind
    on: "@k"
    rules:
      - { when: one, is: "1", rules: [ { api: text, wire: "." } ] }
  - zip: stays
    lists: [ { api: place, wire: s }, { api: day, wire: t } ]
"""


def test_items_and_kinds_have_their_own_places(make: Maker) -> None:
    entries = {"oneOf": [obj(kind=tag("note"), note=STR), obj(kind=tag("mark"), name=STR)]}
    schema = obj(
        entries=arr(entries),
        party={"oneOf": [obj(kind=tag("one"), text=STR)]},
        stays=arr(obj(place=STR, day=STR)),
    )
    message = wire('<n/><p name="x"/><n/><g k="1">y</g><s/><s/><t/><t/>')
    found = {(o.wire, o.pointer, o.kind) for o in explain(make(KINDS, schema), message)}
    assert {
        ("/x:m/n[2]", "/entries/2/kind", "mapped"),
        ("/x:m/n[2]", "/entries/2/note", "mapped"),
        ("/x:m/p/@name", "/entries/1/name", "mapped"),
        ("/x:m/g", "/party/kind", "mapped"),
        ("/x:m/g/@k", None, "const"),
        ("/x:m/g", "/party/text", "mapped"),
        ("/x:m/s[2]", "/stays/1/place", "mapped"),
        ("/x:m/t[2]", "/stays/1/day", "mapped"),
    } <= found
