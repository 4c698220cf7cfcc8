"""Documents without some of their fields."""

from gateway.adapter_kit.omit import omit


def test_fields_are_left_out_by_pointer_also_inside_arrays() -> None:
    document = {"a": 1, "b": {"c": 2, "d": 3}, "e": [{"f": 4, "g": 5}, {"f": 6}]}

    assert omit(document, {"/b/c", "/e/*/f"}) == {"a": 1, "b": {"d": 3}, "e": [{"g": 5}, {}]}
    assert document["b"] == {"c": 2, "d": 3}


def test_nothing_to_leave_out_is_no_copy() -> None:
    document = {"a": 1}

    assert omit(document, ()) is document
