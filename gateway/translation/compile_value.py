"""Compile the rules that hold one value: ``api``, ``supply``, ``const``, ``drop``, ``computed``."""

from collections.abc import Mapping
from typing import Any

from gateway.translation.breach import RulePlace
from gateway.translation.compile_list import CODED, list_of
from gateway.translation.content import Codes, Content
from gateway.translation.forms.codec import CodecError, load_codec
from gateway.translation.forms.computed import FUNCTIONS, Computed
from gateway.translation.forms.const import Const
from gateway.translation.forms.drop import Drop
from gateway.translation.forms.join import Joined, JoinedAttribute, JoinedElement, JoinedText
from gateway.translation.forms.keep import Keep
from gateway.translation.forms.leaf import (
    NO_DEFAULT,
    AttributeLeaf,
    ElementLeaf,
    Leaf,
    PartsLeaf,
    TextLeaf,
)
from gateway.translation.forms.one_way import DIRECTIONS, OneWay
from gateway.translation.forms.opaque import Opaque
from gateway.translation.forms.truncate import (
    Truncated,
    TruncatedAttribute,
    TruncatedElement,
    TruncatedText,
)
from gateway.translation.forms.unsupported import Unsupported
from gateway.translation.keys import (
    constant,
    element_of,
    is_set,
    optional_text,
    text_of,
    wire_of,
    writes,
)
from gateway.translation.slots import ITEM, Slot
from gateway.translation.source import YamlFaultError, YamlMapping
from gateway.translation.values import VALUE_TYPES

Namespaces = Mapping[str, str]
"""Prefix to namespace, as the map declares them."""


def compile_leaf(rule: YamlMapping, place: RulePlace, names: Namespaces) -> Leaf | OneWay:
    """Compile `api` or `supply`, in both directions or one."""
    leaf = _two_way(rule, place, names)
    only = optional_text(rule, "only")
    if only is None:
        if "reason" in rule:
            raise YamlFaultError(rule.place, "`reason` goes with `only`.")
        return leaf
    if only not in DIRECTIONS:
        raise YamlFaultError(rule.place, f"`only` is one of {', '.join(DIRECTIONS)}.")
    return OneWay(leaf, only=only, reason=optional_text(rule, "reason") or "")


def _two_way(rule: YamlMapping, place: RulePlace, names: Namespaces) -> Leaf:
    slot = Slot(text_of(rule, "api"))
    printed = wire_of(rule)
    kind = _kind_of_leaf(rule, printed)
    default = rule.get("default", NO_DEFAULT)
    write = writes(rule)
    if write is not None and default is NO_DEFAULT:
        raise YamlFaultError(rule.place, "`write` goes with `default`.")
    leaf = kind(
        place_of(rule, place, slot, printed),
        clark(printed, rule, names),
        printed,
        slot=slot,
        content=_content(rule),
        required=not is_set(rule, "optional") and default is NO_DEFAULT,
        supply=optional_text(rule, "supply"),
        default=default,
        writes_default=write is True,
        correlates=is_set(rule, "correlates"),
    )
    if isinstance(leaf, Truncated):
        length = rule.get("length")
        if not isinstance(length, int) or isinstance(length, bool):
            raise YamlFaultError(rule.place, "`truncate` needs a `length`.")
        leaf.cut(length, str(rule["truncate"] or ""))
    leaf.code_list = list_of(rule)
    return _parts(leaf, rule, rule["parts"], names) if "parts" in rule else leaf


def _kind_of_leaf(rule: YamlMapping, printed: str) -> type[Leaf]:
    if "truncate" in rule:
        if "parts" in rule:
            raise YamlFaultError(rule.place, "`truncate` goes without `parts`.")
        cut = {"@": TruncatedAttribute, ".": TruncatedText}
        return cut.get(printed[0], TruncatedElement)
    if "length" in rule:
        raise YamlFaultError(rule.place, "`length` goes with `truncate`.")
    return {"@": AttributeLeaf, ".": TextLeaf}.get(printed[0], ElementLeaf)


def _parts(leaf: Leaf, rule: YamlMapping, parts: Any, names: Namespaces) -> PartsLeaf:
    if not isinstance(parts, YamlMapping) or not isinstance(leaf, ElementLeaf):
        raise YamlFaultError(rule.place, "`parts` name the children of an element.")
    lengths = {"day": len("2025-01-31"), "month": len("2025-01"), "year": len("2025")}
    unknown = sorted(set(parts) - set(lengths))
    if unknown or rule.get("as") != "partialDate":
        raise YamlFaultError(rule.place, "`parts` are day, month, year of a `partialDate`.")
    return PartsLeaf(
        leaf,
        parts={lengths[part]: str(name) for part, name in parts.items()},
        lengths={clark(str(name), rule, names): lengths[part] for part, name in parts.items()},
    )


def compile_const(rule: YamlMapping, place: RulePlace, names: Namespaces) -> Const:
    """Compile `const`."""
    printed = wire_of(rule)
    return Const(
        place_of(rule, place, None, printed),
        clark(printed, rule, names),
        printed,
        value=constant(rule["const"], rule.place, "`const`"),
        written=writes(rule),
        content=_content(rule),
    )


def compile_drop(rule: YamlMapping, place: RulePlace, names: Namespaces) -> Drop:
    """Compile `drop`."""
    printed = wire_of(rule)
    return Drop(
        place_of(rule, place, None, printed),
        clark(printed, rule, names),
        printed,
        reason=str(rule["drop"] or ""),
    )


def compile_keep(rule: YamlMapping, place: RulePlace, names: Namespaces) -> Keep:
    """Compile `keep`."""
    printed = wire_of(rule)
    return Keep(
        place_of(rule, place, None, printed),
        clark(printed, rule, names),
        printed,
        reason=str(rule["keep"] or ""),
    )


