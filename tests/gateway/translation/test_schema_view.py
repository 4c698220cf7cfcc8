"""A look into canonical schemas."""

from typing import Any

import pytest

from gateway.translation.schema_view import SchemaView
from tests.gateway.translation.making import STR, arr, obj, tag

SCHEMA: dict[str, Any] = {
    **obj(
        "c",
        a=obj("x", x=STR, y=STR),
        b=arr({"$ref": "#/$defs/kinds"}),
        c={"$ref": "#/$defs/text", "title": "C"},
        **{"d/e": STR},
    ),
    "$defs": {
        "text": STR,
        "kinds": {"oneOf": [obj("n", kind=tag("p"), n=STR), {"$ref": "#/$defs/q"}]},
        "q": obj(kind=tag("q"), n=STR, m=STR),
    },
}
VIEW = SchemaView(SCHEMA)


@pytest.mark.parametrize("pointer", ["", "/a", "/a/x", "/b/*", "/b/*/m", "/b/*/n", "/c", "/d~1e"])
def test_place_exists_where_some_document_can_hold_it(pointer: str) -> None:
    assert VIEW.has(pointer)


@pytest.mark.parametrize("pointer", ["/z", "/a/x/y", "/a/*", "/b/0", "/b/*/z", "/c/d"])
def test_place_does_not_exist_elsewhere(pointer: str) -> None:
    assert not VIEW.has(pointer)


def test_field_is_required_if_every_alternative_says_so() -> None:
    assert VIEW.is_required("/a/y")
    assert not VIEW.is_required("/a/x")
    assert not VIEW.is_required("/b/*/n")
    assert VIEW.is_required("/b/*/m")
    assert not VIEW.is_required("/nothing/x")


def test_tags_are_the_constants_of_all_alternatives() -> None:
    assert VIEW.tags("/b/*/kind") == {"p", "q"}
    assert VIEW.tags("/a/x") is None
    assert VIEW.tags("/nothing") is None


def test_filled_array_has_at_least_one_item() -> None:
    assert VIEW.is_filled_array("/b")
    assert not VIEW.is_filled_array("/a")


def test_fields_are_found_inside_arrays() -> None:
    assert VIEW.of(SCHEMA["properties"]["b"]).has_fields()
    assert not VIEW.of(STR).has_fields()
    assert not VIEW.of(arr(STR)).has_fields()


def test_words_beside_a_reference_are_kept() -> None:
    assert VIEW.at("/c") == [{"type": "string", "title": "C"}]
