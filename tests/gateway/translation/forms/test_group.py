"""Entering a child element, with or without a canonical object of its own."""

from typing import Any

import pytest

from gateway.errors import NotExpressibleError, SchemaViolationError
from tests.gateway.translation.making import BOOL, STR, Maker, obj, refused, tag, wire, written

PLAIN = "  - group: { wire: g, optional: true }\n    rules: [ %s ]\n"


@pytest.mark.parametrize(
    ("document", "out"),
    [({}, ""), ({"a": "1"}, "<g><a>1</a></g>"), ({"b": "2"}, "<g><b>2</b></g>")],
)
def test_optional_group_without_a_field_exists_if_a_value_below_does(
    make: Maker, document: dict[str, Any], out: str
) -> None:
    rules = PLAIN % "{ api: a, wire: a, optional: true }, { api: b, wire: b, optional: true }"
    compiled = make(rules, obj("a b", a=STR, b=STR))
    assert written(compiled, document) == out
    assert compiled.read(wire(out)).document == document


def test_constants_and_computed_values_never_create_a_group(make: Maker) -> None:
    inner = '{ const: K, wire: "@k" }, { computed: index, wire: n }, '
    inner += "{ api: a, wire: a, optional: true }"
    compiled = make(PLAIN % inner, obj("a", a=STR))
    assert written(compiled, {}) == ""
    assert written(compiled, {"a": "1"}) == '<g k="K"><n>0</n><a>1</a></g>'


def test_group_that_says_nothing_is_normalised(make: Maker) -> None:
    compiled = make(PLAIN % "{ api: a, wire: a, optional: true }", obj("a", a=STR))
    reading = compiled.read(wire("<g/>"))
    assert reading.document == {}
    assert [note.wire for note in reading.ledger.normalised] == ["/x:m/g"]


def test_optional_group_with_nothing_to_say_is_a_fault(make: Maker) -> None:
    (fault,) = make.faults(PLAIN % '{ const: K, wire: "@k" }', obj())
    assert "never written" in fault.detail


def test_group_that_a_choice_brings_into_being_is_no_empty_one(make: Maker) -> None:
    rules = """
  - group: { wire: g, optional: true }
    rules:
      - { supply: product.name, api: p, wire: "@p", optional: true }
      - choice: kind
        rules:
          - { when: none, const: "true", wire: nothing, as: boolean }
          - { when: some, api: a, wire: a }
"""
    schema = {
        "oneOf": [obj("p", kind=tag("none"), p=STR), obj("p", kind=tag("some"), p=STR, a=STR)]
    }
    compiled = make(rules, schema)
    reading = compiled.read(wire("<g><nothing>true</nothing></g>"))
    assert reading.document == {"kind": "none"}
    assert reading.ledger.normalised == ()
    assert written(compiled, reading.document) == "<g><nothing>true</nothing></g>"
    completed = compiled.complete({"kind": "none"}, {"product.name": "P"})
    assert completed == {"kind": "none", "p": "P"}


def test_object_group_exists_if_the_object_does(make: Maker) -> None:
    rules = """
  - { group: { wire: g, api: g, optional: true }, rules: [ { api: a, wire: a, optional: true } ] }
"""
    compiled = make(rules, obj("g", g=obj("a", a=STR)))
    for document, out in ({}, ""), ({"g": {}}, "<g></g>"), ({"g": {"a": ""}}, "<g><a></a></g>"):
        assert written(compiled, document) == out
        assert compiled.read(wire(out)).document == document


def test_required_object_is_refused_in_both_directions(make: Maker) -> None:
    rules = "  - { group: { wire: g, api: g }, rules: [ { api: a, wire: a } ] }\n"
    compiled = make(rules, obj("g", g=obj(a=STR)))
    with pytest.raises(NotExpressibleError) as writing:
        compiled.write({})
    with pytest.raises(SchemaViolationError) as reading:
        compiled.read(wire())
    assert refused(writing.value) == refused(reading.value) == ("required", "/g", "/x:m/g")


