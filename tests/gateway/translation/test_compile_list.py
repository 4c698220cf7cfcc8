"""Which list a rule names, and the faults of naming it."""

import pytest

from tests.gateway.translation.making import STR, Maker, obj


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ("list: u", "a mapping with `uri` and `version`"),
        ("list: { uri: u }", "`list` needs `uri` and `version`"),
        ("list: { uri: u, version: 1, edition: 2 }", "no key `edition`"),
        ('list: { uri: u, version: "@version" }', "`@version`, which no rule beside it maps"),
        ("as: integer, list: { uri: u, version: 1 }", "goes with `as` text, code, digits"),
        ('truncate: "w", length: 3, list: { uri: u, version: 1 }', "goes with `as`"),
    ],
)
def test_faults_name_the_rule(make: Maker, keys: str, says: str) -> None:
    rules = f"\n  - {{ api: a, wire: a, {keys} }}\n"
    faults = make.faults(rules, obj(a=STR))
    assert len(faults) == 1
    assert says in faults[0].detail
    assert (faults[0].rule or "").startswith("test.map.yaml:")


def test_attributes_of_the_element_may_come_later_in_the_rules(make: Maker) -> None:
    rules = """
  - { api: a, wire: a, list: { uri: "@u", version: "@v" } }
  - { const: "urn:colour", wire: "@u" }
  - { api: v, wire: "@v" }
"""
    assert make(rules, obj(a=STR, v=STR)).code_lists == {"urn:colour"}
