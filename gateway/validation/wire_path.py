"""Name a place in an XML message, with the prefixes that its map uses.

The path is an XPath that finds the place again: ``/x:root/leser[2]/@listURI``. Position predicates
stand only where a sibling has the same name. Kept out: what is wrong there.
"""

import re
from collections.abc import Iterator, Mapping

from lxml import etree

_STEP = re.compile(r"(?:[^:\[]+:)?[^\[]+(?:\[\d{1,9}\])?")
_LONGEST_NAME = 80


class Siblings:
    """Where elements stand among those of their name; each parent is looked through once.

    A hostile message has a hundred faults under one parent of ten thousands. For one tree that does
    not change meanwhile.
    """

    def __init__(self) -> None:
        self._numbers: dict[tuple[etree._Element, str], dict[etree._Element, int]] = {}
        self._nodes: dict[tuple[etree._Element, str], list[etree._Element]] = {}

    def position(self, node: etree._Element) -> tuple[int, int]:
        """Return the number of an element among its siblings of the same name, and how many."""
        parent = node.getparent()
        if parent is None:
            return 1, 1
        key = parent, str(node.tag)
        if key not in self._numbers:
            same = parent.iterchildren(key[1])
            self._numbers[key] = {child: number for number, child in enumerate(same, start=1)}
        return self._numbers[key][node], len(self._numbers[key])

    def child(self, parent: etree._Element, step: str) -> etree._Element | None:
        """Return the child that a step of a libxml2 path names, ``p:name[2]``, or None."""
        name, _, position = step.removesuffix("]").partition("[")
        key = parent, name
        if key not in self._nodes:
            self._nodes[key] = list(_children(parent, name))
        index = int(position) - 1 if position else 0
        nodes = self._nodes[key]
        return nodes[index] if 0 <= index < len(nodes) else None


def wire_path(
    element: etree._Element,
    *,
    namespaces: Mapping[str, str],
    attribute: str | None = None,
    siblings: Siblings | None = None,
) -> str:
    """Return the path of an element, or of one of its attributes.

    Args:
        element: An element inside its tree.
        namespaces: Prefix to namespace, as the map declares them. A namespace that is not in it
            keeps the prefix that the message uses, or ``*`` where there is none.
        attribute: Name of an attribute, ``{namespace}name`` where it is qualified.
        siblings: What is known of the tree from other paths; saves time.
    """
    siblings = siblings or Siblings()
    prefixes = {uri: prefix for prefix, uri in namespaces.items()}
    steps = [_step(node, prefixes, siblings) for node in [element, *element.iterancestors()]]
    if attribute is not None:
        steps.insert(0, f"@{_name(etree.QName(attribute), prefixes, None)}")
    return "/" + "/".join(reversed(steps))


def find_by_node_path(
    root: etree._Element, path: str, *, siblings: Siblings | None = None
) -> etree._Element | None:
    """Return the element that a path of libxml2 (``error_log[i].path``) names.

    Such a path cannot simply be evaluated: it uses the prefixes of the message, which may be bound
    anew further down, and ``*`` for elements of a default namespace. So it is walked the way
    libxml2 writes it. None when it leads nowhere.
    """
    siblings = siblings or Siblings()
    first, *steps = path.strip("/").split("/")
    if not _is_named(root, first):
        return None
    here: etree._Element | None = root
    for step in steps:
        if here is None or step.startswith("@"):
            break
        here = siblings.child(here, step) if _STEP.fullmatch(step) else None
    return here


def _is_named(node: etree._Element, step: str) -> bool:
    own = etree.QName(node).localname
    return step in ("*", f"{node.prefix}:{own}" if node.prefix else own)


def _children(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    """Children as libxml2 names them: ``*`` is any, no prefix no namespace."""
    prefix, _, local = name.rpartition(":")
    if not prefix:
        yield from parent.iterchildren(local)
        return
    yield from (node for node in parent.iterchildren(f"{{*}}{local}") if node.prefix == prefix)


def _step(node: etree._Element, prefixes: Mapping[str, str], siblings: Siblings) -> str:
    name = _name(etree.QName(node), prefixes, node.prefix)
    number, of = siblings.position(node)
    return name if of == 1 else f"{name}[{number}]"


def _name(name: etree.QName, prefixes: Mapping[str, str], own: str | None) -> str:
    # An unknown name is the sender's text; no standard has names of this length.
    local = name.localname if len(name.localname) <= _LONGEST_NAME else "*"
    if not name.namespace:
        return local
    return f"{prefixes.get(name.namespace) or own or '*'}:{local}"