def compile_unsupported(rule: YamlMapping, place: RulePlace, names: Namespaces) -> Unsupported:
    """Compile `unsupported`."""
    api = optional_text(rule, "api")
    printed = wire_of(rule) if "wire" in rule else ""
    if api is None and not printed:
        raise YamlFaultError(rule.place, "`unsupported` needs `api`, `wire` or both.")
    slot = Slot(api) if api is not None else None
    return Unsupported(
        place_of(rule, place, slot, printed),
        clark(printed, rule, names),
        printed,
        slot=slot,
        reason=str(rule["unsupported"] or ""),
    )


def compile_opaque(rule: YamlMapping, place: RulePlace, names: Namespaces) -> Opaque:
    """Compile `opaque`."""
    slot, printed = Slot(text_of(rule, "opaque")), element_of(rule)
    return Opaque(
        place_of(rule, place, slot, printed),
        clark(printed, rule, names),
        printed,
        slot=slot,
        required=not is_set(rule, "optional"),
    )


def compile_join(rule: YamlMapping, place: RulePlace, names: Namespaces) -> Joined:
    """Compile `join`."""
    fields = rule["join"]
    if not isinstance(fields, list) or not all(isinstance(field, str) for field in fields):
        raise YamlFaultError(rule.place, "`join` is a list of canonical fields.")
    printed = wire_of(rule)
    kinds: dict[str, type[Joined]] = {"@": JoinedAttribute, ".": JoinedText}
    slots = [Slot(field) for field in fields]
    leaf = kinds.get(printed[0], JoinedElement)(
        place_of(rule, place, None, printed),
        clark(printed, rule, names),
        printed,
        slot=Slot(fields[0] if fields else ITEM),
        content=_content(rule),
        required=not is_set(rule, "optional"),
    )
    leaf.join(
        slots,
        [place_of(rule, place, slot, printed) for slot in slots],
        constant(rule.get("separator", ""), rule.place, "`separator`"),
        last_optional=is_set(rule, "lastOptional"),
    )
    return leaf


def compile_computed(rule: YamlMapping, place: RulePlace, names: Namespaces) -> Computed:
    """Compile `computed`."""
    words = str(rule["computed"]).split()
    if not words or words[0] not in FUNCTIONS or len(words) != (1 if words[0] == "index" else 2):
        raise YamlFaultError(rule.place, f"`computed` is one of {', '.join(FUNCTIONS)}.")
    field, member = words[1] if len(words) > 1 else "", ""
    if words[0] == "sum":
        field, _, member = field.partition(".")
    content = _content(rule, default="integer")
    if content.type.name not in ("integer", "decimal", "digits"):
        raise YamlFaultError(rule.place, "`computed` is an integer, decimal or digits.")
    printed = wire_of(rule)
    return Computed(
        place_of(rule, place, None, printed),
        clark(printed, rule, names),
        printed,
        function=words[0],
        slot=Slot(field) if field else None,
        member=Slot(member) if member else None,
        content=content,
        required=not is_set(rule, "optional"),
    )


def _content(rule: YamlMapping, default: str = "text") -> Content:
    if "python" in rule:
        return _coded_by_class(rule)
    name = rule.get("as", default)
    value_type = VALUE_TYPES.get(name) if isinstance(name, str) else None
    if value_type is None:
        raise YamlFaultError(rule.place, f"`as` is one of {', '.join(VALUE_TYPES)}.")
    table = rule.get("codes")
    if table is None:
        if "fallback" in rule or "preferred" in rule:
            raise YamlFaultError(rule.place, "`fallback` and `preferred` go with `codes`.")
        return Content(value_type)
    if not isinstance(table, YamlMapping) or value_type.name not in CODED:
        raise YamlFaultError(rule.place, "`codes` must be a mapping of code to word, of texts.")
    words = {code: constant(word, rule.place, "A word") for code, word in table.items()}
    preferred = rule.get("preferred", {})
    if not isinstance(preferred, dict):
        raise YamlFaultError(rule.place, "`preferred` must be a mapping of word to code.")
    codes = {word: constant(code, rule.place, "A code") for word, code in preferred.items()}
    return Content(value_type, Codes(words, codes, optional_text(rule, "fallback")))


def _coded_by_class(rule: YamlMapping) -> Content:
    if {"as", "codes"} & rule.keys():
        raise YamlFaultError(rule.place, "`python` goes without `as` and `codes`.")
    try:
        return Content(load_codec(text_of(rule, "python")))
    except CodecError as error:
        raise YamlFaultError(rule.place, str(error)) from None


def clark(printed: str, rule: YamlMapping, names: Namespaces) -> str:
    """The Clark name of a name as written, ``@`` kept; a fault names the rule."""
    mark, name = ("@", printed[1:]) if printed.startswith("@") else ("", printed)
    prefix, colon, local = name.partition(":")
    if not colon:
        return printed
    if prefix not in names:
        raise YamlFaultError(rule.place, f"The prefix `{prefix}` is not declared.")
    return f"{mark}{{{names[prefix]}}}{local}"


def place_of(rule: YamlMapping, outer: RulePlace, slot: Slot | None, printed: str) -> RulePlace:
    """Where a rule inside an element stands, on both sides."""
    pointer = outer.pointer
    if slot is not None:
        pointer = f"{pointer or ''}{slot.pointer}"
    end = "" if printed in ("", ".") else f"/{printed}{outer.mark}"
    return RulePlace(
        rule=rule.place, pointer=pointer, wire=f"{outer.wire}{end}", cases=outer.step(end)
    )
