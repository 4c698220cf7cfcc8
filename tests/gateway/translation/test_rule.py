"""What every rule offers."""

import pytest

from gateway.translation.breach import RulePlace
from gateway.translation.ledger import Run
from gateway.translation.rule import Node, Rule
from gateway.translation.schema_view import SchemaView

PLACE = RulePlace(rule="a.map.yaml:3", pointer="/a", wire="/x:m/a")


class Silent(Rule):
    form = "silent"

    def read(self, node: Node, obj: dict[str, object], run: Run) -> None:  # type: ignore[explicit-override]
        """Nothing."""

    def write(self, obj: object, out: list[str], run: Run) -> None:  # type: ignore[explicit-override]
        """Nothing."""


@pytest.mark.parametrize(("name", "kind"), [("@a", "attribute"), (".", "text"), ("a", "element")])
def test_kind_is_told_by_the_name(name: str, kind: str) -> None:
    assert Silent(PLACE, name, name, required=False).kind == kind


def test_rule_without_more_says_supplies_and_lints_nothing() -> None:
    rule = Silent(PLACE, "a", "a", required=False)
    document: dict[str, object] = {}
    rule.complete(document, {"test": True})
    rule.absent(None, document, Run())
    assert document == {}
    assert not rule.is_supplied
    assert [*rule.slots(), *rule.rules_below(), *rule.lint(SchemaView({}))] == []
    assert rule.pick(None) is rule
    with pytest.raises(NotImplementedError):
        rule.take("", None, document, Run())


def test_fault_of_a_rule_is_located_on_both_sides() -> None:
    fault = Silent(PLACE, "a", "a", required=False).fault("Wrong.")
    assert (fault.keyword, fault.pointer, fault.wire) == ("lint", "/a", "/x:m/a")
    assert fault.rule == "a.map.yaml:3"
