"""The rules inside one wire element, as tables: dispatch is a look-up, the rest is a leftover.

Kept out: what single rules do (``forms``) and how tables are made from YAML (``compile``).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.translation.breach import BreachError, RulePlace
from gateway.translation.ledger import Run
from gateway.translation.rule import Alternatives, Lists, Node, Rule


class Scope:
    """Every rule of one element, in the order of the way out.

    Attributes:
        place: The element itself.
        open: Its start tag, ``<x:leser>``; ``start`` is the same without the closing bracket.
        close: Its end tag.
        sequence: Child rules and choices in the order of the way out.
    """

    def __init__(self, place: RulePlace, printed: str, rules: list[Rule]) -> None:
        self.place = place
        self.start = f"<{printed}"
        self.open = f"<{printed}>"
        self.close = f"</{printed}>"
        self.rules = rules
        self.attributes: dict[str, Rule] = {}
        self.children: dict[str, Rule] = {}
        self.text: Rule | None = None
        self.choices: list[Alternatives] = []
        self.zips: list[Lists] = []
        self.attribute_rules: list[Rule] = []
        self.sequence: list[Rule] = []
        self.required = 0
        self.watching: list[Rule] = []
        self.completing: list[Rule] = []

    def read(  # noqa: C901 - the hot loop: a call more for each element costs a tenth
        self, node: Node, obj: dict[str, Any], run: Run
    ) -> None:
        """Carry everything in ``node`` into ``obj``, or refuse with the place."""
        found = 0
        attributes = node.items()
        if attributes:
            found = self._read_attributes(node, attributes, obj, run)
        if self.text is not None:
            self.text.read(node, obj, run)
            found |= self.text.bit
        if run.mixed:
            self._refuse_text(node)
        children = self.children
        last = -1
        for child in node:
            rule = children.get(child.tag)
            if rule is None:
                raise self._leftover(child)
            if not rule.plain:
                rule = self._pick(rule, child, obj)
            order = rule.order
            if order <= last and (order < last or not rule.repeats):
                raise self._misplaced(rule, child, repeated=order == last)
            last = order
            found |= rule.bit
            rule.read(child, obj, run)
        if self.required & ~found:
            raise self._missing(node, self.required & ~found)
        for rule in self.watching:
            if not found & rule.bit:
                rule.absent(node, obj, run)
        for choice in self.choices:
            choice.settle(node, obj, run, found)
        for lists in self.zips:
            lists.settle(node, obj, run)

    def write(self, obj: Mapping[str, Any], out: list[str], run: Run) -> None:
        """Append the element with everything that ``obj`` says inside it."""
        if self.attribute_rules:
            out.append(self.start)
            for rule in self.attribute_rules:
                rule.write(obj, out, run)
            out.append(">")
        else:
            out.append(self.open)
        for rule in self.sequence:
            rule.write(obj, out, run)
        out.append(self.close)

    def complete(self, obj: dict[str, Any], supplies: Mapping[str, Any]) -> None:
        """Fill what is supplied here or below."""
        for rule in self.completing:
            rule.complete(obj, supplies)

    def everything(self) -> Iterator[Rule]:
        """Every rule here and below, choices too, outer ones first."""
        yield from self.choices
        for rule in self.rules:
            yield rule
            yield from rule.rules_below()

    def _read_attributes(
        self, node: Node, attributes: list[tuple[str, str]], obj: dict[str, Any], run: Run
    ) -> int:
        found = 0
        for name, text in attributes:
            rule = self.attributes.get(name)
            if rule is None:
                raise BreachError(
                    self.place,
                    "unknown-attribute",
                    "No rule mentions this attribute.",
                    node=node,
                    attribute=name,
                    leftover=True,
                )
            found |= rule.bit
            rule.take(text, node, obj, run)
        return found

    def _pick(self, rule: Rule, child: Node, obj: dict[str, Any]) -> Rule:
        picked = rule.pick(child) if rule.picks else rule
        if picked is None:
            raise self._leftover(child)
        if picked.branch is not None:
            picked.branch.enter(child, obj)
        return picked

    def _leftover(self, child: Node) -> BreachError:
        return BreachError(
            self.place,
            "unknown-element",
            "No rule mentions this element.",
            node=child,
            leftover=True,
        )

    def _refuse_text(self, node: Node) -> None:
        texts = [child.tail for child in node]
        if self.text is None:
            texts.append(node.text)
        if any(text is not None and not text.isspace() for text in texts):
            raise BreachError(
                self.place, "text", "Text stands where only elements may stand.", node=node
            )

    def _misplaced(self, rule: Rule, child: Node, *, repeated: bool) -> BreachError:
        if repeated:
            return BreachError(
                rule.place, "repeated", "The element may stand here only once.", node=child
            )
        return BreachError(
            rule.place, "order", "The element comes later than its place in the order.", node=child
        )

    def _missing(self, node: Node, missing: int) -> BreachError:
        rule = next(rule for rule in self.rules if rule.bit & missing)
        return BreachError(
            rule.place,
            "required",
            f"The required {rule.kind} `{rule.printed}` is missing.",
            node=node,
            suffix=f"/{rule.printed}" if rule.printed != "." else "",
        )