def test_something_else_than_an_object_is_refused_by_the_rule_too(make: Maker) -> None:
    rules = "  - { group: { wire: g, api: g }, rules: [ { api: a, wire: a } ] }\n"
    compiled = make(rules, {"type": "object", "properties": {"g": {"properties": {"a": STR}}}})
    with pytest.raises(NotExpressibleError) as caught:
        compiled.write({"g": "text"})
    assert refused(caught.value) == ("type", "/g", "/x:m/g")


def test_object_group_needs_a_field_of_the_schema(make: Maker) -> None:
    faults = make.faults("  - { group: { wire: g, api: g }, rules: [] }\n", obj())
    assert [fault.keyword for fault in faults] == ["unknown-field"]


OBJECT = """
  - group: { wire: s, api: sender %s }
    %s
    rules:
      - { supply: sender.id, api: id, wire: id, optional: true }
      - group: { wire: c, optional: true }
        rules:
          - { supply: codelist.country.version, api: countryListVersion, wire: "@v" }
          - { api: country, wire: code }
      - { api: note, wire: note, optional: true }
"""
SENDER = obj(
    "id country countryListVersion note", id=STR, country=STR, countryListVersion=STR, note=STR
)
CODELIST = {"codelist.country.version": "9"}


def test_version_of_a_code_list_never_brings_an_object_into_being(make: Maker) -> None:
    compiled = make(OBJECT % (", optional: true", ""), obj("sender", sender=SENDER))
    assert compiled.complete({}, CODELIST) == {}
    assert compiled.complete({"sender": {}}, CODELIST) == {"sender": {}}
    filled = compiled.complete({"sender": {"country": "000"}}, CODELIST)
    assert filled == {"sender": {"country": "000", "countryListVersion": "9"}}


def test_whole_object_is_supplied_and_completed_inside(make: Maker) -> None:
    compiled = make(OBJECT % ("", "supply: sender"), obj(sender=SENDER))
    supplies = {**CODELIST, "sender": {"country": "000"}, "sender.id": "7"}
    filled = {"sender": {"country": "000", "countryListVersion": "9", "id": "7"}}
    assert compiled.complete({}, supplies) == filled
    assert supplies["sender"] == {"country": "000"}


def test_object_of_the_caller_wins_over_the_supplied_one(make: Maker) -> None:
    compiled = make(OBJECT % ("", "supply: sender"), obj(sender=SENDER))
    filled = compiled.complete({"sender": {"note": "n"}}, {"sender": {"country": "0"}})
    assert filled == {"sender": {"note": "n"}}


@pytest.mark.parametrize("value", ["text", None, []])
def test_what_is_no_object_is_left_for_the_schema_to_refuse(make: Maker, value: Any) -> None:
    compiled = make(OBJECT % ("", "supply: sender"), obj(sender=SENDER))
    assert compiled.complete({"sender": value}, {"sender.id": "7"}) == {"sender": value}


def test_group_below_a_group_counts_as_one_value(make: Maker) -> None:
    rules = """
  - group: { wire: g, optional: true }
    rules:
      - group: { wire: h, optional: true }
        rules: [ { api: flag, wire: f, as: flag, optional: true } ]
"""
    compiled = make(rules, obj("flag", flag={**BOOL, "const": True}))
    assert written(compiled, {"flag": True}) == "<g><h><f>true</f></h></g>"
    assert written(compiled, {}) == ""


def test_own_text_may_be_supplied(make: Maker) -> None:
    rules = """
  - group: { wire: g, api: g }
    rules: [ { supply: message.id, api: id, wire: "." } ]
"""
    compiled = make(rules, obj(g=obj(id=STR)))
    assert compiled.complete({}, {"message.id": "7"}) == {"g": {"id": "7"}}
    assert written(compiled, {"g": {"id": "7"}}) == "<g>7</g>"


def test_default_that_could_never_be_read_is_a_fault(make: Maker) -> None:
    inner = "{ group: { wire: h }, rules: [ { api: a, wire: a, default: x } ] }"
    (fault,) = make.faults(PLAIN % inner, obj(a=STR))
    assert "never read" in fault.detail
