"""Say what is wrong with an XML message, in our own words.

libxml2's messages quote values, so none is passed on. Only what stands at their fixed beginning
(names of element and attribute) and fixed end (limits and names of the schema) is read from them;
kind and length of what was there come from the tree.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from lxml import etree

from gateway.errors import Place
from gateway.validation.wire_path import Siblings, find_by_node_path, wire_path

MOST_PLACES = 100

_SUBJECT = re.compile(r"Element '(?:\{[^}]*\})?[^']*'(?:, attribute '((?:\{[^}]*\})?[^']*)')?: ")
_EXPECTED_NAMES = re.compile(r"Expected is (?:one of )?\( (.*) \)\.\Z")
_MISSING_ATTRIBUTE = re.compile(r"The attribute '([^']*)' is required but missing\.\Z")
_LIMIT = re.compile(r"\(?'([0-9A-Za-z.:+-]*)'\)?\.\Z")
_PATTERN = re.compile(r".* is not accepted by the pattern '(.*)'\.\Z", re.DOTALL)
_TYPE = re.compile(r" type '(?:\{[^}]*\}|xs:)?([^']*)'\.\Z")
_LONGEST_PATTERN = 60
_LONGEST_END = 300


class LogEntry(Protocol):
    """What is used of an entry of lxml's error log."""

    @property
    def type_name(self) -> str: ...  # noqa: D102 - see lxml
    @property
    def message(self) -> str: ...  # noqa: D102 - see lxml
    @property
    def path(self) -> str | None: ...  # noqa: D102 - see lxml


# Error types of libxml2 (xmlSchemaValidError) to keyword and text. In a text, {limit}, {pattern},
# {type} and {expected} come from the schema, {found} is kind and length, {name} a name.
_KINDS: Mapping[str, tuple[str, str]] = {
    "SCHEMAV_CVC_PATTERN_VALID": ("pattern", "expected {pattern}, found {found}"),
    "SCHEMAV_CVC_ENUMERATION_VALID": ("enumeration", "expected a listed value, found {found}"),
    "SCHEMAV_CVC_LENGTH_VALID": ("length", "expected a length of {limit}, found {found}"),
    "SCHEMAV_CVC_MINLENGTH_VALID": (
        "min-length",
        "expected at least {limit} characters, found {found}",
    ),
    "SCHEMAV_CVC_MAXLENGTH_VALID": (
        "max-length",
        "expected at most {limit} characters, found {found}",
    ),
    "SCHEMAV_CVC_MININCLUSIVE_VALID": ("minimum", "expected {limit} or more, found {found}"),
    "SCHEMAV_CVC_MINEXCLUSIVE_VALID": ("minimum", "expected more than {limit}, found {found}"),
    "SCHEMAV_CVC_MAXINCLUSIVE_VALID": ("maximum", "expected {limit} or less, found {found}"),
    "SCHEMAV_CVC_MAXEXCLUSIVE_VALID": ("maximum", "expected less than {limit}, found {found}"),
    "SCHEMAV_CVC_TOTALDIGITS_VALID": ("total-digits", "expected at most {limit} digits"),
    "SCHEMAV_CVC_FRACTIONDIGITS_VALID": (
        "fraction-digits",
        "expected at most {limit} digits after the point",
    ),
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": ("type", "expected {type}, found {found}"),
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_2": ("type", "expected {type}, found {found}"),
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_3": ("type", "expected {type}, found {found}"),
    "SCHEMAV_CVC_FACET_VALID": ("type", "expected another form, found {found}"),
    "SCHEMAV_CVC_AU": ("fixed", "expected the value the schema fixes, found {found}"),
    "SCHEMAV_CVC_ELT_5_2_2_2_1": ("fixed", "expected the value the schema fixes, found {found}"),
    "SCHEMAV_CVC_ELT_5_2_2_2_2": ("fixed", "expected the value the schema fixes, found {found}"),
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": ("unknown-attribute", "an attribute that is not allowed"),
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_2": ("unknown-attribute", "an attribute that is not allowed"),
    "SCHEMAV_CVC_TYPE_3_1_1": ("unknown-attribute", "an attribute that is not allowed"),
    "SCHEMAV_CVC_COMPLEX_TYPE_4": ("missing-attribute", "a required attribute is missing"),
    "SCHEMAV_CVC_COMPLEX_TYPE_2_1": ("not-empty", "expected an empty element, found {found}"),
    "SCHEMAV_CVC_COMPLEX_TYPE_2_2": ("children", "expected text only, found {found}"),
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": ("text", "text stands between elements"),
    "SCHEMAV_CVC_TYPE_3_1_2": ("children", "expected text only, found {found}"),
    "SCHEMAV_CVC_ELT_1": ("unknown-root", "the schema has no such message"),
    "SCHEMAV_CVC_ELT_2": ("abstract", "the schema allows no such element, only kinds of it"),
    "SCHEMAV_CVC_TYPE_2": ("abstract", "the schema allows no such element, only kinds of it"),
    "SCHEMAV_CVC_ELT_3_1": ("nil", "xsi:nil is not allowed"),
    "SCHEMAV_CVC_ELT_3_2_1": ("nil", "xsi:nil stands on an element that has content"),
    "SCHEMAV_CVC_ELT_4_1": ("xsi-type", "xsi:type is not a qualified name"),
    "SCHEMAV_CVC_ELT_4_2": ("xsi-type", "xsi:type names no type of the schema"),
    "SCHEMAV_CVC_ELT_4_3": ("xsi-type", "xsi:type names a type that is not allowed here"),
    "SCHEMAV_CVC_IDC": ("identity", "breaks a uniqueness or key rule of the schema"),
    "SCHEMAV_CVC_WILDCARD": ("wildcard", "an element of a namespace that is not allowed"),
}
_OTHER = ("schema", "breaks the schema")


