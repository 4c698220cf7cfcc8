"""Compare two XML messages place by place, and list the places of one.

What XML does not count as content is not compared: comments, processing instructions, prefixes,
order of attributes, whitespace between elements. Kept out: why a place may differ (``laws``).
"""

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher

from lxml import etree

from gateway.validation.wire_path import wire_path
from gateway.validation.xml_document import parse_xml

_LIMIT_BYTES = 16 * 1024 * 1024

Namespaces = Mapping[str, str]
Element = etree._Element  # noqa: SLF001 - lxml has no public name for it


def parse(data: bytes) -> Element:
    """The root of a message, without comments and processing instructions."""
    return parse_xml(data, limit=_LIMIT_BYTES, drop_notes=True).root


def differences(before: bytes, after: bytes, namespaces: Namespaces) -> tuple[str, ...]:
    """Paths at which two messages differ, as they are in the first; none: they are equal.

    What only the second has is named by its parent in the first and its own name.
    """
    return tuple(_compared(parse(before), parse(after), namespaces))


def is_container(element: Element) -> bool:
    """Whether an element holds elements, and whitespace between them at most."""
    texts = [element.text, *(child.tail for child in element)]
    return len(element) > 0 and not any(text and text.strip() for text in texts)


def strings(element: Element) -> Iterator[str]:
    """Every attribute value and text of a message."""
    for node in element.iter(etree.Element):
        yield from (str(value) for value in node.attrib.values())
        yield node.text or ""


def blank_places(data: bytes, namespaces: Namespaces) -> set[str]:
    """Paths of the elements that hold blanks and nothing else."""
    return {
        wire_path(node, namespaces=namespaces)
        for node in parse(data).iter(etree.Element)
        if len(node) == 0 and node.text and not node.text.strip()
    }


def child_path(parent: Element, name: str, namespaces: Namespaces) -> str:
    """Path of a child or attribute (``@name``) that a parent does not have."""
    mark, name = ("@", name[1:]) if name.startswith("@") else ("", name)
    prefixes = {uri: prefix for prefix, uri in namespaces.items()}
    found = etree.QName(name)
    prefix = prefixes.get(found.namespace or "")
    local = f"{prefix}:{found.localname}" if prefix else found.localname
    return f"{wire_path(parent, namespaces=namespaces)}/{mark}{local}"


def attribute_path(element: Element, name: str, namespaces: Namespaces) -> str:
    """Path of an attribute that an element has."""
    return wire_path(element, namespaces=namespaces, attribute=name)


def _compared(before: Element, after: Element, names: Namespaces) -> Iterator[str]:
    if before.tag != after.tag:
        yield wire_path(before, namespaces=names)
        return
    for name in sorted({*map(str, before.attrib), *map(str, after.attrib)}):
        if before.get(name) != after.get(name):
            yield child_path(before, f"@{name}", names)
    if not (len(before) or len(after)):
        if (before.text or "") != (after.text or ""):
            yield wire_path(before, namespaces=names)
        return
    if _texts(before) != _texts(after):
        yield wire_path(before, namespaces=names)
    yield from _children(before, after, names)


def _texts(element: Element) -> list[str]:
    texts = [element.text or "", *(child.tail or "" for child in element)]
    return [text for text in texts if text.strip()]


def _children(before: Element, after: Element, names: Namespaces) -> Iterator[str]:
    old, new = list(before), list(after)
    matcher = SequenceMatcher(None, [c.tag for c in old], [c.tag for c in new], autojunk=False)
    for kind, first, last, start, end in matcher.get_opcodes():
        if kind == "equal":
            for left, right in zip(old[first:last], new[start:end], strict=True):
                yield from _compared(left, right, names)
            continue
        yield from (wire_path(node, namespaces=names) for node in old[first:last])
        yield from (child_path(before, str(node.tag), names) for node in new[start:end])
