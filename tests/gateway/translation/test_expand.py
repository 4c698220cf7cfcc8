"""Fragments put where they are used."""

import pytest

from gateway.errors import SchemaViolationError
from tests.gateway.translation.making import INT, STR, Maker, arr, obj, refused, wire, written

PARTY = """
fragments:
  party:
    parameters: { api: , wire: , kinds: , optional: false }
    rules:
      - group: { wire: $wire, api: $api, optional: $optional }
        rules:
          - { use: kind, with: { table: $kinds } }
          - { api: n, wire: n, as: integer }
  kind:
    parameters: { table: }
    rules: [ { api: kind, wire: "@kind", codes: $table } ]
"""
USE = """
  - each: { wire: i, api: items }
    rules:
      - { use: party, with: { api: a, wire: x:a, kinds: { p: person } } }
      - { use: party, with: { api: b, wire: b, kinds: { q: body }, optional: true } }
"""
ONE = obj(kind=STR, n=INT)
SCHEMA = obj(items=arr(obj("b", a=ONE, b=ONE)))


def test_parameters_are_whole_values(make: Maker) -> None:
    compiled = make(USE, SCHEMA, fragments={"p.yaml": PARTY})
    document = {"items": [{"a": {"kind": "person", "n": 1}, "b": {"kind": "body", "n": 2}}]}
    out = '<i><x:a kind="p"><n>1</n></x:a><b kind="q"><n>2</n></b></i>'
    assert written(compiled, document) == out
    assert compiled.read(wire(out)).document == document


def test_refusal_inside_a_fragment_names_the_line_of_the_fragment(make: Maker) -> None:
    compiled = make(USE, SCHEMA, fragments={"p.yaml": PARTY})
    with pytest.raises(SchemaViolationError) as caught:
        compiled.read(wire('<i><x:a kind="p"><n>1</n></x:a><b kind="q"><n>z</n></b></i>'))
    assert refused(caught.value) == ("type", "/items/0/b/n", "/x:m/i/b/n")
    assert caught.value.places[0].rule == "p.yaml:9"


@pytest.mark.parametrize(
    ("use", "words"),
    [
        ("{ use: nothing }", "No included file"),
        ("{ use: [party] }", "No included file"),
        ("{ use: party, with: { api: a } }", "needs the parameter `wire`"),
        ("{ use: party, with: { api: a, wire: a, kinds: , more: 1 } }", "no parameter `more`"),
        ("{ use: party, with: party }", "mappings"),
        ("{ use: party, api: a }", "no key `api`"),
        ("{ use: broken }", "no parameter `nothing`"),
        ("{ use: empty }", "no `rules`"),
        (
            "{ use: party, when: a, with: { api: a, wire: a, kinds: { p: q } } }",
            "no key `when`",
        ),
    ],
)
def test_wrong_use_is_a_fault(make: Maker, use: str, words: str) -> None:
    more = "  broken: { rules: [ { api: $nothing, wire: a } ] }\n  empty: {}\n"
    faults = make.faults(f"  - {use}\n", obj(a=ONE), fragments={"p.yaml": PARTY + more})
    assert any(words in fault.detail for fault in faults)


def test_same_name_in_two_files_is_refused(make: Maker) -> None:
    again = "fragments:\n  kind: { rules: [] }\n  other: { rules: [] }\n"
    faults = make.faults(USE, SCHEMA, fragments={"p.yaml": PARTY, "q.yaml": again})
    assert [fault.rule for fault in faults] == ["q.yaml:2"]
    assert "p.yaml:" in faults[0].detail


@pytest.mark.parametrize("text", ["other: {}\n", "fragments: [a]\n"])
def test_file_without_fragments_is_refused(make: Maker, text: str) -> None:
    assert [f.rule for f in make.faults("  []\n", obj(), fragments={"p.yaml": text})] == [
        "p.yaml:1"
    ]


@pytest.mark.parametrize("text", ["a: text", "a: { rules: [], parameter: {} }"])
def test_fragment_has_parameters_and_rules_only(make: Maker, text: str) -> None:
    fragments = {"p.yaml": f"fragments:\n  {text}\n"}
    assert [f.rule for f in make.faults("  []\n", obj(), fragments=fragments)] == ["p.yaml:2"]
