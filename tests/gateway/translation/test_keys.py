"""Keys and their values."""

import pytest

from gateway.translation.keys import (
    constant,
    element_of,
    head_of,
    is_set,
    optional_text,
    text_of,
    wire_of,
    writes,
)
from gateway.translation.source import YamlFaultError, YamlMapping
from tests.gateway.translation.making import STR, Maker, obj


def mapping(**values: object) -> YamlMapping:
    made = YamlMapping("a.yaml:1")
    made.update(values)
    return made


@pytest.mark.parametrize("word", ["no", "yes", 1, None, []])
def test_switch_is_true_or_false(word: object) -> None:
    with pytest.raises(YamlFaultError):
        is_set(mapping(optional=word), "optional")
    assert is_set(mapping(optional=True), "optional")
    assert not is_set(mapping(), "optional")


def test_write_is_always_or_never() -> None:
    assert writes(mapping()) is None
    assert writes(mapping(write="always")) is True
    assert writes(mapping(write="never")) is False
    with pytest.raises(YamlFaultError):
        writes(mapping(write="sometimes"))


def test_constant_is_written_as_xml_writes_it() -> None:
    assert [constant(v, "p", "It") for v in (True, False, 5, "x")] == ["true", "false", "5", "x"]
    with pytest.raises(YamlFaultError):
        constant(None, "p", "It")


@pytest.mark.parametrize("name", ["x:a.b", "a-b", "@x:a", ".", "@a", "\u00e4"])
def test_wire_is_one_name(name: str) -> None:
    assert wire_of(mapping(wire=name)) == name


@pytest.mark.parametrize("name", ["a/b", "a b", "x:y:z", "@", "a[1]", "", 5, "<a"])
def test_wire_is_no_path(name: object) -> None:
    with pytest.raises(YamlFaultError):
        wire_of(mapping(wire=name))


@pytest.mark.parametrize("name", ["@a", "."])
def test_only_elements_hold_rules(name: str) -> None:
    with pytest.raises(YamlFaultError):
        element_of(mapping(wire=name))


def test_texts_are_texts() -> None:
    assert optional_text(mapping(), "supply") is None
    assert text_of(mapping(api="a"), "api") == "a"
    for value in (5, "", ["a"]):
        with pytest.raises(YamlFaultError):
            text_of(mapping(api=value), "api")
        if value:
            with pytest.raises(YamlFaultError):
                optional_text(mapping(supply=value), "supply")


def test_head_is_a_mapping_of_known_keys() -> None:
    with pytest.raises(YamlFaultError):
        head_of(mapping(group="g"), "group", {"wire"})
    with pytest.raises(YamlFaultError) as caught:
        head_of(mapping(group=mapping(wire="g", optinal=True)), "group", {"wire"})
    assert "optinal" in caught.value.fault.detail


WRONG = [
    "{ api: a, wire: a, optinal: true }",
    "{ api: a, wire: a, optional: no }",
    "{ api: a, wire: a, correlates: 1 }",
    "{ api: a, wire: a, write: always }",
    "{ api: a, wire: a, default: x, write: sometimes }",
    "{ api: a, wire: a, as: number }",
    "{ api: a, wire: a, as: [text] }",
    "{ api: a, wire: b/a }",
    "{ api: a }",
    "{ wire: a }",
    "{ api: a, wire: y:a }",
    "{ api: a, wire: a, when: b }",
    "{ api: a, wire: a, parts: { day: d } }",
    "{ api: a, wire: a, as: partialDate, parts: { week: d } }",
    "{ api: a, wire: a, as: partialDate, parts: d }",
    '{ api: a, wire: "@a", as: partialDate, parts: { day: d } }',
    "{ api: a, wire: a, supply: [x] }",
    "{ fetch: a, wire: a }",
    "{ group: g, rules: [ { api: a, wire: a } ] }",
    "{ group: { wire: g, optinal: true }, rules: [ { api: a, wire: a } ] }",
    "{ group: { wire: g, optional: perhaps }, rules: [ { api: a, wire: a } ] }",
    "{ group: { wire: g, api: 5 }, rules: [ { api: a, wire: a } ] }",
    '{ group: { wire: "@g" }, rules: [ { api: a, wire: a } ] }',
    "{ group: { wire: g }, supply: s, rules: [ { api: a, wire: a } ] }",
    "{ group: { wire: g } }",
    "{ group: { wire: g }, rules: { api: a, wire: a } }",
    "{ group: { wire: g }, where: k, rules: [ { api: a, wire: a } ] }",
    "{ each: { wire: a, api: a, sa: text } }",
    "{ each: { wire: a, api: a, as: text }, rules: [] }",
    "{ each: { wire: a, api: a }, rules: none }",
    "{ each: { wire: a } }",
    "{ const: K, wire: a, optional: true }",
    "{ drop: why }",
    "{ computed: index, wire: a, supply: x }",
    "{ choice: a, rules: none }",
    "{ choice: a, rules: [ text ] }",
    "{ choice: a, rules: [ { api: a, wire: a } ] }",
    "{ choice: a, rules: [ { when: , api: b, wire: a } ] }",
    "{ choice: a, rules: [ { when: x, otherwise: true, wire: a } ] }",
    "{ choice: a, rules: [ { when: x, otherwise: maybe } ] }",
    "{ choice: a, rules: [ { when: x, rules: [], more: 1 } ] }",
    "{ choice: a, rules: [ { when: x, rules: [] } ] }",
    '{ choice: a, rules: [ { when: x, api: b, wire: "@a" } ] }',
    '{ choice: a, rules: [ { when: x, api: b, wire: "." } ] }',
    "{ choice: a, rules: [ { when: x, rules: [ { when: y, api: b, wire: a } ] } ] }",
    "{ choice: a, rules: [ { when: x, choice: b, rules: [] } ] }",
    "{ choice: a, rules: [ { when: x, api: b, wire: a }, { when: x, api: c, wire: c } ] }",
    "text",
    "[ a ]",
]


@pytest.mark.parametrize("rule", WRONG)
def test_misspelt_rule_is_refused_with_its_line(make: Maker, rule: str) -> None:
    faults = make.faults(f"  - {{ api: z, wire: z }}\n  - {rule}\n", obj("a z", a=STR, z=STR))
    places = {fault.rule for fault in faults}
    # What is no mapping at all has no line of its own: the map is named.
    assert places <= {"test.map.yaml:12", "test.map.yaml:1"}
