"""Generate the functions that read: one for each scope that is not written where it is used."""

import unicodedata
from collections.abc import Callable
from typing import Any

from gateway.translation.content import SPELT
from gateway.translation.forms.choice import Choice
from gateway.translation.forms.const import Const
from gateway.translation.forms.each import Each
from gateway.translation.forms.group import Group
from gateway.translation.forms.leaf import ElementLeaf, Leaf
from gateway.translation.ledger import Run
from gateway.translation.quick.lines import (
    MAPPED,
    SUPPLIED,
    Lines,
    counted,
    is_flat,
    is_usual,
    scope_of,
)
from gateway.translation.rule import Alternatives, Branch, Node, Rule
from gateway.translation.scope import Scope

Reader = Callable[[Node, dict[str, Any], Run], None]

_EXACT = {
    "text": "v.isascii() or is_nfc('NFC', v)",
    "code": "v.isascii() and v.isalnum()",
    "digits": "v.isascii() and v.isdigit()",
}
"""Tests in the generated text for types whose value is the text itself."""


class _End:
    """Stands behind the last child, so that no index is checked."""

    tag = None


def compile_reader(scope: Scope) -> Reader | None:
    """Generate the reader of a map; None where one of its forms is not among the usual ones."""
    return _Generator().compile(scope) if is_usual(scope) else None


