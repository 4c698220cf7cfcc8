"""From YAML rules to compiled rules: names resolved, tables filled, every fault collected."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from gateway.errors import Place
from gateway.translation.breach import RulePlace
from gateway.translation.compile_kinds import (
    compile_each_of,
    compile_typed,
    compile_zip,
    is_each_of,
)
from gateway.translation.compile_list import watch_codes
from gateway.translation.compile_value import (
    Namespaces,
    clark,
    compile_computed,
    compile_const,
    compile_drop,
    compile_join,
    compile_keep,
    compile_leaf,
    compile_opaque,
    compile_unsupported,
    place_of,
)
from gateway.translation.expand import expand
from gateway.translation.forms.choice import Choice
from gateway.translation.forms.each import Each
from gateway.translation.forms.group import AnyScope, Group
from gateway.translation.forms.where import Where
from gateway.translation.keys import (
    HEAD,
    KEYS,
    VALUE,
    check_keys,
    constant,
    element_of,
    form_of,
    head_of,
    is_set,
    optional_text,
    refuse_unknown,
    text_of,
)
from gateway.translation.lazy_scope import LazyScope
from gateway.translation.rule import Branch, Rule
from gateway.translation.scope import Scope
from gateway.translation.slots import ITEM, Slot
from gateway.translation.source import YamlFaultError, YamlMapping
from gateway.validation.code_list_catalogue import CodeListCatalogue

_MOST_USES = 2
"""A fragment reached this often on one way, without an element that could repeat, never ends."""


class Compiler:
    """Compiles the rules of one map; ``faults`` collects what is wrong, with places."""

    def __init__(
        self,
        namespaces: Mapping[str, str],
        fragments: Mapping[str, YamlMapping],
        lists: CodeListCatalogue | None = None,
    ) -> None:
        self.namespaces = namespaces
        self.fragments = fragments
        self.lists = lists
        self.faults: list[Place] = []

    def scope(
        self, rules: Any, place: RulePlace, printed: str, used: tuple[str, ...]
    ) -> Scope | LazyScope:
        """Compile the rules inside one element; one that uses itself is compiled when reached."""
        if any(name in used for name in _uses(rules)):
            return LazyScope(lambda: cast("Scope", self.scope(rules, place, printed, ())))
        scope = Scope(place, printed, [])
        for rule, inner_used in self._expanded(rules, place, used):
            with self.collecting():
                self._add(scope, rule, place, inner_used)
        with self.collecting():
            watch_codes(scope, self.lists)
        scope.completing = [
            rule for rule in scope.sequence + scope.attribute_rules if rule.is_supplied
        ]
        if scope.text is not None and scope.text.is_supplied:
            scope.completing.append(scope.text)
        return scope

    def _expanded(
        self, rules: Any, place: RulePlace, used: tuple[str, ...]
    ) -> list[tuple[YamlMapping, tuple[str, ...]]]:
        if not isinstance(rules, list):
            self._fault(place.rule, "`rules` must be a list.")
            return []
        expanded: list[tuple[YamlMapping, tuple[str, ...]]] = []
        for rule in rules:
            if not isinstance(rule, YamlMapping):
                self._fault(place.rule, "A rule must be a mapping.")
            elif "use" in rule and "when" not in rule:
                with self.collecting():
                    expanded.extend(self._used(rule, place, used))
            else:
                expanded.append((rule, used))
        return expanded

    def _used(
        self, rule: YamlMapping, place: RulePlace, used: tuple[str, ...]
    ) -> list[tuple[YamlMapping, tuple[str, ...]]]:
        check_keys(rule, "use")
        if used.count(str(rule["use"])) >= _MOST_USES:
            raise YamlFaultError(rule.place, "The fragment uses itself without a way out.")
        return self._expanded(expand(rule, self.fragments), place, (*used, str(rule["use"])))

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Collect the fault of one rule and go on."""
        try:
            yield
        except YamlFaultError as error:
            self.faults.append(error.fault)

    def _fault(self, place: str, detail: str) -> None:
        self.faults.append(Place(keyword="map", detail=detail, rule=place))

    # -- adding a rule to its scope

    def _add(
        self, scope: Scope, rule: YamlMapping, place: RulePlace, used: tuple[str, ...]
    ) -> None:
        if form_of(rule) == "choice":
            check_keys(rule, "choice")
            self._add_choice(scope, rule, place, used, required=not is_set(rule, "optional"))
            return
        if is_each_of(rule) or form_of(rule) == "zip":
            self._add_several(scope, rule, place, used)
            return
        compiled = self.rule(rule, place, used)
        self._enter(scope, compiled, rule)
        if compiled.required:
            scope.required |= compiled.bit
        if compiled.watches_absence:
            scope.watching.append(compiled)
        if compiled.name.startswith("@"):
            scope.attribute_rules.append(compiled)
        elif compiled.name == ".":
            scope.sequence.insert(0, compiled)  # text behind a child would be no text of its own
        else:
            scope.sequence.append(compiled)

    def _add_several(
        self, scope: Scope, rule: YamlMapping, place: RulePlace, used: tuple[str, ...]
    ) -> None:
        """Add a rule about elements of several names."""
        compiled: Rule
        if form_of(rule) == "zip":
            compiled = compile_zip(self, scope, rule, place)
        else:
            compiled = compile_each_of(self, scope, rule, place, used)
            scope.required |= compiled.bit if compiled.required else 0
        scope.sequence.append(compiled)

    def _enter(self, scope: Scope, compiled: Rule, rule: YamlMapping) -> None:
        """Give the rule its order and bit, and put it into the table of its kind."""
        number = len(scope.rules)
        compiled.order = number
        compiled.bit = 1 << number
        scope.rules.append(compiled)
        if compiled.name == "":
            return
        if compiled.name == ".":
            if scope.text is not None:
                raise YamlFaultError(rule.place, "Two rules speak of the element's own text.")
            scope.text = compiled
            return
        table = scope.attributes if compiled.name.startswith("@") else scope.children
        key = compiled.name.removeprefix("@")
        marks = rule.get("where")
        if isinstance(marks, YamlMapping):
            self._enter_case(table, key, compiled, rule)
        elif key in table:
            raise YamlFaultError(rule.place, f"Two rules speak of `{compiled.printed}`.")
        else:
            table[key] = compiled

    def _enter_case(
        self, table: dict[str, Rule], key: str, compiled: Rule, rule: YamlMapping
    ) -> None:
        mark, value = next(iter(rule["where"].items()))
        said = constant(value, rule.place, "A constant of `where`")
        name = clark(mark, rule, self.namespaces)
        case = table.setdefault(key, Where(compiled, name))
        if not isinstance(case, Where) or case.marks != name:
            raise YamlFaultError(rule.place, f"`{compiled.printed}` is told apart in two ways.")
        if said in case.cases:
            raise YamlFaultError(rule.place, "Two rules have the same constant in `where`.")
        case.cases[said] = compiled

    def _add_choice(
        self,
        scope: Scope,
        rule: YamlMapping,
        place: RulePlace,
        used: tuple[str, ...],
        *,
        required: bool,
    ) -> None:
        tag = Slot(text_of(rule, "choice"))
        choice = Choice(place_of(rule, place, tag, ""), tag=tag, required=required)
        scope.choices.append(choice)
        scope.sequence.append(choice)
        branches = rule.get("rules")
        if not isinstance(branches, list):
            raise YamlFaultError(rule.place, "A `choice` needs its branches under `rules`.")
        for branch in branches:
            if not isinstance(branch, YamlMapping):
                self._fault(rule.place, "A branch must be a mapping.")
                continue
            with self.collecting():
                self._branch(scope, choice, branch, place, used)

    def _branch(
        self,
        scope: Scope,
        choice: Choice,
        rule: YamlMapping,
        place: RulePlace,
        used: tuple[str, ...],
    ) -> None:
        value = constant(rule.get("when", ""), rule.place, "`when`")
        if not value or value in choice.branches:
            raise YamlFaultError(rule.place, "Each branch needs a `when` of its own.")
        branch = Branch(choice, value, [])
        choice.branches[value] = branch
        if is_set(rule, "otherwise"):
            refuse_unknown(rule, {"when", "otherwise"}, "The branch without rules")
            return
        for inner, inner_used in self._expanded(_inner_rules(rule), place, used):
            compiled = self.rule(inner, place, inner_used)
            if compiled.name.startswith("@") or compiled.name == ".":
                raise YamlFaultError(inner.place, "A branch is selected by elements only.")
            compiled.branch = branch
            compiled.plain = False
            self._enter(scope, compiled, inner)
            branch.rules.append(compiled)
            if compiled.required:
                branch.required |= compiled.bit
        if not branch.rules:
            raise YamlFaultError(rule.place, "A branch needs rules, or `otherwise: true`.")

    # -- single rules

    def rule(self, rule: YamlMapping, place: RulePlace, used: tuple[str, ...]) -> Rule:
        """Compile one rule."""
        form = form_of(rule)
        if form is None:
            raise YamlFaultError(
                rule.place, f"The rule has none of the forms {', '.join(sorted(KEYS))}."
            )
        check_keys(rule, form)
        if form == "group":
            return self._group(rule, place, used)
        if form == "each":
            return self._each(rule, place, used)
        simple: dict[str, Callable[[YamlMapping, RulePlace, Namespaces], Rule]] = {
            "api": compile_leaf,
            "const": compile_const,
            "drop": compile_drop,
            "keep": compile_keep,
            "unsupported": compile_unsupported,
            "opaque": compile_opaque,
            "join": compile_join,
            "computed": compile_computed,
        }
        if form not in simple:
            raise YamlFaultError(rule.place, f"`{form}` cannot stand here.")
        if "where" in rule:
            return self._marked_leaf(rule, place, used)
        return simple[form](rule, place, self.namespaces)

    def _marked_leaf(self, rule: YamlMapping, place: RulePlace, used: tuple[str, ...]) -> Rule:
        """A leaf told apart by an attribute is a group of that constant and its own text."""
        if "default" in rule or "parts" in rule:
            raise YamlFaultError(rule.place, "`where` goes without `default` and `parts`.")
        group = YamlMapping(rule.place)
        head = YamlMapping(rule.place)
        head.update({"wire": element_of(rule), "optional": rule.get("optional", False)})
        group["group"] = head
        group["where"] = rule["where"]
        inner = YamlMapping(rule.place)
        inner.update(
            {key: value for key, value in rule.items() if key not in ("where", "optional")}
        )
        inner["wire"] = "."
        group["rules"] = [inner]
        return self._group(group, place, used)

    def _group(self, rule: YamlMapping, place: RulePlace, used: tuple[str, ...]) -> Group:
        head = head_of(rule, "group", HEAD)
        printed = element_of(head)
        api = optional_text(head, "api")
        slot = Slot(api) if api is not None else None
        supply = optional_text(rule, "supply")
        if supply is not None and slot is None:
            raise YamlFaultError(rule.place, "`supply` of a group needs its `api`.")
        inner = place_of(rule, place, slot, printed)
        marks = self._mark_rules(rule)
        for fixed in marks:
            inner = inner.told_apart(fixed["wire"], str(fixed["const"]))
        rules = rule.get("rules")
        if "choice" in rule and "on" not in rule:
            choice = YamlMapping(rule.place)
            choice.update({"choice": rule["choice"], "rules": rules})
            rules = [choice]
        if not isinstance(rules, list):
            raise YamlFaultError(rule.place, "`rules` must be a list.")
        scope = self._inside(rule, [*marks, *rules], inner, printed, used)
        if slot is None and isinstance(scope, LazyScope):
            raise YamlFaultError(rule.place, "What holds itself needs `api` on the way.")
        return Group(
            inner,
            clark(printed, rule, self.namespaces),
            printed,
            scope=scope,
            slot=slot,
            required=not is_set(head, "optional"),
            supply=supply,
        )

    def _inside(
        self,
        rule: YamlMapping,
        rules: list[Any],
        place: RulePlace,
        printed: str,
        used: tuple[str, ...],
    ) -> AnyScope:
        if "on" not in rule:
            return self.scope(rules, place, printed, used)
        if "where" in rule or "choice" not in rule:
            raise YamlFaultError(rule.place, "`on` goes with `choice`, and without `where`.")
        return compile_typed(self, rule, place, printed, used)

    def _mark_rules(self, rule: YamlMapping) -> list[YamlMapping]:
        if "where" not in rule:
            return []
        marks = rule["where"]
        if not isinstance(marks, YamlMapping) or len(marks) != 1:
            raise YamlFaultError(rule.place, "`where` names one constant.")
        fixed = YamlMapping(rule.place)
        fixed["wire"], fixed["const"] = next(iter(marks.items()))
        return [fixed]

    def _each(self, rule: YamlMapping, place: RulePlace, used: tuple[str, ...]) -> Each:
        head = head_of(rule, "each", HEAD if "rules" in rule else HEAD | VALUE)
        printed, slot = element_of(head), Slot(text_of(head, "api"))
        outer = place_of(rule, place, slot, printed)
        inner = outer.repeated()
        rules = rule.get("rules")
        if "choice" in rule and "on" not in rule:
            raise YamlFaultError(rule.place, "A `choice` inside stands among the `rules`.")
        if rules is None:
            value = YamlMapping(rule.place)
            value.update({k: v for k, v in head.items() if k not in ("wire", "api", "optional")})
            value.update({"api": ITEM, "wire": "."})
            rules = [value]
        scope = self._inside(rule, rules, inner, printed, used)
        return Each(
            outer,
            clark(printed, rule, self.namespaces),
            printed,
            scope=scope,
            slot=slot,
            scalar=isinstance(scope, Scope)
            and any(s.key == ITEM for r in scope.rules for s in r.slots()),
            required=not is_set(head, "optional"),
            supply=optional_text(rule, "supply"),
        )


def _uses(rules: Any) -> Iterator[str]:
    """Names of the fragments used by an element's own rules, those of branches included."""
    for rule in rules if isinstance(rules, list) else ():
        if isinstance(rule, YamlMapping) and not {"group", "each"} & rule.keys():
            if "use" in rule:
                yield str(rule["use"])
            yield from _uses(rule.get("rules"))


def _inner_rules(branch: YamlMapping) -> list[Any]:
    """A branch is one rule with ``when`` in it, or ``when`` and a list of rules."""
    if form_of(branch) is None and isinstance(branch.get("rules"), list):
        refuse_unknown(branch, {"when", "rules"}, "The branch")
        return list(branch["rules"])
    inner = YamlMapping(branch.place)
    inner.places = branch.places
    inner.update({key: value for key, value in branch.items() if key != "when"})
    return [inner]
