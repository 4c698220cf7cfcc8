"""Comparison of documents: smallest places, by JSON Pointer."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.flow.compare import Change, Difference, compare

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("/a", Change.CHANGED, 1, 2)]),
        ({"a": 1}, {}, [("/a", Change.REMOVED, 1, None)]),
        ({}, {"a": None}, [("/a", Change.ADDED, None, None)]),
        ({"a": True}, {"a": 1}, [("/a", Change.CHANGED, True, 1)]),
        ({"a": {"b": 1}}, {"a": [1]}, [("/a", Change.CHANGED, {"b": 1}, [1])]),
        (
            {"a": [1, 2]},
            {"a": [1, 3, 4]},
            [("/a/1", Change.CHANGED, 2, 3), ("/a/2", Change.ADDED, None, 4)],
        ),
        ({"a/b~": {"": 1}}, {"a/b~": {"": 2}}, [("/a~1b~0/", Change.CHANGED, 1, 2)]),
        ("a", "b", [("", Change.CHANGED, "a", "b")]),
    ],
)
def test_each_smallest_place_is_named(before: Any, after: Any, found: list[Any]) -> None:
    expected = [
        Difference(pointer=pointer, change=change, before=old, after=new)
        for pointer, change, old, new in found
    ]
    assert compare(before, after) == expected


@given(VALUES)
def test_a_document_does_not_differ_from_itself(document: Any) -> None:
    assert compare(document, copy.deepcopy(document)) == []


@given(VALUES, VALUES)
def test_documents_that_differ_do_so_somewhere_and_the_other_way_round(
    before: Any, after: Any
) -> None:
    there, back = compare(before, after), compare(after, before)
    assert {one.pointer for one in there} == {one.pointer for one in back}
    swapped = {Change.ADDED: Change.REMOVED, Change.REMOVED: Change.ADDED}
    assert {(one.pointer, swapped.get(one.change, one.change)) for one in there} == {
        (one.pointer, one.change) for one in back
    }


def test_no_value_is_part_of_a_pointer() -> None:
    (one,) = compare({"name": "Quendel"}, {"name": "Thymian"})
    assert one.pointer == "/name"
