"""Generate the functions that write: constant text is put together once, when a map is loaded."""

from collections.abc import Callable, Mapping
from typing import Any

from gateway.translation.forms.const import Const
from gateway.translation.forms.drop import Drop
from gateway.translation.forms.each import Each
from gateway.translation.forms.group import Group
from gateway.translation.forms.leaf import AttributeLeaf, ElementLeaf, Leaf
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
from gateway.translation.rule import Alternatives, Rule
from gateway.translation.scope import Scope

Writer = Callable[[Mapping[str, Any], list[str], Run], None]

_TEXT = "not ('&' in v or '<' in v or '>' in v or '\\r' in v)"
_ATTRIBUTE = f"{_TEXT[:-1]} or '\"' in v or '\\t' in v or '\\n' in v)"
_EXACT = {
    "code": "v.isascii() and v.isalnum()",
    "digits": "v.isascii() and v.isdigit()",
}
"""Tests in the generated text; what they take needs no escaping."""

_SPECIAL = "&<>\"'\r\n\t"


def compile_writer(scope: Scope) -> Writer | None:
    """Generate the writer of a map; None where one of its forms is not among the usual ones."""
    return _Generator().compile(scope) if is_usual(scope) else None


class _Generator:
    def __init__(self) -> None:
        self._lines = Lines()
        self._names: dict[int, str] = {}
        self._pending = ""

    def compile(self, scope: Scope) -> Writer:
        return counted(self._lines.function(self._function(scope)))

    def _function(self, scope: Scope) -> str:
        known = self._names.get(id(scope))
        if known is not None:
            return known
        for rule in scope.rules:
            if isinstance(rule, Group | Each) and not is_flat(scope_of(rule)):
                self._function(scope_of(rule))
        name = f"write_{len(self._names)}"
        self._names[id(scope)] = name
        with self._lines.block(f"def {name}(obj, out, run):"):
            self._lines.add("add = out.append; n = 0")
            self._inside(scope, obj="obj", depth=0)
            self._flush()
            self._lines.add("return n")
        return name

    def _inside(self, scope: Scope, *, obj: str, depth: int) -> None:
        self._pending += scope.start
        for rule in scope.attribute_rules:
            self._rule(rule, obj, depth)
        self._pending += ">"
        for rule in scope.sequence:
            self._rule(rule, obj, depth)
        self._pending += scope.close

    def _flush(self) -> None:
        if self._pending:
            self._lines.add(f"add({self._pending!r})")
            self._pending = ""

    def _rule(self, rule: Rule, obj: str, depth: int) -> None:
        if isinstance(rule, Const):
            self._pending += rule.printed_out
        elif isinstance(rule, Drop):
            return
        elif (
            type(rule) in (ElementLeaf, AttributeLeaf)
            and isinstance(rule, Leaf)
            and _is_quick(rule)
        ):
            self._leaf(rule, obj)
        elif isinstance(rule, Group):
            self._group(rule, obj, depth)
        elif isinstance(rule, Each):
            self._each(rule, obj, depth)
        elif isinstance(rule, Alternatives):
            self._choice(rule, obj, depth)
        else:
            self._ask(rule, obj)

    def _leaf(self, rule: Leaf, obj: str) -> None:
        self._lines.add(f"v = {obj}.get({rule.key!r})")
        attribute = isinstance(rule, AttributeLeaf)
        before = f' {rule.printed[1:]}="' if attribute else f"<{rule.printed}>"
        after = '"' if attribute else f"</{rule.printed}>"
        count = f"n += {MAPPED if rule.supply is None else SUPPLIED}"
        literal, value = self._pending, "v"
        self._pending = ""
        kind = rule.content.type.name if rule.content.codes is None else None
        if kind == "text":
            test = f"type(v) is str and {_ATTRIBUTE if attribute else _TEXT}"
        elif kind in _EXACT:
            test = f"type(v) is str and {_EXACT[kind]}"
        else:
            name = self._lines.bind(rule.quick_print, "quick")
            test, value = f"type(v) is str and (v_ := {name}(v)) is not None", "v_"
        with self._lines.block(f"if {test}:"):
            self._lines.add(f"add({literal + before!r} + {value} + {after!r}); {count}")
        with self._lines.block("else:"):
            if literal:
                self._lines.add(f"add({literal!r})")
            self._ask(rule, obj)

    def _group(self, rule: Group, obj: str, depth: int) -> None:
        if rule.slot is None and rule.required:
            self._scope(scope_of(rule), obj, depth)
            return
        self._flush()
        if rule.slot is None:
            name = self._lines.bind(rule, "rule")
            with self._lines.block(f"if {name}.is_present({obj}):"):
                self._scope(scope_of(rule), obj, depth)
                self._flush()
            return
        inner = f"obj_{depth + 1}"
        self._lines.add(f"{inner} = {self._got(rule, obj)}")
        with self._lines.block(f"if type({inner}) is dict:"):
            self._scope(scope_of(rule), inner, depth + 1)
            self._flush()
        with self._lines.block(f"elif {inner} is not None or {rule.required}:"):
            self._lines.add("raise Unusual")

    def _each(self, rule: Each, obj: str, depth: int) -> None:
        self._flush()
        items, item = f"items_{depth}", f"obj_{depth + 1}"
        self._lines.add(f"{items} = {self._got(rule, obj)}")
        usual = self._lines.block(f"if type({items}) is list and {items}:")
        with usual, self._lines.block(f"for {item} in {items}:"):
            if rule.scalar:
                self._lines.add(f"{item} = {{'.': {item}}}")
            else:
                with self._lines.block(f"if type({item}) is not dict:"):
                    self._lines.add("raise Unusual")
            self._scope(scope_of(rule), item, depth + 1)
            self._flush()
        with self._lines.block(f"elif {items} is not None or {rule.required}:"):
            self._lines.add("raise Unusual")

    def _choice(self, choice: Alternatives, obj: str, depth: int) -> None:
        self._flush()
        tag = f"tag_{depth}"
        slot = self._lines.bind(choice.tag, "slot")
        self._lines.add(
            f"{tag} = {obj}.get({choice.tag.key!r})"
            if choice.tag.key
            else f"{tag} = {slot}.get({obj})"
        )
        word = "if"
        for branch in choice.branches.values():
            with self._lines.block(f"{word} {tag} == {branch.value!r}:"):
                if branch.rules:
                    self._lines.add(f"before_{depth} = len(out)")
                for rule in branch.rules:
                    self._rule(rule, obj, depth)
                self._flush()
                if branch.rules:
                    with self._lines.block(f"if len(out) == before_{depth}:"):
                        self._lines.add("raise Unusual")
            word = "elif"
        with self._lines.block(f"elif {tag} is not None or {choice.required}:"):
            self._lines.add("raise Unusual")

    def _scope(self, scope: Scope, obj: str, depth: int) -> None:
        if is_flat(scope):
            self._inside(scope, obj=obj, depth=depth)
        else:
            self._flush()
            self._lines.add(f"n += {self._names[id(scope)]}({obj}, out, run)")

    def _ask(self, rule: Rule, obj: str) -> None:
        self._flush()
        self._lines.add(f"{self._lines.bind(rule, 'rule')}.write({obj}, out, run)")

    def _got(self, rule: Group | Each, obj: str) -> str:
        if rule.slot is None or rule.slot.key is None:
            return f"{self._lines.bind(rule.slot, 'slot')}.get({obj})"
        return f"{obj}.get({rule.slot.key!r})"


def _is_quick(rule: Leaf) -> bool:
    """Whether most of its values are written as they are, and no code is to be escaped."""
    if rule.quick_key is None:
        return False
    codes = rule.content.codes
    return codes is None or not any(set(code) & set(_SPECIAL) for code in codes.table)
