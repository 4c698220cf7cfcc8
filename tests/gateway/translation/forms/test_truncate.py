"""Texts cut to their place on the wire."""

import pytest

from gateway.errors import MessageRefusedError
from gateway.translation.forms.truncate import shortened
from tests.gateway.translation.making import INT, STR, Maker, arr, obj, refused, wire, written

RULES = """
  - { api: note, wire: "@note", truncate: "a short line", length: 3, optional: true }
  - each: { wire: i, api: items, optional: true }
    rules:
      - { api: line, wire: ".", truncate: "two places", length: 2 }
"""
SCHEMA = obj("note items", note=STR, items=arr(obj(line=STR)))
DOCUMENT = {"note": "lang", "items": [{"line": "ab"}, {"line": "geheim"}]}


def test_what_is_cut_is_kept_whole_and_named(make: Maker) -> None:
    writing = make(RULES, SCHEMA).write(DOCUMENT)
    assert b'note="lan"' in writing.data
    assert writing.kept == {"/x:m/@note": "lang", "/x:m/i[2]": "geheim"}
    assert [(note.wire, note.reason) for note in writing.ledger.kept] == [
        ("/x:m/@note", "a short line"),
        ("/x:m/i[2]", "two places"),
    ]


def test_it_is_whole_again_where_it_is_still_at_hand(make: Maker) -> None:
    compiled = make(RULES, SCHEMA)
    writing = compiled.write(DOCUMENT)
    assert compiled.read(writing.data, kept=writing.kept).document == DOCUMENT
    cut = {"note": "lan", "items": [{"line": "ab"}, {"line": "ge"}]}
    assert compiled.read(writing.data).document == cut
    assert compiled.read(wire("", "note='xyz'"), kept=writing.kept).document == {"note": "xyz"}


def test_what_fits_is_written_as_it_is(make: Maker) -> None:
    compiled = make(RULES, SCHEMA)
    assert written(compiled, {"note": "abc"}) == ' note="abc">'
    assert compiled.write({"note": "abc"}).kept == {}


def test_more_than_the_format_has_room_for_is_refused_on_reading(make: Maker) -> None:
    with pytest.raises(MessageRefusedError) as caught:
        make(RULES, SCHEMA).read(wire("<i>ab</i><i>abc</i>"))
    assert refused(caught.value) == ("length", "/items/1/line", "/x:m/i[2]")


def test_a_letter_keeps_its_marks() -> None:
    assert shortened("ab\u0323c", 2) == "a"
    assert shortened("ab\u0323", 3) == "ab\u0323"
    assert shortened("\u0323\u0323", 1) == "\u0323"


@pytest.mark.parametrize(
    "rule",
    [
        '{ api: a, wire: n, truncate: "", length: 3 }',
        '{ api: a, wire: n, truncate: "why" }',
        '{ api: a, wire: n, truncate: "why", length: 0 }',
        '{ api: a, wire: n, truncate: "why", length: true }',
        "{ api: a, wire: n, length: 3 }",
        '{ api: a, wire: n, as: partialDate, parts: { day: d }, truncate: "why", length: 3 }',
        '{ api: n, wire: n, as: integer, truncate: "why", length: 3 }',
    ],
)
def test_misuse_is_a_fault_of_the_map(make: Maker, rule: str) -> None:
    assert make.faults(f"  - {rule}\n", obj(a=STR, n=INT))[0].rule == "test.map.yaml:11"


def test_elements_of_one_name_are_cut_apart(make: Maker) -> None:
    cut = 'wire: i, truncate: "why", length: 3'
    rules = f"  - {{ api: p, {cut}, where: {{ '@t': p }} }}\n"
    rules += f"  - {{ api: q, {cut}, where: {{ '@t': q }} }}\n"
    compiled = make(rules, obj(p=STR, q=STR))
    document = {"p": "abcdef", "q": "abcxyz"}
    writing = compiled.write(document)
    assert compiled.read(writing.data, kept=writing.kept).document == document
