"""Rules that hold one value."""

from gateway.translation.breach import RulePlace
from gateway.translation.compile_value import clark, place_of
from gateway.translation.slots import Slot
from gateway.translation.source import YamlMapping
from tests.gateway.translation.making import STR, Maker, obj, wire, written

RULE = YamlMapping("a.map.yaml:7")


def test_names_are_resolved_by_their_prefix() -> None:
    names = {"x": "urn:t"}
    assert clark("x:a.b", RULE, names) == "{urn:t}a.b"
    assert clark("@x:a", RULE, names) == "@{urn:t}a"
    assert clark("a.b", RULE, names) == "a.b"
    assert clark(".", RULE, names) == "."


def test_place_is_inside_the_outer_one() -> None:
    outer = RulePlace(rule="a.map.yaml:1", pointer="/g", wire="/x:m/g")
    leaf = place_of(RULE, outer, Slot("a.b"), "x:n")
    assert (leaf.rule, leaf.pointer, leaf.wire) == ("a.map.yaml:7", "/g/a/b", "/x:m/g/x:n")
    text = place_of(RULE, outer, None, ".")
    assert (text.pointer, text.wire) == ("/g", "/x:m/g")


def test_messages_with_other_prefixes_are_the_same(make: Maker) -> None:
    compiled = make("  - { api: a, wire: x:a }\n  - { api: b, wire: b }\n", obj(a=STR, b=STR))
    data = b'<m xmlns="urn:t"><a>1</a><b xmlns="">2</b></m>'
    assert compiled.read(data).document == {"a": "1", "b": "2"}
    assert compiled.read(wire("<x:a>1</x:a><b>2</b>")).document == {"a": "1", "b": "2"}


def test_written_attribute_of_the_instance_namespace_is_declared(make: Maker) -> None:
    rules = '  - { const: "a b", wire: "@xsi:schemaLocation", write: always }\n'
    assert 'xsi:schemaLocation="a b"' in written(make(rules, obj()), {})
    dropped = make('  - { drop: "hint", wire: "@xsi:schemaLocation" }\n', obj())
    assert b"xmlns:xsi" not in dropped.write({}).data
