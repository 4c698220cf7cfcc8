"""Keys of a map and the values they take: what is misspelt or of a wrong kind is refused.

Kept out: what the keys mean (``compile``).
"""

import re
from typing import Any

from gateway.translation.source import YamlFaultError, YamlMapping

KEYS = {
    "api": {"api", "wire", "as", "optional", "codes", "fallback", "preferred", "default", "write",
            "correlates", "supply", "parts", "where", "only", "reason", "python",
            "truncate", "length", "list"},
    "join": {"join", "separator", "wire", "as", "optional", "lastOptional"},
    "const": {"const", "wire", "write", "as"},
    "group": {"group", "supply", "choice", "on", "rules", "where"},
    "each": {"each", "supply", "choice", "on", "rules"},
    "zip": {"zip", "lists", "optional"},
    "choice": {"choice", "optional", "rules"},
    "drop": {"drop", "wire"},
    "keep": {"keep", "wire"},
    "unsupported": {"unsupported", "api", "wire"},
    "opaque": {"opaque", "wire", "optional"},
    "computed": {"computed", "wire", "as", "optional"},
    "use": {"use", "with"},
}  # fmt: skip
"""Keys that a rule of each form may have."""

FORMS_IN_ORDER = (
    "group", "use", "each", "choice", "const", "drop", "keep", "unsupported", "opaque", "join",
    "zip", "computed", "api",
)  # fmt: skip
"""Forms in the order in which their keys are looked for: a rule may hold keys of several."""

HEAD = {"wire", "api", "optional"}
"""Keys under ``group`` and ``each``."""

VALUE = {"as", "codes", "fallback", "preferred"}
"""Further keys under an ``each`` without rules: what one item is."""

LIST = {"uri", "version"}
"""Keys under ``list``."""

_WORDS = {True: "true", False: "false"}
_NAME = re.compile(r"@?([^\s:/\[\]@<>&'\"=]+:)?[^\s:/\[\]@<>&'\"=]+")


def form_of(rule: YamlMapping) -> str | None:
    """The form of a rule; None: it has the key of none."""
    return next((form for form in FORMS_IN_ORDER if form in rule), None)


def check_keys(rule: YamlMapping, form: str) -> None:
    """Refuse a key that the form does not have."""
    refuse_unknown(rule, KEYS[form], f"`{form}`")


def refuse_unknown(mapping: YamlMapping, known: set[str], what: str) -> None:
    """Refuse a key that is not known, with its own line."""
    unknown = sorted(set(mapping) - known)
    if unknown:
        place = mapping.places.get(unknown[0], mapping.place)
        raise YamlFaultError(place, f"{what} has no key `{unknown[0]}`.")


def head_of(rule: YamlMapping, form: str, known: set[str]) -> YamlMapping:
    """The mapping under ``group`` or ``each``."""
    head = rule[form]
    if not isinstance(head, YamlMapping):
        raise YamlFaultError(rule.place, f"`{form}` must be a mapping with `wire`.")
    refuse_unknown(head, known, f"`{form}`")
    return head


def is_set(mapping: YamlMapping, key: str) -> bool:
    """A switch that is off unless it says ``true``; any word but true and false is refused."""
    value = mapping.get(key, False)
    if not isinstance(value, bool):
        raise YamlFaultError(mapping.place, f"`{key}` is true or false.")
    return value


def writes(rule: YamlMapping) -> bool | None:
    """Whether ``write`` says always or never; None: it says nothing."""
    value = rule.get("write")
    if value not in (None, "always", "never"):
        raise YamlFaultError(rule.place, "`write` is always or never.")
    return None if value is None else value == "always"


def constant(value: Any, place: str, what: str) -> str:
    """A fixed text; YAML's numbers and booleans are taken as they are written in XML."""
    if isinstance(value, bool):
        return _WORDS[value]
    if not isinstance(value, str | int):
        raise YamlFaultError(place, f"{what} must be a text.")
    return str(value)


def text_of(mapping: YamlMapping, key: str) -> str:
    """The text under a key that must be there."""
    value = mapping.get(key)
    if not isinstance(value, str) or not value:
        raise YamlFaultError(mapping.place, f"The rule needs `{key}`.")
    return value


def optional_text(mapping: YamlMapping, key: str) -> str | None:
    """The text under a key that may be left out."""
    return text_of(mapping, key) if mapping.get(key) is not None else None


def wire_of(mapping: YamlMapping) -> str:
    """The wire name under ``wire``: a name, never a path."""
    printed = text_of(mapping, "wire")
    if not _NAME.fullmatch(printed):
        raise YamlFaultError(mapping.place, "`wire` is one name: `x:name`, `@name` or `.`.")
    return printed


def element_of(mapping: YamlMapping) -> str:
    """The wire name under ``wire`` of a rule that enters an element."""
    printed = wire_of(mapping)
    if printed == "." or printed.startswith("@"):
        raise YamlFaultError(mapping.place, "Only an element holds other rules.")
    return printed
