"""Which rule fills which canonical field: two that fill the same one would lose a value.

Rules in different branches of one choice never meet, so they may.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.errors import Place
from gateway.translation.forms.each import Each
from gateway.translation.forms.each_of import EachOf
from gateway.translation.forms.group import AnyScope, Group
from gateway.translation.forms.typed import TypedScope
from gateway.translation.forms.zip import Zip
from gateway.translation.lazy_scope import LazyScope
from gateway.translation.rule import Rule
from gateway.translation.scope import Scope

Taken = Mapping[int, str]
"""Branches on the way to a rule: the choice by its ``id``, and the value of its tag."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Claim:
    rule: Rule
    pointer: str
    taken: Taken

    def meets(self, other: "_Claim") -> bool:
        """Whether one message can hold both."""
        return all(self.taken[key] == other.taken[key] for key in self.taken.keys() & other.taken)


def double_claims(scope: Scope) -> Iterator[Place]:
    """A fault for every rule that fills a field which an earlier one fills too."""
    known: dict[str, list[_Claim]] = {}
    for claim in _claims(scope, {}):
        earlier = known.setdefault(claim.pointer, [])
        first = next((other for other in earlier if other.meets(claim)), None)
        earlier.append(claim)
        if first is not None:
            yield claim.rule.fault(
                f"The rule at {first.rule.place.rule} fills the same canonical field."
            )


def _claims(scope: AnyScope, taken: Taken) -> Iterator[_Claim]:
    if isinstance(scope, LazyScope):
        return
    for choice in scope.choices:
        yield _Claim(rule=choice, pointer=choice.place.pointer or "", taken=taken)
    if isinstance(scope, TypedScope):
        for value, inner_scope in scope.branches.items():
            yield from _claims(inner_scope, {**taken, id(scope): value})
        return
    for rule in scope.rules:
        inner = taken
        if rule.branch is not None:
            inner = {**taken, id(rule.branch.choice): rule.branch.value}
        yield from _claims_of(rule, inner)


def _claims_of(rule: Rule, taken: Taken) -> Iterator[_Claim]:
    if not (isinstance(rule, Group) and rule.slot is None):
        for pointer in rule.pointers():
            yield _Claim(rule=rule, pointer=pointer, taken=taken)
    if isinstance(rule, Group | Each):
        yield from _claims(rule.scope, taken)
    elif isinstance(rule, EachOf):
        for value, turn in rule.turns.items():
            yield from _claims_of(turn.inner, {**taken, id(rule): value})
    elif isinstance(rule, Zip):
        for column in rule.columns:
            yield from _claims_of(column.leaf, taken)
