"""Name a place in an XML message, with the prefixes that its map uses.

The path is an XPath that finds the place again: ``/x:root/leser[2]/@listURI``. Position predicates
stand only where a sibling has the same name. Kept out: what is wrong there.
"""

import re
from collections.abc import Mapping

from lxml import etree

_STEP = re.compile(r"(?:([^:\[]+):)?([^\[]+)(?:\[(\d+)\])?")
_LONGEST_NAME = 80


def wire_path(
    element: etree._Element,
    *,
    namespaces: Mapping[str, str],
    attribute: str | None = None,
) -> str:
    """Return the path of an element, or of one of its attributes.

    Args:
        element: An element inside its tree.
        namespaces: Prefix to namespace, as the map declares them. A namespace that is not in it
            keeps the prefix that the message uses, or ``*`` where there is none.
        attribute: Name of an attribute, ``{namespace}name`` where it is qualified.
    """
    prefixes = {uri: prefix for prefix, uri in namespaces.items()}
    steps = [_step(node, prefixes) for node in [element, *element.iterancestors()]]
    if attribute is not None:
        steps.insert(0, f"@{_name(etree.QName(attribute), prefixes, None)}")
    return "/" + "/".join(reversed(steps))


def find_by_node_path(root: etree._Element, path: str) -> etree._Element | None:
    """Return the element that a path of libxml2 (``error_log[i].path``) names.

    Such a path cannot simply be evaluated: it uses the prefixes of the message, which may be bound
    anew further down, and ``*`` for elements of a default namespace. So it is walked the way
    libxml2 writes it. None when it leads nowhere.
    """
    steps = path.strip("/").split("/")
    if not steps or not _matching([root], steps[0]):
        return None
    here = root
    for step in steps[1:]:
        if step.startswith("@"):
            break
        found = _matching(list(here.iterchildren("*")), step)
        if not found:
            return None
        here = found[0]
    return here


def _matching(nodes: list[etree._Element], step: str) -> list[etree._Element]:
    parts = _STEP.fullmatch(step)
    if parts is None:
        return []
    prefix, name, position = parts.groups()
    if name != "*":
        nodes = [n for n in nodes if n.prefix == prefix and etree.QName(n).localname == name]
    index = int(position) - 1 if position else 0
    return nodes[index : index + 1]


def _step(node: etree._Element, prefixes: Mapping[str, str]) -> str:
    name = _name(etree.QName(node), prefixes, node.prefix)
    tag = str(node.tag)
    before = len(list(node.itersiblings(tag, preceding=True)))
    if before == 0 and next(node.itersiblings(tag), None) is None:
        return name
    return f"{name}[{before + 1}]"


def _name(name: etree.QName, prefixes: Mapping[str, str], own: str | None) -> str:
    # An unknown name is the sender's text; no standard has names of this length.
    local = name.localname if len(name.localname) <= _LONGEST_NAME else "*"
    if not name.namespace:
        return local
    return f"{prefixes.get(name.namespace) or own or '*'}:{local}"