class _Generator:
    def __init__(self) -> None:
        self._lines = Lines()
        self._lines.bound.update(is_nfc=unicodedata.is_normalized, END=_End())
        self._names: dict[int, str] = {}

    def compile(self, scope: Scope) -> Reader:
        return counted(self._lines.function(self._function(scope)))

    def _function(self, scope: Scope) -> str:
        """Write the function of a scope after those that it calls; return its name."""
        known = self._names.get(id(scope))
        if known is not None:
            return known
        for rule in scope.rules:
            if isinstance(rule, Group | Each) and not is_flat(scope_of(rule)):
                self._function(scope_of(rule))
        name = f"read_{len(self._names)}"
        self._names[id(scope)] = name
        with self._lines.block(f"def {name}(node, obj, run):"):
            self._lines.add("n = 0")
            self._inside(scope, node="node", obj="obj", depth=0)
            self._lines.add("return n")
        return name

    def _inside(self, scope: Scope, *, node: str, obj: str, depth: int) -> None:
        self._attributes(scope, node, obj)
        if scope.text is not None:
            self._ask(scope.text, "read", node, obj)
        if not scope.children:
            with self._lines.block(f"if len({node}):"):
                self._lines.add("raise Unusual")
            return
        place = _Place(obj=obj, parent=node, depth=depth)
        only = scope.sequence[0]
        if len(scope.sequence) == 1 and only.required and type(only) in (ElementLeaf, Const):
            self._only_child(only, place)
            return
        self._lines.add(f"{place.all} = {node}.getchildren(); {place.all}.append(END)")
        self._lines.add(
            f"{place.at} = 0; {place.child} = {place.all}[0]; {place.tag} = {place.child}.tag"
        )
        for rule in scope.sequence:
            if isinstance(rule, Alternatives):
                self._choice(rule, place)
            elif rule.name not in ("", "."):
                self._child(rule, place)
        with self._lines.block(f"if {place.tag} is not None:"):
            self._lines.add("raise Unusual")

    def _only_child(self, rule: Rule, place: "_Place") -> None:
        """The one value inside an element: how standards write a code."""
        with self._lines.block(f"if len({place.parent}) != 1:"):
            self._lines.add("raise Unusual")
        self._lines.add(f"{place.child} = {place.parent}[0]")
        with self._lines.block(f"if {place.child}.tag != {rule.name!r}:"):
            self._lines.add("raise Unusual")
        self._value_of(rule, place)

    def _attributes(self, scope: Scope, node: str, obj: str) -> None:
        if not scope.attributes:
            with self._lines.block(f"if {node}.keys():"):
                self._lines.add("raise Unusual")
            return
        self._lines.add("found = 0")
        with self._lines.block(f"for name, v in {node}.items():"):
            word = "if"
            for name, rule in scope.attributes.items():
                with self._lines.block(f"{word} name == {name!r}:"):
                    self._lines.add(f"found |= {rule.bit}")
                    self._attribute(rule, node, obj)
                word = "elif"
            with self._lines.block("else:"):
                self._lines.add("raise Unusual")
        required = sum(rule.bit for rule in scope.attributes.values() if rule.required)
        if required:
            with self._lines.block(f"if found & {required} != {required}:"):
                self._lines.add("raise Unusual")
        for rule in scope.attributes.values():
            if rule.watches_absence:
                with self._lines.block(f"if not found & {rule.bit}:"):
                    self._ask(rule, "absent", node, obj)

    def _attribute(self, rule: Rule, node: str, obj: str) -> None:
        if isinstance(rule, Leaf):
            self._value(rule, node, obj)
        elif isinstance(rule, Const) and rule.written is not False:
            with self._lines.block(f"if v != {rule.value!r}:"):
                self._take(rule, node, obj)
        else:
            self._take(rule, node, obj)

    def _child(self, rule: Rule, place: "_Place") -> None:
        if isinstance(rule, Each):
            self._each(rule, place)
            return
        if rule.repeats:
            with self._lines.block(f"while {place.tag} == {rule.name!r}:"):
                self._ask(rule, "read", place.child, place.obj)
                self._lines.add(place.next)
            return
        if rule.required:
            with self._lines.block(f"if {place.tag} != {rule.name!r}:"):
                self._lines.add("raise Unusual")
            self._element(rule, place)
            return
        with self._lines.block(f"if {place.tag} == {rule.name!r}:"):
            self._element(rule, place)
        if rule.watches_absence:
            with self._lines.block("else:"):
                self._ask(rule, "absent", place.parent, place.obj)

    def _element(self, rule: Rule, place: "_Place") -> None:
        if isinstance(rule, Group):
            self._group(rule, place)
        else:
            self._value_of(rule, place)
        self._lines.add(place.next)

    def _value_of(self, rule: Rule, place: "_Place") -> None:
        child, obj = place.child, place.obj
        if type(rule) is ElementLeaf:
            self._only_text(child)
            self._lines.add(f"v = {child}.text or ''")
            self._value(rule, child, obj)
        elif isinstance(rule, Const) and rule.written is not False:
            with self._lines.block(
                f"if {child}.text != {rule.value!r} or len({child}) or {child}.keys():"
            ):
                self._ask(rule, "read", child, obj)
        else:
            self._ask(rule, "read", child, obj)

    def _only_text(self, child: str) -> None:
        with self._lines.block(f"if len({child}) or {child}.keys():"):
            self._lines.add("raise Unusual")

    def _value(self, rule: Leaf, node: str, obj: str) -> None:
        """Store the text ``v`` if it is a common one, else ask the rule."""
        if rule.quick_key is None:
            self._take(rule, node, obj)
            return
        count = f"n += {MAPPED if rule.supply is None else SUPPLIED}"
        exact = _EXACT.get(rule.content.type.name)
        if rule.content.codes is not None or rule.content.type.name in SPELT:
            self._lines.add(f"v_ = {self._lines.bind(rule.quick_read, 'quick')}(v)")
            head, value = "if v_ is not None:", "v_"
        else:
            is_exact = self._lines.bind(rule.content.type.is_exact, "is_exact")
            head, value = f"if {exact or f'{is_exact}(v)'}:", "v"
        with self._lines.block(head):
            self._lines.add(f"{obj}[{rule.key!r}] = {value}; {count}")
        with self._lines.block("else:"):
            self._take(rule, node, obj)

    def _group(self, rule: Group, place: "_Place") -> None:
        obj = place.obj
        if rule.slot is not None:
            obj = f"obj_{place.depth + 1}"
            slot = self._lines.bind(rule.slot, "slot")
            got = f"{place.obj}.get({rule.key!r})" if rule.key else f"{slot}.get({place.obj})"
            put = (
                f"{obj} = {place.obj}[{rule.key!r}] = {{}}"
                if rule.key
                else f"{obj} = {{}}; {slot}.put({place.obj}, {obj})"
            )
            self._lines.add(f"{obj} = {got}")
            with self._lines.block(f"if {obj} is None:"):
                self._lines.add(put)
        self._scope(scope_of(rule), place.child, obj, place.depth + 1)
        if rule.slot is None and not rule.required:
            name = self._lines.bind(rule, "rule")
            with self._lines.block(f"if not {name}.is_present({obj}):"):
                self._lines.add("raise Unusual")

    def _each(self, rule: Each, place: "_Place") -> None:
        items, item = f"items_{place.depth}", f"obj_{place.depth + 1}"
        with self._lines.block(f"if {place.tag} == {rule.name!r}:"):
            self._lines.add(f"{items} = []")
            slot = self._lines.bind(rule.slot, "slot")
            self._lines.add(
                f"{place.obj}[{rule.slot.key!r}] = {items}"
                if rule.slot.key
                else f"{slot}.put({place.obj}, {items})"
            )
            with self._lines.block(f"while {place.tag} == {rule.name!r}:"):
                self._lines.add(f"{item} = {{}}")
                self._scope(scope_of(rule), place.child, item, place.depth + 1)
                if rule.scalar:
                    with self._lines.block(f"if '.' not in {item}:"):
                        self._lines.add("raise Unusual")
                    self._lines.add(f"{items}.append({item}['.'])")
                else:
                    self._lines.add(f"{items}.append({item})")
                self._lines.add(place.next)
        if rule.required:
            with self._lines.block("else:"):
                self._lines.add("raise Unusual")

    def _scope(self, scope: Scope, node: str, obj: str, depth: int) -> None:
        if is_flat(scope):
            self._inside(scope, node=node, obj=obj, depth=depth)
        else:
            self._lines.add(f"n += {self._names[id(scope)]}({node}, {obj}, run)")

    def _choice(self, choice: Alternatives, place: "_Place") -> None:
        tag = self._lines.bind(choice.tag, "tag")
        word = "if"
        for branch in choice.branches.values():
            if branch.rules:
                names = tuple(rule.name for rule in branch.rules if rule.name)
                with self._lines.block(f"{word} {place.tag} in {names!r}:"):
                    self._lines.add(
                        f"{place.obj}[{choice.tag.key!r}] = {branch.value!r}"
                        if choice.tag.key
                        else f"{tag}.put({place.obj}, {branch.value!r})"
                    )
                    self._branch(branch, place)
                word = "elif"
        with self._lines.block("else:"):
            if not isinstance(choice, Choice):
                self._lines.add("raise Unusual")
            name = self._lines.bind(choice, "choice")
            self._lines.add(f"{name}.settle({place.parent}, {place.obj}, run, 0)")

    def _branch(self, branch: Branch, place: "_Place") -> None:
        for rule in branch.rules:
            if rule.name:
                self._child(rule, place)

    def _take(self, rule: Rule, node: str, obj: str) -> None:
        self._lines.add(f"{self._lines.bind(rule, 'rule')}.take(v, {node}, {obj}, run)")

    def _ask(self, rule: Rule, what: str, node: str, obj: str) -> None:
        self._lines.add(f"{self._lines.bind(rule, 'rule')}.{what}({node}, {obj}, run)")


class _Place:
    """The variables of one element that is being read."""

    def __init__(self, *, obj: str, parent: str, depth: int) -> None:
        self.obj = obj
        self.parent = parent
        self.depth = depth
        self.all = f"all_{depth}"
        self.at = f"at_{depth}"
        self.child = f"child_{depth}"
        self.tag = f"tag_{depth}"
        self.next = (
            f"{self.at} += 1; {self.child} = {self.all}[{self.at}]; {self.tag} = {self.child}.tag"
        )
