"""Comparing messages place by place."""

import pytest

from gateway.adapter_kit.trees import (
    blank_places,
    child_path,
    differences,
    is_container,
    parse,
    strings,
)

NAMES = {"s": "urn:s"}
BASE = b'<s:m xmlns:s="urn:s" a="1"><s:b>x</s:b><c><d/></c></s:m>'


@pytest.mark.parametrize(
    "same",
    [
        b'<o:m xmlns:o="urn:s" a="1"><o:b>x</o:b><c><d></d></c></o:m>',
        b'<s:m xmlns:s="urn:s" a="1">\n <s:b><!-- n -->x</s:b><c> <d/>\n</c><?p i?></s:m>',
        b'<m xmlns="urn:s" a="1"><b><![CDATA[x]]></b><c xmlns=""><d/></c></m>',
    ],
)
def test_what_is_no_content_makes_no_difference(same: bytes) -> None:
    assert differences(BASE, same, NAMES) == ()


@pytest.mark.parametrize(
    ("other", "place"),
    [
        (b'<s:m xmlns:s="urn:s" a="2"><s:b>x</s:b><c><d/></c></s:m>', "/s:m/@a"),
        (b'<s:m xmlns:s="urn:s"><s:b>x</s:b><c><d/></c></s:m>', "/s:m/@a"),
        (b'<s:m xmlns:s="urn:s" a="1" n="1"><s:b>x</s:b><c><d/></c></s:m>', "/s:m/@n"),
        (b'<s:m xmlns:s="urn:s" a="1"><s:b>y</s:b><c><d/></c></s:m>', "/s:m/s:b"),
        (b'<s:m xmlns:s="urn:s" a="1"><s:b> x</s:b><c><d/></c></s:m>', "/s:m/s:b"),
        (b'<s:m xmlns:s="urn:s" a="1"><s:b>x</s:b><c/></s:m>', "/s:m/c/d"),
        (b'<s:m xmlns:s="urn:s" a="1"><s:b>x</s:b><c><d/><s:e/></c></s:m>', "/s:m/c/s:e"),
        (b'<s:m xmlns:s="urn:s" a="1"><s:b>x</s:b><c>t<d/></c></s:m>', "/s:m/c"),
        (b'<s:m xmlns:s="urn:x" a="1"><s:b>x</s:b><c><d/></c></s:m>', "/s:m"),
    ],
)
def test_difference_is_named_by_its_path(other: bytes, place: str) -> None:
    assert differences(BASE, other, NAMES) == (place,)


def test_order_of_children_is_a_difference() -> None:
    turned = b'<s:m xmlns:s="urn:s" a="1"><c><d/></c><s:b>x</s:b></s:m>'
    assert differences(BASE, turned, NAMES)


def test_container_holds_elements_and_blanks_only() -> None:
    root = parse(b"<m><a> <b/> </a><c>t<d/></c><e/></m>")
    assert [is_container(child) for child in root] == [True, False, False]


def test_strings_are_values_of_attributes_and_texts() -> None:
    assert {"1", "x"} <= set(strings(parse(BASE)))


def test_path_of_a_child_that_is_not_there_uses_the_prefixes_of_the_map() -> None:
    root = parse(BASE)
    assert child_path(root, "@{urn:s}q", NAMES) == "/s:m/@s:q"
    assert child_path(root, "q", NAMES) == "/s:m/q"


def test_elements_that_hold_blanks_only_are_listed() -> None:
    assert blank_places(b"<m> <a> </a><b/><c>x</c></m>", {}) == {"/m/a"}
