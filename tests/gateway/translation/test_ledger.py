"""The books of one translation."""

import json

import pytest

from gateway.translation.breach import BreachError, RulePlace
from gateway.translation.ledger import Deferred, Ledger, Run
from tests.gateway.translation.making import STR, Maker, arr, obj, wire


def test_short_form_is_counts_and_places(make: Maker) -> None:
    rules = """
  - { supply: product.name, api: p, wire: "@p" }
  - { drop: "no use", wire: d }
  - { api: a, wire: a, default: x }
  - each: { wire: i, api: i }
"""
    compiled = make(rules, obj(p=STR, a=STR, i=arr(STR)))
    reading = compiled.read(wire("<!-- c --><d>geheim</d><i>1</i><i>2</i>", 'p="P"'))
    books = json.loads(reading.ledger.to_json())
    assert {k: v for k, v in books.items() if not isinstance(v, list)} == {
        "mapped": 2,
        "supplied": 1,
        "computed": 0,
    }
    assert [note["wire"] for note in books["dropped"]] == [
        "//comment() | //processing-instruction()",
        "/x:m/d",
    ]
    assert [note["rule"] for note in books["defaulted"]] == ["test.map.yaml:14"]
    assert "geheim" not in json.dumps(books)
    writing = compiled.write(reading.document)
    assert (writing.ledger.mapped, writing.ledger.supplied) == (2, 1)


def test_note_without_a_node_stands_at_the_place_of_its_rule() -> None:
    run = Run()
    run.note("dropped", RulePlace(rule="m:1", pointer=None, wire="/x/y"), None, "why")
    assert run.ledger(str).dropped[0].wire == "/x/y"
    assert Ledger().to_json().startswith(b"{")


def test_deferred_check_raises_with_its_indices() -> None:
    place = RulePlace(rule="m:1", pointer="/a/*", wire="/x/a[*]")
    later = Deferred(check=lambda: BreachError(place, "computed", "No."))
    later.inside(3, 1)
    later.inside(0, 0)
    with pytest.raises(BreachError) as caught:
        later()
    assert (caught.value.indices, caught.value.numbers) == ([0, 3], [0, 1])
    Deferred(check=lambda: None)()