def list_wire_faults(
    entries: Iterable[LogEntry], root: etree._Element, *, namespaces: Mapping[str, str]
) -> tuple[Place, ...]:
    """Return a place for every fault that libxml2 named, in document order, at most 100.

    Args:
        entries: libxml2's log for one validation.
        root: The element that was validated.
        namespaces: Prefix to namespace for the paths.
    """
    places: dict[tuple[str | None, str], Place] = {}
    siblings = Siblings()
    for entry in entries:
        place = _explain(entry, root, namespaces, siblings)
        # A list type is reported twice, for the item and for the list.
        places.setdefault((place.wire, place.keyword), place)
        if len(places) > MOST_PLACES:
            more = Place(keyword="more", detail="more faults follow; these are the first")
            return (*list(places.values())[:MOST_PLACES], more)
    return tuple(places.values())


def _explain(
    entry: LogEntry, root: etree._Element, namespaces: Mapping[str, str], siblings: Siblings
) -> Place:
    message = entry.message.strip()
    # What is read from the end is short. Before it may stand 60,000 characters of the message, made
    # to keep a regular expression busy.
    end = message[-_LONGEST_END:]
    element = find_by_node_path(root, entry.path or "", siblings=siblings)
    if element is None:
        return Place(keyword="schema", detail="breaks the schema", wire=_root_path(root))
    subject = _SUBJECT.match(message)
    attribute = subject[1] if subject else None
    if entry.type_name == "SCHEMAV_ELEMENT_CONTENT":
        return _content(message, element, namespaces, siblings)
    keyword, template = _KINDS.get(entry.type_name, _OTHER)
    if keyword == "missing-attribute" and (missing := _MISSING_ATTRIBUTE.search(end)):
        attribute = missing[1]
    detail = template.format(
        limit=_first(_LIMIT, end, "the schema's limit"),
        pattern=_pattern(end),
        type=_type(end),
        found=_describe(element, attribute),
    )
    wire = wire_path(element, namespaces=namespaces, attribute=attribute, siblings=siblings)
    return Place(keyword=keyword, detail=detail, wire=wire)


def _content(
    message: str, element: etree._Element, namespaces: Mapping[str, str], siblings: Siblings
) -> Place:
    expected = _expected(message, namespaces)
    if "Missing child element(s)" in message:
        keyword, detail = "missing-element", f"a child element is missing; expected {expected}"
    else:
        keyword, detail = "unknown-element", f"not expected here; expected {expected}"
    wire = wire_path(element, namespaces=namespaces, siblings=siblings)
    return Place(keyword=keyword, detail=detail, wire=wire)


def _expected(message: str, namespaces: Mapping[str, str]) -> str:
    found = _EXPECTED_NAMES.search(message)
    if found is None:
        return "no further element"
    names = list(_short_names(found[1].split(", "), namespaces))
    if len(names) == 1:
        return names[0]
    return f"one of {', '.join(names)}" if names else "an element of another namespace"


def _short_names(names: Iterable[str], namespaces: Mapping[str, str]) -> Iterator[str]:
    prefixes = {uri: prefix for prefix, uri in namespaces.items()}
    for name in names:
        if name.startswith("#") or "*" in name:  # a wildcard, not a name
            continue
        uri, _, local = name.rpartition("}")
        prefix = prefixes.get(uri.removeprefix("{"), "")
        yield f"{prefix}:{local}" if prefix else local


def _pattern(message: str) -> str:
    pattern = _first(_PATTERN, message, "")
    # Everything before the last such phrase, values included, is skipped: what is left is the
    # schema's own text.
    if pattern and len(pattern) <= _LONGEST_PATTERN:
        return f"a text that matches {pattern}"
    return "a text that matches the schema's pattern"


def _type(message: str) -> str:
    name = _first(_TYPE, message, "")
    return f"a value of the type {name}" if name else "a value of another type"


def _first(pattern: re.Pattern[str], message: str, otherwise: str) -> str:
    found = pattern.search(message)
    return found[1] if found else otherwise


def _describe(element: etree._Element, attribute: str | None) -> str:
    if attribute is not None:
        return _text(element.get(attribute) or "")
    children = sum(1 for _ in element.iterchildren("*"))
    if children:
        return "1 child element" if children == 1 else f"{children} child elements"
    return _text(element.xpath("string()"))


def _text(text: object) -> str:
    length = len(str(text))
    if length == 0:
        return "no text"
    return "a text of 1 character" if length == 1 else f"a text of {length} characters"


def _root_path(root: etree._Element) -> str:
    return wire_path(root, namespaces={})
