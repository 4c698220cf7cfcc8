"""An element that may hold itself."""

from typing import Any

import pytest

from gateway.errors import GatewayError, NotExpressibleError
from gateway.translation.lazy_scope import LazyScope
from gateway.translation.scope import Scope
from tests.gateway.translation.making import STR, Maker, arr, obj, refused, wire

FRAGMENTS = """
fragments:
  part:
    rules:
      - { api: n, wire: n, optional: true }
      - { supply: message.id, api: id, wire: id, optional: true }
      - each: { wire: p, api: p, optional: true }
        rules: [ { use: part } ]
      - group: { wire: g, api: g, optional: true }
        rules: [ { use: part } ]
"""
INNER = {"$ref": "#/$defs/p"}
SCHEMA = {**INNER, "$defs": {"p": obj("n p g id", n=STR, id=STR, p=arr(INNER), g=INNER)}}


@pytest.fixture
def make_tree(make: Maker) -> Any:
    return make("  - { use: part }\n", SCHEMA, fragments={"p.yaml": FRAGMENTS})


def test_document_and_message_of_any_depth_are_translated(make_tree: Any) -> None:
    document: dict[str, Any] = {"n": "0"}
    for depth in range(12):
        document = {"g": document} if depth % 3 else {"p": [{}, document]}
    assert make_tree.read(make_tree.write(document).data).document == document


def test_deepest_message_that_the_parser_takes_is_no_crash(make_tree: Any) -> None:
    for depth in (100, 250):
        inside = "<p>" * depth + "<n>1</n>" + "</p>" * depth
        reading = make_tree.read(wire(inside))
        assert make_tree.write(reading.document).data.count(b"<p>") == depth
    with pytest.raises(GatewayError):
        make_tree.read(wire("<p>" * 300 + "</p>" * 300))


def test_leftover_deep_inside_is_named_on_both_sides(make_tree: Any) -> None:
    with pytest.raises(NotExpressibleError) as caught:
        make_tree.read(wire("<p/><p><g><p/><p><g><z>geheim</z></g></p></g></p>"))
    assert refused(caught.value) == (
        "unknown-element",
        "/p/1/g/p/1/g",
        "/x:m/p[2]/g/p[2]/g/z",
    )


def test_completion_stops_where_the_part_repeats_itself(make_tree: Any) -> None:
    completed = make_tree.complete({"g": {"g": {}}}, {"message.id": "1"})
    assert completed["id"] == "1"
    assert completed["g"] == {"g": {}}


def test_scope_is_compiled_once_and_when_needed(make_tree: Any) -> None:
    built: list[Scope] = []

    def build() -> Scope:
        built.append(make_tree.scope)
        return make_tree.scope  # type: ignore[no-any-return]  # the fixture is untyped

    lazy = LazyScope(build)
    assert (lazy.completing, lazy.choices, list(lazy.everything())) == ([], [], [])
    lazy.complete({}, {})
    assert built == []
    assert lazy.rules == make_tree.scope.rules
    assert lazy.place == make_tree.scope.place
    assert len(built) == 1
