"""Nodes of one name, told apart by a constant."""

import pytest

from gateway.errors import NotExpressibleError, SchemaViolationError
from tests.gateway.translation.making import STR, Maker, obj, refused, wire, written

RULES = """
  - { api: email, wire: c, where: { "@type": email }, optional: true }
  - { api: phone, wire: c, where: { "@type": phone } }
  - group: { wire: g, api: home, optional: true }
    where: { kind: "1" }
    rules: [ { api: a, wire: a } ]
  - group: { wire: g, api: work, optional: true }
    where: { kind: "2" }
    rules: [ { api: a, wire: a } ]
"""
SCHEMA = obj("email home work", email=STR, phone=STR, home=obj(a=STR), work=obj(a=STR))


def test_constant_picks_the_rule_and_is_written(make: Maker) -> None:
    compiled = make(RULES, SCHEMA)
    inside = (
        '<c type="email">e</c><c type="phone">p</c>'
        "<g><kind>1</kind><a>h</a></g><g><kind>2</kind><a>w</a></g>"
    )
    document = {"email": "e", "phone": "p", "home": {"a": "h"}, "work": {"a": "w"}}
    assert compiled.read(wire(inside)).document == document
    assert written(compiled, document) == inside
    assert written(compiled, {"phone": "p"}) == '<c type="phone">p</c>'


@pytest.mark.parametrize("node", ['<c type="fax">9</c>', "<c>9</c>", "<g/>"])
def test_undeclared_or_missing_constant_is_a_leftover(make: Maker, node: str) -> None:
    compiled = make(RULES, SCHEMA)
    with pytest.raises(NotExpressibleError) as caught:
        compiled.read(wire(f'<c type="phone">p</c>{node}'))
    assert refused(caught.value)[0] == "unknown-element"
    assert "9" not in caught.value.places[0].detail


def test_second_match_is_refused(make: Maker) -> None:
    compiled = make(RULES, SCHEMA)
    with pytest.raises(SchemaViolationError) as caught:
        compiled.read(wire('<c type="phone">p</c><c type="phone">q</c>'))
    assert refused(caught.value) == ("repeated", "", "/x:m/c[2]")


def test_missing_case_is_named(make: Maker) -> None:
    compiled = make(RULES, SCHEMA)
    with pytest.raises(SchemaViolationError) as caught:
        compiled.read(wire('<c type="email">e</c>'))
    assert refused(caught.value)[:2] == ("required", "")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ('{ api: email, wire: c, where: { "@type": phone }, optional: true }', "same constant"),
        ('{ api: email, wire: c, where: { "@kind": email }, optional: true }', "two ways"),
        ("{ api: email, wire: c, optional: true }", "Two rules"),
        ('{ api: email, wire: "@c", where: { "@type": x } }', "element"),
        ("{ api: email, wire: c, where: email }", "names one constant"),
        ("{ api: email, wire: c, where: {} }", "names one constant"),
        ('{ api: email, wire: c, where: { "@type": x }, default: y }', "without `default`"),
        ('{ api: email, wire: c, where: { "@type": [x] } }', "text"),
    ],
)
def test_rules_that_cannot_be_told_apart_are_faults(make: Maker, rule: str, words: str) -> None:
    rules = f'\n  - {{ api: phone, wire: c, where: {{ "@type": phone }} }}\n  - {rule}\n'
    faults = make.faults(rules, obj("email", email=STR, phone=STR))
    assert any(words in fault.detail for fault in faults)
    assert {fault.rule for fault in faults} == {"test.map.yaml:13"}


def test_same_constants_may_stand_in_a_branch(make: Maker) -> None:
    rules = """
  - { api: phone, wire: c, where: { "@type": phone } }
  - { api: n, wire: c }
"""
    assert make.faults(rules, obj(phone=STR, n=STR))
