"""Spoil and respell examples: what the laws try on every place of a message or document.

A mutation changes what is said, so something must come of it; a variation says the same in another
spelling, so nothing may. Kept out: the judgement (``laws``).
"""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from lxml import etree

from gateway.adapter_kit.trees import (
    Element,
    Namespaces,
    attribute_path,
    child_path,
    is_container,
    parse,
)
from gateway.translation.forms.typed import XSI_TYPE, expanded
from gateway.translation.schema_view import SchemaView
from gateway.validation.wire_path import wire_path

UNKNOWN = "unknownByAll"
"""Name of the element, attribute and property that nobody knows."""

_MOST_SIBLINGS = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class WireMutation:
    """A message that says something else at one place; ``kind`` says what was done there."""

    kind: str
    wire: str
    data: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentMutation:
    """A document that says something else at one place."""

    kind: str
    pointer: str
    document: dict[str, Any]


def wire_mutations(
    data: bytes, namespaces: Namespaces, *, most: int | None = None
) -> Iterator[WireMutation]:
    """Another value, nothing, a repeat or something unknown at every place of a message.

    Args:
        data: A message that is accepted.
        namespaces: Prefix to namespace, for the places.
        most: How many elements are tried, evenly spread, of siblings with the same name the first
            and the last only; None: all.
    """
    root = parse(data)
    tried = [node for node in root.iter(etree.Element) if most is None or _is_tried(node)]
    for node in tried[:: _step(len(tried), most)]:
        for change in (_respoken, _removed, _repeated, _joined_by_unknown):
            for kind, path in change(node, namespaces):
                yield WireMutation(kind=kind, wire=path, data=etree.tostring(root))
        # Each change undoes itself when its iterator goes on.


