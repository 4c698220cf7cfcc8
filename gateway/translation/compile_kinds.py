"""Compile what tells elements of several kinds apart: repeated choices, ``on:``, parallel lists."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Protocol

from gateway.translation.breach import RulePlace
from gateway.translation.compile_value import clark, compile_leaf, place_of
from gateway.translation.forms.choice import Choice
from gateway.translation.forms.const import Const
from gateway.translation.forms.drop import Drop
from gateway.translation.forms.each import Each
from gateway.translation.forms.each_of import EachOf, Turn
from gateway.translation.forms.group import Group
from gateway.translation.forms.leaf import ElementLeaf, Leaf
from gateway.translation.forms.one_way import OneWay
from gateway.translation.forms.typed import XSI_TYPE, TypedScope, TypeMark
from gateway.translation.forms.zip import Column, Zip
from gateway.translation.keys import (
    check_keys,
    constant,
    head_of,
    is_set,
    optional_text,
    refuse_unknown,
    text_of,
)
from gateway.translation.lazy_scope import LazyScope
from gateway.translation.rule import Rule
from gateway.translation.scope import Scope
from gateway.translation.slots import Slot
from gateway.translation.source import YamlFaultError, YamlMapping

Used = tuple[str, ...]
"""Names of the fragments on the way to a rule."""


class RuleCompiler(Protocol):
    """What the compiler offers to the forms that hold further rules."""

    @property
    def namespaces(self) -> Mapping[str, str]:
        """Prefix to namespace."""
        ...

    def scope(self, rules: Any, place: RulePlace, printed: str, used: Used) -> Scope | LazyScope:
        """Compile the rules inside one element."""
        ...

    def rule(self, rule: YamlMapping, place: RulePlace, used: Used) -> Rule:
        """Compile one rule."""
        ...

    def collecting(self) -> AbstractContextManager[None]:
        """Collect the fault of one rule and go on."""
        ...


def is_each_of(rule: YamlMapping) -> bool:
    """Whether an ``each`` has no element of its own: its choice names several."""
    return isinstance(rule.get("each"), YamlMapping) and "wire" not in rule["each"]


def compile_each_of(
    compiler: RuleCompiler, scope: Scope, rule: YamlMapping, place: RulePlace, used: Used
) -> EachOf:
    """Compile a repeated choice and put its elements into the table of their scope."""
    check_keys(rule, "each")
    head = head_of(rule, "each", {"api", "optional"})
    if "choice" not in rule or {"on", "supply"} & rule.keys():
        raise YamlFaultError(rule.place, "An `each` without `wire` needs a `choice`.")
    slot = Slot(text_of(head, "api"))
    each_of = EachOf(
        place_of(rule, place, slot, ""),
        slot=slot,
        tag=Slot(text_of(rule, "choice")),
        required=not is_set(head, "optional"),
    )
    _enter(scope, each_of)
    outer = replace(each_of.place, pointer=f"{each_of.place.pointer}/*", mark="[~]")
    for branch in _branches(rule):
        with compiler.collecting():
            value = constant(branch.get("when", ""), branch.place, "`when`")
            if not value or value in each_of.turns:
                raise YamlFaultError(branch.place, "Each branch needs a `when` of its own.")
            inner = compiler.rule(_without(branch, "when"), outer, used)
            if not inner.name or inner.name[0] in "@." or inner.name in scope.children:
                raise YamlFaultError(branch.place, "A branch is one element of its own name.")
            _check_turn(inner, branch)
            each_of.turns[value] = Turn(inner, of=each_of, value=value)
            scope.children[inner.name] = each_of.turns[value]
    return each_of


def _check_turn(inner: Rule, branch: YamlMapping) -> None:
    """Each item is one element, in both directions."""
    is_left_out = (isinstance(inner, Const) and inner.written is False) or (
        isinstance(inner, Leaf) and inner.watches_absence and not inner.writes_default
    )
    if is_left_out or isinstance(inner, Each | Drop | OneWay):
        detail = "A branch of a repeated choice is one element that is always written."
        raise YamlFaultError(branch.place, detail)
    if isinstance(inner, Group) and inner.slot is None:
        inner.required = True  # the item itself says that the element is there


def compile_zip(compiler: RuleCompiler, scope: Scope, rule: YamlMapping, place: RulePlace) -> Zip:
    """Compile parallel lists and put their elements into the table of their scope."""
    check_keys(rule, "zip")
    slot = Slot(text_of(rule, "zip"))
    lists = Zip(place_of(rule, place, slot, ""), slot=slot, required=not is_set(rule, "optional"))
    _enter(scope, lists)
    scope.zips.append(lists)
    outer = replace(lists.place, pointer=f"{lists.place.pointer}/*", mark="[*]")
    for column in _branches(rule, "lists"):
        with compiler.collecting():
            check_keys(column, "api")
            if "supply" in column:
                raise YamlFaultError(column.place, "A list of `zip` is not supplied.")
            leaf = compile_leaf(column, outer, compiler.namespaces)
            if type(leaf) is not ElementLeaf or leaf.name in scope.children:
                raise YamlFaultError(column.place, "A list is one element of its own name.")
            entry = Column(leaf, of=lists, number=len(lists.columns))
            lists.columns.append(entry)
            scope.children[leaf.name] = entry
            _enter(scope, entry)
            scope.required |= entry.bit if entry.required else 0
    return lists


def compile_typed(
    compiler: RuleCompiler, rule: YamlMapping, place: RulePlace, printed: str, used: Used
) -> TypedScope:
    """Compile the kinds of an element that an attribute tells apart."""
    on = text_of(rule, "on")
    if not on.startswith("@"):
        raise YamlFaultError(rule.place, "`on` names an attribute, `@xsi:type`.")
    mark = clark(on, rule, compiler.namespaces)[1:]
    tag = Slot(text_of(rule, "choice"))
    choice = Choice(place_of(rule, place, tag, ""), tag=tag, required=True)
    typed = TypedScope(choice, mark, on)
    for branch in _branches(rule):
        with compiler.collecting():
            _add_kind(compiler, typed, branch, (place, printed, mark, on), used)
    return typed


def _add_kind(
    compiler: RuleCompiler,
    typed: TypedScope,
    branch: YamlMapping,
    where: tuple[RulePlace, str, str, str],
    used: Used,
) -> None:
    place, printed, mark, on = where
    refuse_unknown(branch, {"when", "is", "rules"}, "The branch")
    value = constant(branch.get("when", ""), branch.place, "`when`")
    said = optional_text(branch, "is")
    named = clark(said, branch, compiler.namespaces) if said and mark == XSI_TYPE else said
    if not value or value in typed.branches or typed.knows(named):
        raise YamlFaultError(branch.place, "Each branch needs a `when` and an `is` of its own.")
    rules = branch.get("rules")
    if not isinstance(rules, list):
        raise YamlFaultError(branch.place, "`rules` must be a list.")
    if said is not None and mark != XSI_TYPE:
        fixed = YamlMapping(branch.place)
        fixed.update({"const": said, "wire": on})
        rules = [fixed, *rules]
    scope = compiler.scope(rules, place, printed, used)
    if not isinstance(scope, Scope):
        raise YamlFaultError(branch.place, "A kind cannot hold itself without an element between.")
    if said is not None and mark == XSI_TYPE:
        entry = TypeMark(place_of(branch, place, None, on), on, value=said)
        scope.attributes[mark] = entry
        scope.attribute_rules.append(entry)
        _enter(scope, entry)
        scope.required |= entry.bit
    typed.add(value, named, scope)


def _enter(scope: Scope, rule: Rule) -> None:
    number = len(scope.rules)
    rule.order = number
    rule.bit = 1 << number
    scope.rules.append(rule)


def _branches(rule: YamlMapping, key: str = "rules") -> Iterator[YamlMapping]:
    branches = rule.get(key)
    if not isinstance(branches, list) or not all(isinstance(b, YamlMapping) for b in branches):
        raise YamlFaultError(rule.place, f"`{key}` must be a list of mappings.")
    yield from branches


def _without(branch: YamlMapping, key: str) -> YamlMapping:
    inner = YamlMapping(branch.place)
    inner.places = branch.places
    inner.update({name: value for name, value in branch.items() if name != key})
    return inner
