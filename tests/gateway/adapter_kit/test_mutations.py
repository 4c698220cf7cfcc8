"""Mutations change one place and undo it; variations change nothing that is said."""

from typing import Any

from gateway.adapter_kit.mutations import (
    UNKNOWN,
    document_mutations,
    variations,
    wire_mutations,
)
from gateway.adapter_kit.trees import differences

NAMES = {"s": "urn:s"}
MESSAGE = '<s:m xmlns:s="urn:s" a="1" b="2"><s:b>xä9</s:b> <c><d/></c></s:m>'.encode()
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "code": {"type": "string", "enum": ["a", "b"]},
        "flag": {"type": "boolean"},
        "items": {"type": "array", "items": {"type": "integer"}},
    },
}


def test_every_mutation_differs_from_the_message() -> None:
    for mutation in wire_mutations(MESSAGE, NAMES):
        assert differences(MESSAGE, mutation.data, NAMES), mutation


def test_every_kind_is_tried_at_its_place() -> None:
    found = {(mutation.kind, mutation.wire) for mutation in wire_mutations(MESSAGE, NAMES)}
    assert {
        ("another value", "/s:m/@a"),
        ("another value", "/s:m/s:b"),
        ("removed", "/s:m/@a"),
        ("removed", "/s:m/c"),
        ("repeated", "/s:m/s:b[2]"),
        ("unknown attribute", f"/s:m/@{UNKNOWN}"),
        ("unknown element", f"/s:m/c/{UNKNOWN}"),
        ("text between elements", "/s:m/c"),
    } <= found


def test_every_sibling_is_tried_or_the_first_and_the_last() -> None:
    message = b"<m>" + b"<a/>" * 9 + b"</m>"

    def removed(most: int | None) -> list[str]:
        return [m.wire for m in wire_mutations(message, {}, most=most) if m.kind == "removed"]

    assert removed(None) == [f"/m/a[{number}]" for number in range(1, 10)]
    assert removed(99) == ["/m/a[1]", "/m/a[9]"]


def test_fewer_places_are_tried_when_asked() -> None:
    all_of_them = list(wire_mutations(MESSAGE, NAMES))
    assert len(list(wire_mutations(MESSAGE, NAMES, most=2))) < len(all_of_them)


def test_variations_say_the_same() -> None:
    found = dict(variations(MESSAGE))
    assert len(found) == 6
    for name, data in found.items():
        assert data != MESSAGE, name
        assert differences(MESSAGE, data, NAMES) == (), name


def test_document_mutations_reach_every_place_and_leave_the_document_alone() -> None:
    document = {"code": "a", "flag": True, "items": [1, 2, 3], "text": "x9"}
    found = [(m.kind, m.pointer, str(m.document)) for m in document_mutations(document, SCHEMA)]
    assert document == {"code": "a", "flag": True, "items": [1, 2, 3], "text": "x9"}
    assert all(text != str(document) for _, _, text in found)
    places = {(kind, pointer) for kind, pointer, _ in found}
    assert {
        ("another value", "/code"),
        ("another value", "/items/2"),
        ("removed", "/items/0"),
        ("removed", "/items/1"),
        ("removed", "/items"),
        ("unknown property", f"/{UNKNOWN}"),
    } <= places
    fewer = {m.pointer for m in document_mutations(document, SCHEMA, most=99)}
    assert "/items/2" in fewer
    assert "/items/1" not in fewer
    assert "'code': 'b'" in str(found)
