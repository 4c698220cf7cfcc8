"""Texts that the standard fixes."""

import pytest

from gateway.errors import NotExpressibleError, SchemaViolationError
from tests.gateway.translation.making import STR, Maker, obj, refused, wire, written

WRITES = [
    ("", "<k>X</k>", "<k>X</k>", 0),
    (", write: always", "<k>X</k>", "<k>X</k>", 0),
    (", write: always", "", "<k>X</k>", 1),
    (", write: never", "<k>X</k>", "", 1),
    (", write: never", "", "", 0),
    ("", "<k> X </k>", "<k>X</k>", 1),
]


@pytest.mark.parametrize(("write", "inside", "out", "notes"), WRITES)
def test_reading_accepts_both_and_notes_the_other(
    make: Maker, write: str, inside: str, out: str, notes: int
) -> None:
    compiled = make(f"  - {{ const: X, wire: k{write} }}\n", obj())
    reading = compiled.read(wire(inside))
    assert [note.wire for note in reading.ledger.normalised] == ["/x:m/k"] * notes
    assert written(compiled, {}) == out


def test_constant_without_write_must_be_there(make: Maker) -> None:
    compiled = make('  - { const: X, wire: "@k" }\n', obj())
    with pytest.raises(SchemaViolationError) as caught:
        compiled.read(wire())
    assert refused(caught.value) == ("required", "", "/x:m/@k")


@pytest.mark.parametrize(("wire_name", "path"), [('"@k"', "/x:m/@k"), ("k", "/x:m/k")])
def test_another_value_is_refused_and_not_named(make: Maker, wire_name: str, path: str) -> None:
    compiled = make(f"  - {{ const: X, wire: {wire_name} }}\n", obj())
    data = wire(attributes='k="geheim"') if "@" in wire_name else wire("<k>geheim</k>")
    with pytest.raises(SchemaViolationError) as caught:
        compiled.read(data)
    assert refused(caught.value) == ("fixed", "", path)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("inside", ["<k>X<b/></k>", "<k a='1'>X</k>"])
def test_more_than_the_text_is_refused(make: Maker, inside: str) -> None:
    compiled = make("  - { const: X, wire: k }\n", obj())
    with pytest.raises(NotExpressibleError):
        compiled.read(wire(inside))


def test_same_value_of_the_type_is_accepted(make: Maker) -> None:
    compiled = make('  - { const: "true", wire: k, as: boolean }\n', obj())
    assert compiled.read(wire("<k>1</k>")).ledger.normalised
    with pytest.raises(SchemaViolationError):
        compiled.read(wire("<k>0</k>"))
    with pytest.raises(SchemaViolationError):
        compiled.read(wire("<k>x</k>"))


@pytest.mark.parametrize(("yaml", "text"), [("true", "true"), ("007", "007"), ("7", "7")])
def test_constant_is_what_the_map_shows(make: Maker, yaml: str, text: str) -> None:
    compiled = make(f"  - {{ const: {yaml}, wire: k }}\n", obj())
    assert written(compiled, {}) == f"<k>{text}</k>"


@pytest.mark.parametrize("value", ['""', "", "[a]", "{ a: b }"])
def test_constant_that_is_no_text_is_a_fault(make: Maker, value: str) -> None:
    (fault,) = make.faults(f"  - {{ const: {value}, wire: k }}\n", obj())
    assert fault.rule == "test.map.yaml:11"


@pytest.mark.parametrize(
    ("write", "inside", "notes", "out"),
    [
        (", write: always", "<g/>", 1, "<g>X</g>"),
        (", write: never", "<g/>", 0, "<g></g>"),
        (", write: never", "<g>X</g>", 1, "<g></g>"),
    ],
)
def test_own_text_may_be_a_constant(
    make: Maker, write: str, inside: str, notes: int, out: str
) -> None:
    rules = f'  - {{ group: {{ wire: g }}, rules: [ {{ const: X, wire: "."{write} }} ] }}\n'
    compiled = make(rules, obj())
    assert len(compiled.read(wire(inside)).ledger.normalised) == notes
    assert written(compiled, {}) == out


def test_text_is_escaped(make: Maker) -> None:
    rules = """
  - { const: 'a"<&', wire: "@k" }
  - { const: "a<&>", wire: k }
  - { api: a, wire: a }
"""
    compiled = make(rules, obj(a=STR))
    assert compiled.read(compiled.write({"a": "1"}).data).document == {"a": "1"}
