"""Tests of ``gateway.validation.wire_path``."""

from typing import Any

import pytest
from lxml import etree

from gateway.validation.wire_path import find_by_node_path, wire_path

DOCUMENT = b"""<p:root xmlns:p="urn:a" xmlns:q="urn:b">
  <one/><one at="1" q:at="2"/>
  <q:one><p:two xmlns:p="urn:c"/><p:two xmlns:p="urn:c"/></q:one>
  <three xmlns="urn:a"><four/><five/></three>
</p:root>"""


def document() -> etree._Element:
    return etree.fromstring(DOCUMENT)


def test_paths_use_the_prefixes_of_the_map() -> None:
    root = document()
    namespaces = {"x": "urn:a", "y": "urn:b"}
    paths = [wire_path(node, namespaces=namespaces) for node in root.iter("*")]
    assert paths == [
        "/x:root",
        "/x:root/one[1]",
        "/x:root/one[2]",
        "/x:root/y:one",
        "/x:root/y:one/p:two[1]",
        "/x:root/y:one/p:two[2]",
        "/x:root/x:three",
        "/x:root/x:three/x:four",
        "/x:root/x:three/x:five",
    ]


def test_paths_find_their_element_again() -> None:
    root = document()
    namespaces: dict[str, str] = {"x": "urn:a", "y": "urn:b", "p": "urn:c"}
    for node in root.iter("*"):
        found: Any = root.xpath(wire_path(node, namespaces=namespaces), namespaces=namespaces)
        assert found == [node]


def test_attributes_end_the_path() -> None:
    one = document()[1]
    assert wire_path(one, namespaces={}, attribute="at") == "/p:root/one[2]/@at"
    assert wire_path(one, namespaces={"y": "urn:b"}, attribute="{urn:b}at").endswith("/@y:at")


def test_namespace_without_any_prefix_gets_a_star() -> None:
    assert wire_path(document()[3], namespaces={}) == "/p:root/*:three"


def test_overlong_name_is_not_repeated() -> None:
    root = etree.fromstring(b"<a><" + b"S" * 81 + b"/></a>")
    assert wire_path(root[0], namespaces={}) == "/a/*"


def test_libxml2_paths_lead_to_their_element() -> None:
    root = document()
    tree = root.getroottree()
    for node in root.iter("*"):
        assert find_by_node_path(root, tree.getpath(node)) is node


def test_path_of_an_attribute_leads_to_its_element() -> None:
    root = document()
    assert find_by_node_path(root, "/p:root/one[2]/@at") is root[1]


@pytest.mark.parametrize("path", ["", "/", "/other", "/p:root/nothing", "/p:root/one[3]", "/a:[]"])
def test_path_that_leads_nowhere_gives_none(path: str) -> None:
    assert find_by_node_path(document(), path) is None
