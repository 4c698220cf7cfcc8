"""Generate the functions that complete: a step for each rule that has something to supply.

Rules whose slot is a path, or that are optional without an object of their own, are asked.
"""

from collections.abc import Callable, Mapping
from typing import Any

from gateway.translation.forms.choice import Choice
from gateway.translation.forms.each import Each
from gateway.translation.forms.group import CODELIST, Group, without_codelists
from gateway.translation.forms.leaf import AttributeLeaf, ElementLeaf, Leaf
from gateway.translation.quick.lines import Lines, is_usual, scope_of
from gateway.translation.rule import Rule
from gateway.translation.scope import Scope

Completer = Callable[[dict[str, Any], Mapping[str, Any]], object]


def compile_completer(scope: Scope) -> Completer | None:
    """Generate what completes a document of a map; None where a form is not among the usual ones.

    The result does exactly what ``Scope.complete`` does.
    """
    return _Generator().compile(scope) if is_usual(scope) else None


class _Generator:
    """One function a canonical object: ``lists`` tells whether versions of code lists may be put.

    ``supplies`` always holds them; the rules get a copy without them instead, for each object
    that is not there yet.
    """

    def __init__(self) -> None:
        self._lines = Lines()
        self._lines.bound["without"] = without_codelists
        self._names: dict[int, str] = {}

    def compile(self, scope: Scope) -> Completer:
        return self._lines.function(self._function(scope))

    def _function(self, scope: Scope) -> str:
        """Write the function of a scope after those that it calls; return its name."""
        known = self._names.get(id(scope))
        if known is not None:
            return known
        for inner in _objects_below(scope.completing):
            self._function(inner)
        name = self._names[id(scope)] = f"complete_{len(self._names)}"
        with self._lines.block(f"def {name}(obj, supplies, lists=True):"):
            self._rules(scope.completing)
        return name

    def _rules(self, rules: list[Rule]) -> None:
        for rule in rules:
            self._rule(rule)

    def _rule(self, rule: Rule) -> None:
        if type(rule) in (ElementLeaf, AttributeLeaf) and isinstance(rule, Leaf) and rule.key:
            self._leaf(rule)
        elif isinstance(rule, Group) and rule.slot is None and rule.required:
            self._rules(scope_of(rule).completing)
        elif isinstance(rule, Group) and rule.key:
            self._group(rule)
        elif isinstance(rule, Each) and rule.slot.key:
            self._each(rule)
        elif isinstance(rule, Choice) and rule.tag.key:
            self._choice(rule)
        else:
            asked = self._lines.bind(rule.complete, "ask")
            self._lines.add(f"{asked}(obj, supplies if lists else without(supplies))")

    def _leaf(self, rule: Leaf) -> None:
        if rule.supply is None:
            return
        may = "lists and " if rule.supply.startswith(CODELIST) else ""
        with self._lines.block(f"if {may}{rule.key!r} not in obj:"):
            self._lines.add(f"v = supplies.get({rule.supply!r})")
            with self._lines.block("if v is not None:"):
                self._lines.add(f"obj[{rule.key!r}] = v")

    def _group(self, rule: Group) -> None:
        key, scope = rule.key, scope_of(rule)
        fill = self._names[id(scope)]
        self._lines.add(f"inner = obj.get({key!r})")
        with self._lines.block("if type(inner) is dict:"):
            self._lines.add(f"obj[{key!r}] = inner = dict(inner)")
            self._lines.add(f"{fill}(inner, supplies, lists)")
        with self._lines.block(f"elif {key!r} not in obj:"):
            if rule.supply is not None:
                self._whole(rule, fill)
            if rule.begins:
                head = "if inner is None:" if rule.supply is not None else "if True:"
                with self._lines.block(head):
                    self._lines.add("inner = {}")
                    self._lines.add(f"{fill}(inner, supplies, False)")
                    with self._lines.block("if inner:"):
                        self._lines.add(f"{fill}(inner, supplies, lists)")
                        self._lines.add(f"obj[{key!r}] = inner")

    def _whole(self, rule: Group, fill: str) -> None:
        """Take an object that is supplied as one, if it is; else ``inner`` is None."""
        self._lines.add(f"inner = {_supplied(rule.supply)}")
        with self._lines.block("if inner is not None:"):
            self._lines.add("inner = dict(inner) if type(inner) is dict else {}")
            self._lines.add(f"{fill}(inner, supplies, lists)")
            self._lines.add(f"obj[{rule.key!r}] = inner")

    def _each(self, rule: Each) -> None:
        key = rule.slot.key
        self._lines.add(f"items = obj.get({key!r})")
        if rule.supply is not None:
            with self._lines.block(f"if {key!r} not in obj:"):
                self._lines.add(f"items = {_supplied(rule.supply)}")
        with self._lines.block("if items and type(items) is list:"):
            if scope_of(rule).completing and not rule.scalar:
                fill = self._names[id(scope_of(rule))]
                self._lines.add("filled = []")
                with self._lines.block("for item in items:"):
                    with self._lines.block("if type(item) is dict:"):
                        self._lines.add("item = dict(item)")
                        self._lines.add(f"{fill}(item, supplies, lists)")
                    self._lines.add("filled.append(item)")
                self._lines.add("items = filled")
            self._lines.add(f"obj[{key!r}] = items")

    def _choice(self, rule: Choice) -> None:
        self._lines.add(f"tag = obj.get({rule.tag.key!r})")
        word = "if"
        for branch in rule.branches.values():
            supplied = [one for one in branch.rules if one.is_supplied]
            if supplied:
                with self._lines.block(f"{word} tag == {branch.value!r}:"):
                    self._rules(supplied)
                word = "elif"


def _supplied(name: str | None) -> str:
    found = f"supplies.get({name!r})"
    return f"({found} if lists else None)" if str(name).startswith(CODELIST) else found


def _objects_below(rules: list[Rule]) -> list[Scope]:
    """The scopes of the canonical objects that rules enter, through elements that are none."""
    found: list[Scope] = []
    for rule in rules:
        if isinstance(rule, Choice):
            for branch in rule.branches.values():
                found += _objects_below(branch.rules)
        elif isinstance(rule, Group) and rule.slot is None:
            found += _objects_below(scope_of(rule).completing)
        elif isinstance(rule, Group | Each):
            found.append(scope_of(rule))
    return found
