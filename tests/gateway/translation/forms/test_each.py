"""Repeats and arrays."""

from copy import deepcopy
from typing import Any

import pytest

from gateway.errors import NotExpressibleError, SchemaViolationError
from tests.gateway.translation.making import INT, STR, Maker, arr, obj, refused, wire, written

NESTED = """
  - each: { wire: o, api: outer, optional: true }
    rules:
      - each: { wire: i, api: inner }
        rules:
          - { api: n, wire: "@n", as: integer }
          - { api: a, wire: a, as: digits, optional: true }
"""
NESTED_SCHEMA = obj("outer", outer=arr(obj(inner=arr(obj("a", n=INT, a=STR)))))


def test_order_is_kept_in_both_directions(make: Maker) -> None:
    compiled = make(NESTED, NESTED_SCHEMA)
    document = {"outer": [{"inner": [{"n": 1}, {"n": 2}]}, {"inner": [{"n": 3, "a": "4"}]}]}
    out = '<o><i n="1"></i><i n="2"></i></o><o><i n="3"><a>4</a></i></o>'
    assert written(compiled, document) == out
    assert compiled.read(wire(out)).document == document
    assert written(compiled, {}) == ""
    assert compiled.read(wire()).document == {}


def test_value_refused_inside_nested_repeats_has_its_numbers(make: Maker) -> None:
    compiled = make(NESTED, NESTED_SCHEMA)
    inside = '<o><i n="1"/></o><o><i n="1"/><i n="2"><a>geheim</a></i></o>'
    with pytest.raises(SchemaViolationError) as reading:
        compiled.read(wire(inside))
    assert refused(reading.value) == ("type", "/outer/1/inner/1/a", "/x:m/o[2]/i[2]/a")
    document = {"outer": [{"inner": [{"n": 1}]}, {"inner": [{"n": 1}, {"n": 2, "a": "geheim"}]}]}
    with pytest.raises(NotExpressibleError) as writing:
        compiled.write(document)
    assert refused(writing.value) == ("type", "/outer/1/inner/1/a", "/x:m/o[2]/i[2]/a")
    assert "geheim" not in f"{reading.value}{writing.value}"


def test_leftover_inside_nested_repeats_has_its_numbers(make: Maker) -> None:
    compiled = make(NESTED, NESTED_SCHEMA)
    with pytest.raises(NotExpressibleError) as caught:
        compiled.read(wire('<o><i n="1"/></o><o><i n="1"/><i n="2"><z/></i></o>'))
    assert refused(caught.value) == (
        "unknown-element",
        "/outer/1/inner/1",
        "/x:m/o[2]/i[2]/z",
    )


def test_scalars_are_read_from_the_text_of_repeats(make: Maker) -> None:
    compiled = make("  - each: { wire: i, api: ids, as: integer }\n", obj(ids=arr(INT)))
    reading = compiled.read(wire("<i>1</i><i>02</i>"))
    assert reading.document == {"ids": [1, 2]}
    assert [note.wire for note in reading.ledger.normalised] == ["/x:m/i[2]"]
    assert written(compiled, {"ids": [1, 2]}) == "<i>1</i><i>2</i>"
    with pytest.raises(SchemaViolationError) as caught:
        compiled.read(wire("<i>1</i><i>x</i>"))
    assert refused(caught.value) == ("type", "/ids/1", "/x:m/i[2]")


ITEMS = """
  - each: { wire: i, api: ids }
    rules:
      - { const: K, wire: "@k" }
      - { api: ".", wire: v, optional: true }
"""


def test_scalars_may_stand_inside_other_nodes(make: Maker) -> None:
    compiled = make(ITEMS, obj(ids=arr(STR)))
    out = '<i k="K"><v>a</v></i><i k="K"><v>b</v></i>'
    assert written(compiled, {"ids": ["a", "b"]}) == out
    assert compiled.read(wire(out)).document == {"ids": ["a", "b"]}


def test_repeat_without_its_value_is_refused(make: Maker) -> None:
    compiled = make(ITEMS, obj(ids=arr(STR)))
    with pytest.raises(SchemaViolationError) as caught:
        compiled.read(wire('<i k="K"><v>a</v></i><i k="K"/>'))
    assert refused(caught.value) == ("required", "/ids/1", "/x:m/i[2]")


