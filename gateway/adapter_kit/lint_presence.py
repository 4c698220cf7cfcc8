"""What must be there on one side and need not on the other, or travels in one direction only."""

from collections.abc import Iterator

from gateway.adapter_kit.coverage import Covered, Decided, plain_path, walk
from gateway.adapter_kit.lint_finding import LintFinding, Severity
from gateway.translation.forms.const import Const
from gateway.translation.forms.group import AnyScope
from gateway.translation.forms.one_way import OneWay
from gateway.translation.forms.typed import TypedScope
from gateway.translation.lazy_scope import LazyScope
from gateway.translation.map import Map
from gateway.translation.rule import Rule
from gateway.translation.schema_view import SchemaView
from gateway.translation.scope import Scope

_REQUIRED: dict[str, tuple[str, Severity]] = {
    "dropped": ("required-dropped", "error"),
    "unsupported": ("required-unsupported", "error"),
    "kept": ("required-not-written", "warning"),
    "read-only": ("required-not-written", "warning"),
}
"""What is found where a node that its parent needs is not carried over."""

_EITHER_WAY = ("unsupported", "computed", "write-only")
"""What is never asked of a message."""


def presence_findings(translation: Map, covered: Covered) -> Iterator[LintFinding]:
    """Every finding of one map and the leaves of its message."""
    # A node that is decided as a whole is found once, however many leaves are in it.
    decided = {(leaf.rule, leaf.at): leaf for leaf in covered.leaves if leaf.at is not None}
    for leaf in decided.values():
        yield from _not_carried(leaf)
    for rule, _ in walk(translation.scope):
        if isinstance(rule, OneWay):
            yield _of_rule(rule, "one-way", "note", f"Only for {rule.only}: {rule.reason}")
        elif isinstance(rule, Const):
            yield from _optional_const(rule, covered)
    yield from _optional(translation.scope, SchemaView(translation.schema), None)


def _not_carried(leaf: Decided) -> Iterator[LintFinding]:
    if leaf.required and leaf.decision in _REQUIRED:
        name, severity = _REQUIRED[leaf.decision]
        detail = f"The wire schema requires what is {leaf.decision}: {leaf.reason}"
    elif leaf.decision == "dropped":
        name, severity, detail = "one-way", "note", f"Dropped when read: {leaf.reason}"
    else:
        return
    yield LintFinding(rule=name, severity=severity, detail=detail, place=leaf.rule, wire=leaf.at)


def _optional_const(rule: Const, covered: Covered) -> Iterator[LintFinding]:
    """A fixed value without which the schema takes a message, and the rule does not."""
    # In a branch its presence selects; the own text is there with its element.
    if rule.written is not None or rule.branch is not None or rule.name == ".":
        return
    wire = plain_path(rule.place.wire)
    if any(leaf.place == wire and not leaf.required for leaf in covered.leaves):
        detail = "The wire schema takes messages without it; they are refused here."
        yield _of_rule(rule, "const-optional", "warning", detail)


def _optional(scope: AnyScope, view: SchemaView, absent: Rule | None) -> Iterator[LintFinding]:
    """Fields that the canonical schema requires and that a message may lack.

    Args:
        scope: The rules of one element.
        view: The canonical schema.
        absent: The optional group around, where it has no object of its own that would be absent
            with it.
    """
    if isinstance(scope, LazyScope):
        return  # its rules have been seen one level up
    if isinstance(scope, TypedScope):
        for kind in scope.branches.values():
            yield from _optional(kind, view, absent)
        return
    for rule in (*scope.choices, *scope.rules):
        lacking = absent if rule.required or rule.watches_absence else rule
        passes_on = hasattr(rule, "scope") and getattr(rule, "slot", None) is None
        if lacking is not None and not passes_on and rule.decides not in _EITHER_WAY:
            yield from _required_here(rule, lacking, scope, view)
        inner = getattr(rule, "scope", None)
        if inner is not None:
            yield from _optional(inner, view, lacking if passes_on else None)


def _required_here(
    rule: Rule, lacking: Rule, scope: Scope, view: SchemaView
) -> Iterator[LintFinding]:
    holder = scope.place.pointer or ""
    named = "it" if lacking.printed in ("", ".") else f"`{lacking.printed}`"
    for slot in rule.slots():
        # An object on the way to the field may be absent with it.
        steps = [holder + slot.pointer[:end] for end in _ends(slot.pointer)]
        if all(view.is_required(step) for step in steps):
            detail = f"Messages without {named} are refused: the canonical schema requires this."
            yield LintFinding(
                rule="optional-required",
                severity="warning",
                detail=detail,
                place=rule.place.rule,
                wire=rule.place.wire,
                pointer=steps[-1],
            )


def _ends(pointer: str) -> list[int]:
    """Where each step of a pointer ends."""
    return [at for at in range(1, len(pointer)) if pointer[at] == "/"] + [len(pointer)]


def _of_rule(rule: Rule, name: str, severity: Severity, detail: str) -> LintFinding:
    return LintFinding(
        rule=name,
        severity=severity,
        detail=detail,
        place=rule.place.rule,
        wire=rule.place.wire,
        pointer=rule.place.pointer,
    )
