"""Every key of the engine is described for editors, and no other."""

from gateway.adapter_kit.editor_keys import MANIFEST_VALUES, MAP_VALUES, RULE_VALUES, WIRE_VALUES
from gateway.registry import MANIFEST_KEYS
from gateway.translation.head import MAP_KEYS, WIRE_KEYS
from gateway.translation.keys import HEAD, KEYS, VALUE


def test_keys_are_those_of_the_engine() -> None:
    rules = set().union(*KEYS.values(), HEAD, VALUE) - {"group", "each", "rules", "lists"}
    assert RULE_VALUES.keys() == rules
    assert MAP_VALUES.keys() | {"rules"} == MAP_KEYS
    assert WIRE_VALUES.keys() == WIRE_KEYS
    assert MANIFEST_VALUES.keys() == MANIFEST_KEYS


def test_every_key_of_a_rule_is_described() -> None:
    assert [key for key, value in RULE_VALUES.items() if not value["description"]] == []
