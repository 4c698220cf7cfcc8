"""From the compiled rules of a map to the shape of its message.

The maps say names, order, cardinality, value types, code lists and fixed values; the canonical
schema says how often an array may repeat; facets say the rest. Kept out: finding maps and writing
files (``profile``), printing (``profile_print``).
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gateway.adapter_kit.profile_facets import FACETS, Facets
from gateway.adapter_kit.profile_shape import (
    Again,
    Attribute,
    Choice,
    Complex,
    Element,
    Facet,
    NotMergeableError,
    Particle,
    Simple,
    join_twins,
)
from gateway.errors import Place
from gateway.translation.content import Content
from gateway.translation.forms.choice import Choice as ChoiceRule
from gateway.translation.forms.computed import Computed
from gateway.translation.forms.const import Const
from gateway.translation.forms.each import Each
from gateway.translation.forms.each_of import EachOf
from gateway.translation.forms.group import Group
from gateway.translation.forms.keep import Keep
from gateway.translation.forms.leaf import Leaf, PartsLeaf
from gateway.translation.forms.one_way import OneWay
from gateway.translation.forms.opaque import Opaque
from gateway.translation.forms.typed import TypedScope
from gateway.translation.forms.zip import Column, Zip
from gateway.translation.lazy_scope import LazyScope
from gateway.translation.rule import Rule
from gateway.translation.schema_view import SchemaView
from gateway.translation.scope import Scope
from gateway.validation.repertoire import repertoire

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

# What reading a value type asks beyond its type of XML Schema.
_PATTERNS: Mapping[str, str] = {
    "digits": "[0-9]+",
    "uuid": "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    "date": _DAY,
    "partialDate": "[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?",
}
# By length of the text: a day, a month, a year.
_PARTS: Mapping[int, Simple] = {
    10: Simple(base="date", facets=(("pattern", _DAY),), label="date"),
    7: Simple(base="gYearMonth", facets=(("pattern", "[0-9]{4}-[0-9]{2}"),), label="month"),
    4: Simple(base="gYear", facets=(("pattern", "[0-9]{4}"),), label="year"),
}


class ShapeBuilder:
    """Builds the shape of one map's message; ``faults`` collects what XSD cannot say.

    Args:
        namespace: Target namespace; names of other namespaces are faults.
        canonical: The map's canonical schema, for how often arrays repeat.
        facets: The adapter's facets.
    """

    def __init__(self, namespace: str | None, canonical: SchemaView, facets: Facets) -> None:
        self.faults: list[Place] = []
        self._namespace = namespace
        self._canonical = canonical
        self._facets = facets
        self._entered: list[str] = []

    def root(self, name: str, scope: Scope) -> Element:
        """The global element of a map; ``name`` is its Clark name."""
        local = name.rpartition("}")[2]
        return Element(name=local, namespace=self._namespace, type=self._complex(scope, local))

    def _complex(self, scope: Scope, label: str) -> Complex:
        attributes = [a for rule in scope.attribute_rules for a in self._attributes(rule)]
        children = [r for r in scope.sequence if r.name != "." or r.form == "choice"]
        # A rule without a wire node says nothing about messages, unless it stands for several.
        children = [r for r in children if r.name or isinstance(r, EachOf | Zip)]
        text = self._simple(scope.text)[0] if scope.text is not None else None
        if text is not None and children:
            self.faults.append(scope.text.fault("Text beside elements is mixed content."))  # type: ignore[union-attr]  # there is a text
        return Complex(
            attributes=tuple(attributes),
            particles=self._particles(children),
            text=text,
            label=label,
        )

    # -- names

    def _split(self, rule: Rule, name: str) -> tuple[str | None, str]:
        namespace, _, local = name.removeprefix("@").removeprefix("{").rpartition("}")
        if namespace and namespace != self._namespace:
            self.faults.append(rule.fault("A profile has names of one namespace only."))
        return namespace or None, local

    def _attributes(self, rule: Rule) -> list[Attribute]:
        if rule.name.startswith(f"@{_XSI}"):
            return []  # allowed everywhere, and not to be declared: XML Schema 1.0 Part 1 §3.2.7
        namespace, local = self._split(rule, rule.name)
        simple, fixed = self._simple(rule)
        return [
            Attribute(
                name=local, namespace=namespace, type=simple, required=rule.required, fixed=fixed
            )
        ]

    # -- children

    def _particles(self, rules: list[Rule]) -> tuple[Particle, ...]:
        rules = [
            inner for rule in rules for inner in (rule.columns if isinstance(rule, Zip) else [rule])
        ]
        particles = tuple(self._particle(rule) for rule in rules)
        try:
            return join_twins(particles)
        except NotMergeableError:
            self.faults.append(rules[0].fault("Elements told apart by `where` differ too much."))
            return ()

    def _particle(self, rule: Rule) -> Particle:
        if isinstance(rule, ChoiceRule):
            branches = [self._particles(b.rules) for b in rule.branches.values() if b.rules]
            optional = not rule.required or len(branches) < len(rule.branches)
            return Choice(branches=tuple(branches), minimum=0 if optional else 1)
        if isinstance(rule, EachOf):
            turns = tuple((self._particle(turn.inner),) for turn in rule.turns.values())
            return Choice(branches=turns, minimum=1 if rule.required else 0, maximum=None)
        namespace, local = self._split(rule, rule.name)
        fixed = None
        kind: Simple | Complex | Again
        if isinstance(rule, Group | Each):
            kind = self._inside(rule, local)
        elif isinstance(rule, PartsLeaf):
            kind = self._parts(rule, local)
        elif isinstance(rule, Opaque):
            kind = Complex(foreign=True, label=local)
        else:
            kind, fixed = self._simple(rule)
            if fixed is not None and kind.base != "boolean":
                # An empty element would count as having its `fixed` value: XML Schema 1.0 Part 1
                # §3.3.4. A list of one value has no such meaning, but is not allowed for booleans.
                kind = Simple(base=kind, facets=(("enumeration", fixed),), label=_label(rule))
                fixed = None
        minimum, maximum = self._occurs(rule)
        return Element(
            name=local,
            namespace=namespace,
            type=kind,
            minimum=minimum,
            maximum=maximum,
            fixed=fixed,
        )

    def _inside(self, rule: Group | Each, label: str) -> Simple | Complex | Again:
        if isinstance(rule.scope, TypedScope):
            self.faults.append(
                rule.fault("A profile cannot say which kind of element stands here.")
            )
            return Simple(base="string")
        if not isinstance(rule.scope, LazyScope):
            return self._unwrapped(self._complex(rule.scope, label))
        cycle = f"{rule.place.rule} {rule.printed}"
        if cycle in self._entered:
            return Again(cycle=cycle)
        self._entered.append(cycle)
        inside = self._complex(rule.scope.scope, label)
        self._entered.pop()
        return replace(inside, cycle=cycle)

    def _unwrapped(self, inside: Complex) -> Simple | Complex:
        if inside.text is not None and not inside.attributes and not inside.particles:
            return inside.text
        return inside

    def _parts(self, rule: PartsLeaf, label: str) -> Complex:
        branches = []
        for name, length in rule.lengths.items():
            namespace, local = self._split(rule, name)
            branches.append((Element(name=local, namespace=namespace, type=_PARTS[length]),))
        return Complex(particles=(Choice(branches=tuple(branches)),), label=label)

    def _occurs(self, rule: Rule) -> tuple[int, int | None]:
        said = self._facets.at(rule.place.wire)
        maximum: int | None = 1
        if isinstance(rule, Each):
            maximum = self._most_items(rule.place.pointer or "")
        elif rule.repeats:
            maximum = None
        if "maxOccurs" in said:
            maximum = None if said["maxOccurs"] == "unbounded" else int(said["maxOccurs"])
        return int(said.get("minOccurs", 1 if rule.required else 0)), maximum

    def _most_items(self, pointer: str) -> int | None:
        limits = [schema.get("maxItems") for schema in self._canonical.at(pointer)]
        known = [limit for limit in limits if limit is not None]
        return max(known) if known and len(known) == len(limits) else None

    # -- texts

    def _simple(self, rule: Rule) -> tuple[Simple, str | None]:
        """The type of a text, and its value where that is fixed."""
        base, fixed = self._declared(rule)
        said = self._facets.at(rule.place.wire)
        if "type" in said:
            base = Simple(base=str(said["type"]))
        facets = _facets(said)
        if facets:
            base = Simple(base=base, facets=facets, label=_label(rule))
        fixed = str(said["fixed"]) if "fixed" in said else fixed
        return base, fixed

    def _declared(self, rule: Rule) -> tuple[Simple, str | None]:
        if isinstance(rule, Const):
            plain = rule.content.type.name == "text"
            return Simple(base="token" if plain else rule.content.type.xsd), rule.value
        if isinstance(rule, OneWay | Column):
            return self._declared(rule.leaf)
        if isinstance(rule, Keep) and rule.name[0] != "@":
            return Simple(base="anyType"), None
        if isinstance(rule, Leaf | Computed):
            fixed = "true" if rule.content.type.name == "flag" else None
            return self._typed(rule.content, _label(rule)), fixed
        return Simple(base="string"), None

    def _typed(self, content: Content, label: str) -> Simple:
        codes = content.codes
        if codes is not None and codes.fallback is None:
            listed = tuple(("enumeration", code) for code in codes.table)
            return Simple(base=content.type.xsd, facets=listed, label=label)
        said = self._facets.of_type(content.type.name)
        facets = dict(_facets(said))
        name = content.type.name
        if name in _PATTERNS:
            facets.setdefault("pattern", _PATTERNS[name])
        base = str(said.get("type", content.type.xsd))
        return Simple(base=base, facets=tuple(facets.items()), label=name)


def _label(rule: Rule) -> str:
    # A code is best named after the element that it stands in.
    steps = [step for step in re.sub(r"\[[*~]\]", "", rule.place.wire).split("/") if step]
    local = [step.rpartition(":")[2].removeprefix("@") for step in steps]
    return ".".join(local[-2:]) if local[-1] in ("code", "name") else local[-1]


def _facets(said: Mapping[str, Any]) -> tuple[Facet, ...]:
    facets: list[Facet] = []
    for name in FACETS:
        value = said.get(name)
        if isinstance(value, list):
            facets += [(name, str(item)) for item in value]
        elif value is not None:
            facets.append((name, str(value)))
    if "characters" in said:
        facets.append(("pattern", repertoire(said["characters"]).pattern()))
    return tuple(facets)
