from typing import Any

import pytest

from gateway.validation.attachment_places import attachments_in, refers_to_attachments

ID: dict[str, Any] = {"type": "string", "x-attachment": True}
TEXT: dict[str, Any] = {"type": "string"}


def object_of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


CHOICE = {
    "oneOf": [
        object_of(kind={"const": "file"}, value=ID),
        object_of(kind={"const": "text"}, value=TEXT),
    ]
}
SCHEMA = {
    **object_of(
        plan=ID,
        title=TEXT,
        letters={"type": "array", "items": {"$ref": "#/$defs/letter"}},
        either=CHOICE,
        **{"a/b~c": ID},
    ),
    "$defs": {"letter": object_of(scan=ID, below={"$ref": "#/$defs/letter"})},
}


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({}, {}),
        ({"plan": "1", "title": "2"}, {"/plan": "1"}),
        ({"a/b~c": "1"}, {"/a~1b~0c": "1"}),
        (
            {"letters": [{"scan": "1"}, {}, {"below": {"scan": "2"}}]},
            {"/letters/0/scan": "1", "/letters/2/below/scan": "2"},
        ),
        ({"either": {"kind": "file", "value": "1"}}, {"/either/value": "1"}),
        ({"either": {"kind": "text", "value": "1"}}, {}),
    ],
)
def test_ids_are_found_where_the_schema_marks_them(
    document: dict[str, Any], found: dict[str, str]
) -> None:
    assert attachments_in(document, SCHEMA) == found


def test_a_choice_between_texts_is_one_too() -> None:
    assert attachments_in("1", {"oneOf": [ID, {"type": "integer"}]}) == {"": "1"}


def test_schemas_tell_whether_they_mark_a_value() -> None:
    assert refers_to_attachments(SCHEMA)
    assert refers_to_attachments(CHOICE)
    assert not refers_to_attachments(object_of(title=TEXT, either={"oneOf": [TEXT]}))
