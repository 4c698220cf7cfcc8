"""Every finding says what to do."""

from gateway.adapter_kit.lint_finding import REMEDIES, LintFinding


def test_a_finding_has_the_remedy_of_its_rule_or_a_general_one() -> None:
    known = LintFinding(rule="order", severity="warning", detail="x")
    assert known.remedy == REMEDIES["order"]
    other = LintFinding(rule="yaml", severity="error", detail="x")
    assert other.remedy.startswith("Correct the named place")
