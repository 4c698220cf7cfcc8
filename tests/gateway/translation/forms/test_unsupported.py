"""What only one side can say is refused with the reason."""

import pytest

from gateway.errors import NotExpressibleError
from tests.gateway.translation.making import STR, Maker, obj, refused, wire, written

RULES = """
  - { unsupported: "no nicknames here", api: nickname }
  - { unsupported: "no boxes here", api: box }
  - { unsupported: "not for callers", wire: secret }
  - { unsupported: "no marks", wire: "@mark" }
  - { api: a, wire: a }
"""
SCHEMA = obj("nickname box", a=STR, nickname=STR, box=obj(deep=STR))


@pytest.mark.parametrize(
    ("document", "pointer", "reason"),
    [
        ({"a": "1", "nickname": "geheim"}, "/nickname", "no nicknames here"),
        ({"a": "1", "box": {"deep": "geheim"}}, "/box", "no boxes here"),
    ],
)
def test_a_field_without_a_place_on_the_wire_is_refused(
    make: Maker, document: dict[str, object], pointer: str, reason: str
) -> None:
    with pytest.raises(NotExpressibleError) as caught:
        make(RULES, SCHEMA).write(document)
    assert refused(caught.value)[:2] == ("unsupported", pointer)
    assert caught.value.places[0].detail == reason


@pytest.mark.parametrize(
    ("data", "place"),
    [(wire("<secret>x</secret><a/>"), "/x:m/secret"), (wire("<a/>", "mark='x'"), "/x:m/@mark")],
)
def test_a_node_without_a_field_is_refused(make: Maker, data: bytes, place: str) -> None:
    with pytest.raises(NotExpressibleError) as caught:
        make(RULES, SCHEMA).read(data)
    assert refused(caught.value) == ("unsupported", "", place)


def test_a_document_without_it_is_written(make: Maker) -> None:
    compiled = make(RULES, SCHEMA)
    assert written(compiled, {"a": "1"}) == "<a>1</a>"
    assert compiled.read(wire("<a>1</a>")).document == {"a": "1"}


def test_what_could_never_be_written_is_a_fault_of_the_map(make: Maker) -> None:
    for rule in (
        '{ unsupported: "why", api: a }',
        '{ unsupported: "why", api: nowhere }',
        '{ unsupported: "", api: b }',
        '{ unsupported: "why" }',
    ):
        faults = make.faults(f"  - {rule}\n", obj("b", a=STR, b=STR))
        assert faults[0].rule == "test.map.yaml:11", rule


def test_an_element_without_the_text_is_read(make: Maker) -> None:
    compiled = make(
        '  - { unsupported: "no text", wire: "." }\n  - { api: a, wire: a }\n', obj(a=STR)
    )
    assert compiled.read(wire("<a>1</a>")).document == {"a": "1"}
    with pytest.raises(NotExpressibleError) as caught:
        compiled.read(wire("geheim<a>1</a>"))
    assert refused(caught.value) == ("unsupported", "", "/x:m")
