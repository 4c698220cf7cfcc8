"""Looking into documents."""

from typing import Any

from gateway.flow.pointers import value_at


def test_pointer_leads_through_objects_only() -> None:
    document: Any = {"a/b": {"~": 1}, "list": [1]}
    assert value_at(document, "/a~1b/~0") == 1
    assert value_at(document, "/list/0") is None
    assert value_at(document, "") == document
