"""Where a field stands."""

from typing import Any

import pytest

from gateway.translation.slots import ITEM, Slot


def test_dotted_slot_creates_objects_on_the_way() -> None:
    document: dict[str, Any] = {}
    Slot("a.b.c").put(document, 1)
    Slot("a.b.d").put(document, 2)
    assert document == {"a": {"b": {"c": 1, "d": 2}}}
    assert Slot("a.b.d").get(document) == 2


@pytest.mark.parametrize("document", [{}, {"a": {}}, {"a": "text"}, {"a": None}, {"a": []}])
def test_nothing_stands_where_an_object_on_the_way_is_missing(document: dict[str, Any]) -> None:
    assert Slot("a.b").get(document) is None


@pytest.mark.parametrize(
    ("document", "is_open"),
    [
        ({}, True),
        ({"a": {}}, True),
        ({"a": {"b": None}}, False),
        ({"a": {"b": 0}}, False),
        ({"a": "text"}, False),
        ({"a": None}, False),
    ],
)
def test_slot_is_open_where_nothing_would_be_replaced(
    document: dict[str, Any], *, is_open: bool
) -> None:
    assert Slot("a.b").is_open(document) is is_open


def test_copies_on_the_way_leave_the_original_alone() -> None:
    inner = {"b": {"c": 1}}
    document: dict[str, Any] = {"a": inner}
    slot = Slot("a.b.d")
    slot.copied(document)
    slot.put(document, 2)
    assert inner == {"b": {"c": 1}}
    assert document == {"a": {"b": {"c": 1, "d": 2}}}
    empty: dict[str, Any] = {}
    slot.copied(empty)
    assert empty == {"a": {"b": {}}}


def test_pointer_is_escaped_and_empty_for_the_item() -> None:
    assert Slot("a.b").pointer == "/a/b"
    assert Slot("a/b~c").pointer == "/a~1b~0c"
    assert Slot(ITEM).pointer == ""