def test_field_beside_a_scalar_item_is_a_fault(make: Maker) -> None:
    rules = ITEMS + "      - { api: lost, wire: w }\n"
    assert [f.keyword for f in make.faults(rules, obj(ids=arr(STR)))] == ["unknown-field"]


def test_required_repeat_is_refused_in_both_directions(make: Maker) -> None:
    compiled = make("  - each: { wire: i, api: ids }\n", obj("ids", ids=arr(STR)))
    with pytest.raises(SchemaViolationError) as reading:
        compiled.read(wire())
    with pytest.raises(NotExpressibleError) as writing:
        compiled.write({})
    assert refused(writing.value) == refused(reading.value) == ("required", "/ids", "/x:m/i")


@pytest.mark.parametrize(
    ("value", "place"),
    [([], ("min-items", "/o", "/x:m/o")), ([{}, "text"], ("type", "/o", "/x:m/o"))],
)
def test_what_a_lax_schema_lets_through_is_refused_by_the_rule(
    make: Maker, value: Any, place: tuple[str, str, str]
) -> None:
    rules = "  - { each: { wire: o, api: o }, rules: [ { api: a, wire: a, optional: true } ] }\n"
    schema = obj(o={**arr({"properties": {"a": STR}}), "type": "array"})
    compiled = make(rules, schema)
    with pytest.raises((NotExpressibleError, SchemaViolationError)) as caught:
        compiled.write({"o": value})
    assert len(caught.value.places) == 1
    assert caught.value.places[0].pointer in ("/o", "/o/1")


def test_array_that_may_be_empty_is_a_fault(make: Maker) -> None:
    rules = "  - each: { wire: i, api: ids }\n"
    (fault,) = make.faults(rules, obj(ids={"type": "array", "items": STR}))
    assert "minItems" in fault.detail


def test_array_unknown_to_the_schema_is_a_fault(make: Maker) -> None:
    faults = make.faults("  - each: { wire: i, api: ids }\n", obj())
    assert {fault.keyword for fault in faults} == {"unknown-field"}


SUPPLIED = """
  - each: { wire: o, api: s.o, optional: true }
    supply: things
    rules:
      - each: { wire: i, api: i }
        rules:
          - { api: a, wire: a }
          - { supply: codelist.x.version, api: v, wire: v }
  - each: { wire: t, api: s.tags, optional: true }
    supply: tags
"""
SUPPLIED_SCHEMA = obj("s", s=obj("o tags", o=arr(obj(i=arr(obj(a=STR, v=STR)))), tags=arr(STR)))


def test_completion_reaches_into_nested_repeats(make: Maker) -> None:
    compiled = make(SUPPLIED, SUPPLIED_SCHEMA)
    document: dict[str, Any] = {"s": {"o": [{"i": [{"a": "1"}, {"a": "2", "v": "mine"}]}]}}
    before = deepcopy(document)
    completed = compiled.complete(document, {"codelist.x.version": "9"})
    assert document == before
    assert completed == {"s": {"o": [{"i": [{"a": "1", "v": "9"}, {"a": "2", "v": "mine"}]}]}}


def test_whole_array_is_supplied_only_where_it_is_absent(make: Maker) -> None:
    compiled = make(SUPPLIED, SUPPLIED_SCHEMA)
    supplies: dict[str, Any] = {
        "things": [{"i": [{"a": "1"}]}],
        "tags": ["x"],
        "codelist.x.version": "9",
    }
    before = deepcopy(supplies)
    assert compiled.complete({}, supplies) == {
        "s": {"o": [{"i": [{"a": "1", "v": "9"}]}], "tags": ["x"]}
    }
    mine = {"s": {"o": [{"i": [{"a": "2", "v": "8"}]}], "tags": ["y"]}}
    assert compiled.complete(mine, supplies) == mine
    assert supplies == before


@pytest.mark.parametrize("document", [{"s": "text"}, {"s": {"o": None, "tags": None}}])
def test_what_is_no_array_is_left_for_the_schema_to_refuse(
    make: Maker, document: dict[str, Any]
) -> None:
    compiled = make(SUPPLIED, SUPPLIED_SCHEMA)
    assert compiled.complete(document, {"things": [{"i": []}], "tags": ["x"]}) == document


def test_items_that_are_no_objects_are_left_alone(make: Maker) -> None:
    compiled = make(SUPPLIED, SUPPLIED_SCHEMA)
    document = {"s": {"o": ["text"]}}
    assert compiled.complete(document, {}) == document
