"""Ways to spoil one place of a valid XMeld message."""

from collections.abc import Callable
from copy import deepcopy

from lxml import etree

from gateway.adapter_kit.trees import Element, parse

XMELD = "http://www.osci.de/xmeld2511a"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
NAMES = {"xmeld": XMELD, "xsi": XSI}

Edit = Callable[[Element], None]


def spoilt(message: bytes, path: str, edit: Edit) -> bytes:
    """The message with an edit at the first element of an XPath."""
    root = parse(message)
    edit(first(root, path))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def first(root: Element, path: str) -> Element:
    found = root.xpath(path, namespaces=NAMES)
    assert isinstance(found, list)
    node = found[0]
    assert etree.iselement(node)
    return node


def remove(node: Element) -> None:
    parent = node.getparent()
    assert parent is not None
    parent.remove(node)


def move_up(node: Element) -> None:
    before, parent = node.getprevious(), node.getparent()
    assert before is not None
    assert parent is not None
    parent.insert(parent.index(before), node)


def double(node: Element) -> None:
    node.addnext(deepcopy(node))


def say(text: str) -> Edit:
    def edit(node: Element) -> None:
        node.text = text

    return edit


def add(name: str, text: str | None = None) -> Edit:
    def edit(node: Element) -> None:
        etree.SubElement(node, name).text = text

    return edit


def add_first(name: str, text: str | None = None) -> Edit:
    def edit(node: Element) -> None:
        child = etree.Element(name)
        child.text = text
        node.insert(0, child)

    return edit


def put(name: str, value: str) -> Edit:
    def edit(node: Element) -> None:
        node.set(name, value)

    return edit


def drop(name: str) -> Edit:
    def edit(node: Element) -> None:
        del node.attrib[name]

    return edit


def rename(name: str) -> Edit:
    def edit(node: Element) -> None:
        node.tag = name

    return edit


def empty(node: Element) -> None:
    for child in list(node):
        node.remove(child)