def variations(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The same message in other spellings: name of the variation and bytes."""
    yield "other prefixes", _with_other_prefixes(parse(data))
    changes: Mapping[str, Callable[[Element], None]] = {
        "order of attributes": _turn_attributes,
        "whitespace between elements": _widen,
        "no whitespace between elements": _narrow,
        "comments and processing instructions": _comment,
    }
    for name, change in changes.items():
        root = parse(data)
        for node in list(root.iter(etree.Element)):
            change(node)
        yield name, etree.tostring(root)
    yield "character references", etree.tostring(parse(data), encoding="us-ascii")


def document_mutations(
    document: dict[str, Any], schema: Mapping[str, Any], *, most: int | None = None
) -> Iterator[DocumentMutation]:
    """Another value, nothing, or something unknown at every place of a document."""
    view = SchemaView(schema)
    copy = deepcopy(document)
    places = list(_places(copy, "", every=most is None))
    for holder, key, pointer in places[:: _step(len(places), most)]:
        value = holder[key]
        if not isinstance(value, dict | list):
            for other in _others(value, view.at(_template(pointer))):
                holder[key] = other
                yield DocumentMutation(kind="another value", pointer=pointer, document=copy)
        holder[key] = value
        yield from _without(holder, key, pointer, copy)
    for obj, pointer in list(_objects(copy, "", every=most is None)):
        obj[UNKNOWN] = "x"
        yield DocumentMutation(
            kind="unknown property", pointer=f"{pointer}/{UNKNOWN}", document=copy
        )
        del obj[UNKNOWN]


def _step(count: int, most: int | None) -> int:
    return 1 if most is None else max(1, -(-count // most))


def _is_tried(node: Element) -> bool:
    while True:
        before = sum(1 for _ in node.itersiblings(str(node.tag), preceding=True))
        after = next(node.itersiblings(str(node.tag)), None)
        if before >= _MOST_SIBLINGS - 1 and after is not None:
            return False
        parent = node.getparent()
        if parent is None:
            return True
        node = parent


def _respoken(node: Element, names: Namespaces) -> Iterator[tuple[str, str]]:
    if len(node) == 0:
        text = node.text
        node.text = _another(text or "")
        yield "another value", wire_path(node, namespaces=names)
        node.text = text
    for name, value in list(node.attrib.items()):
        node.set(name, _another(str(value)))
        yield "another value", attribute_path(node, str(name), names)
        node.set(name, value)


def _removed(node: Element, names: Namespaces) -> Iterator[tuple[str, str]]:
    for name, value in list(node.attrib.items()):
        path = attribute_path(node, str(name), names)
        del node.attrib[name]
        yield "removed", path
        node.set(name, value)
    parent = node.getparent()
    if parent is not None:
        path, place, tail = wire_path(node, namespaces=names), parent.index(node), node.tail
        parent.remove(node)
        yield "removed", path
        parent.insert(place, node)
        node.tail = tail


def _repeated(node: Element, names: Namespaces) -> Iterator[tuple[str, str]]:
    parent = node.getparent()
    if parent is not None:
        copy = deepcopy(node)
        parent.insert(parent.index(node) + 1, copy)
        yield "repeated", wire_path(copy, namespaces=names)
        parent.remove(copy)


def _joined_by_unknown(node: Element, names: Namespaces) -> Iterator[tuple[str, str]]:
    node.set(UNKNOWN, "x")
    yield "unknown attribute", child_path(node, f"@{UNKNOWN}", names)
    del node.attrib[UNKNOWN]
    if is_container(node):
        added = etree.SubElement(node, UNKNOWN)
        added.text = "x"
        yield "unknown element", wire_path(added, namespaces=names)
        node.remove(added)
        text = node.text
        node.text = "x"
        yield "text between elements", wire_path(node, namespaces=names)
        node.text = text


def _another(text: str) -> str:
    """Another text of the same make: the last letter or digit becomes another one."""
    for index in range(len(text) - 1, -1, -1):
        char = text[index]
        if char.isdecimal():
            return f"{text[:index]}{(int(char) + 1) % 10}{text[index + 1 :]}"
        if char.isalpha():
            return f"{text[:index]}{'b' if char == 'a' else 'a'}{text[index + 1 :]}"
    return f"{text}1"


def _with_other_prefixes(root: Element) -> bytes:
    uris = {etree.QName(node).namespace for node in root.iter(etree.Element)}
    renamed = {f"other{i}": uri for i, uri in enumerate(sorted(uri for uri in uris if uri))}
    return etree.tostring(_copied(root, renamed))


def _copied(node: Element, names: Mapping[str, str]) -> Element:
    copy = etree.Element(str(node.tag), dict(node.attrib), nsmap=dict(names))
    if XSI_TYPE in node.attrib:
        named = etree.QName(expanded(str(node.get(XSI_TYPE)), node))
        prefix = next((prefix for prefix, uri in names.items() if uri == named.namespace), None)
        copy.set(XSI_TYPE, f"{prefix}:{named.localname}" if prefix else named.localname)
    copy.text, copy.tail = node.text, node.tail
    for child in node:
        copy.append(_copied(child, names))
    return copy


def _turn_attributes(node: Element) -> None:
    pairs = list(node.attrib.items())
    for name, _ in pairs:
        del node.attrib[name]
    for name, value in reversed(pairs):
        node.set(name, value)


def _widen(node: Element) -> None:
    if is_container(node):
        node.text = "\n\t  "
        for child in node:
            child.tail = "\r\n "


def _narrow(node: Element) -> None:
    if is_container(node):
        node.text = None
        for child in node:
            child.tail = None


def _comment(node: Element) -> None:
    if is_container(node):
        node.insert(1, etree.Comment("note"))
        node.append(etree.ProcessingInstruction("note", "again"))
    elif len(node) == 0 and node.text:
        half = len(node.text) // 2
        note = etree.Comment("note")
        note.tail = node.text[half:]
        node.text = node.text[:half]
        node.append(note)


def _places(value: Any, pointer: str, *, every: bool) -> Iterator[tuple[Any, Any, str]]:
    """Every place below a value: its holder, its key there and its pointer."""
    for key in _keys(value, every=every):
        inner = f"{pointer}/{key}"
        yield value, key, inner
        if isinstance(value[key], dict | list):
            yield from _places(value[key], inner, every=every)


def _keys(value: Any, *, every: bool) -> list[Any]:
    """Every key or index; of an array, where not every one is tried, the first and the last."""
    if not isinstance(value, list):
        return list(value)
    return list(range(len(value))) if every else sorted({0, len(value) - 1} if value else ())


def _objects(value: Any, pointer: str, *, every: bool) -> Iterator[tuple[dict[str, Any], str]]:
    if isinstance(value, dict):
        yield value, pointer
    if isinstance(value, dict | list):
        for key in _keys(value, every=every):
            yield from _objects(value[key], f"{pointer}/{key}", every=every)


def _without(
    holder: Any, key: Any, pointer: str, document: dict[str, Any]
) -> Iterator[DocumentMutation]:
    value = holder[key]
    if isinstance(holder, list):
        del holder[key]
        yield DocumentMutation(kind="removed", pointer=pointer, document=document)
        holder.insert(key, value)
        return
    order = list(holder.items())
    del holder[key]
    yield DocumentMutation(kind="removed", pointer=pointer, document=document)
    holder.clear()
    holder.update(order)


def _template(pointer: str) -> str:
    return "/".join("*" if step.isdigit() else step for step in pointer.split("/"))


def _others(value: Any, schemas: list[Mapping[str, Any]]) -> Iterator[Any]:
    """Other values of the same kind; the schema says which words there are."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1)
    else:
        words = [word for schema in schemas for word in schema.get("enum", ()) if word != value]
        yield words[0] if words else _another(value)
