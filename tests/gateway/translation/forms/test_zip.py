"""Parallel lists."""

import pytest

from gateway.errors import MessageRefusedError
from tests.gateway.translation.making import STR, Maker, arr, obj, refused, wire, written

RULES = """
  - zip: stays
    lists: [ { api: place, wire: p }, { api: since, wire: s, as: date } ]
    optional: true
"""
SCHEMA = obj("stays", stays=arr(obj(place=STR, since=STR)))
STAYS = [{"place": "a", "since": "2020-01-01"}, {"place": "b", "since": "2021-01-01"}]
INSIDE = "<p>a</p><p>b</p><s>2020-01-01</s><s>2021-01-01</s>"


def test_the_first_goes_with_the_first(make: Maker) -> None:
    compiled = make(RULES, SCHEMA)
    assert compiled.read(wire(INSIDE)).document == {"stays": STAYS}
    assert written(compiled, {"stays": STAYS}) == INSIDE
    assert compiled.read(wire("")).document == {}
    assert written(compiled, {}) == ""


@pytest.mark.parametrize("inside", ["<p>a</p>", "<p>a</p><p>b</p><s>2020-01-01</s>"])
def test_lists_of_other_lengths_are_refused(make: Maker, inside: str) -> None:
    with pytest.raises(MessageRefusedError) as caught:
        make(RULES, SCHEMA).read(wire(inside))
    assert refused(caught.value) == ("zip", "/stays", "/x:m")


def test_a_fault_names_the_item_on_both_sides(make: Maker) -> None:
    compiled = make(RULES, SCHEMA)
    with pytest.raises(MessageRefusedError) as caught:
        compiled.read(wire("<p>a</p><p>b</p><s>2020-01-01</s><s>geheim</s>"))
    assert refused(caught.value) == ("type", "/stays/1/since", "/x:m/s[2]")
    with pytest.raises(MessageRefusedError) as caught:
        compiled.write({"stays": [STAYS[0], {"place": "b", "since": "geheim"}]})
    assert refused(caught.value) == ("type", "/stays/1/since", "/x:m/s[2]")


def test_required_lists_must_be_there(make: Maker) -> None:
    compiled = make(RULES.replace("    optional: true\n", ""), obj(**SCHEMA["properties"]))
    with pytest.raises(MessageRefusedError) as caught:
        compiled.read(wire(""))
    assert refused(caught.value)[0] == "required"


@pytest.mark.parametrize(
    "rule",
    [
        "{ zip: stays, lists: [ { api: place, wire: p } ] }",
        '{ zip: stays, lists: [ { api: place, wire: "@p" }, { api: since, wire: s } ] }',
        "{ zip: stays, lists: [ { api: place, wire: p }, { api: since, wire: p } ] }",
        "{ zip: stays, lists: [ { api: place, wire: p }, { api: place, wire: s } ] }",
        "{ zip: nowhere, lists: [ { api: place, wire: p }, { api: since, wire: s } ] }",
        "{ zip: stays, lists: [ { api: place, wire: p }, { api: x.since, wire: s } ] }",
        "{ zip: stays, lists: [ { api: place, wire: p }, { api: since, wire: s, supply: test } ] }",
        "{ zip: stays, lists: p }",
    ],
)
def test_misuse_is_a_fault_of_the_map(make: Maker, rule: str) -> None:
    assert make.faults(f"  - {rule}\n", SCHEMA)
