"""Values carried beside the document."""

import pytest

from gateway.errors import NotExpressibleError
from tests.gateway.translation.making import STR, Maker, arr, obj, refused, wire

RULES = """
  - { keep: "the mark goes back", wire: "@mark" }
  - { api: a, wire: a }
  - each: { wire: i, api: items, optional: true }
    rules:
      - { api: id, wire: "@id" }
      - { keep: "the note goes back", wire: note }
"""
SCHEMA = obj("items", a=STR, items=arr(obj(id=STR)))
MESSAGE = wire("<a>1</a><i id='1'/><i id='2'><note>geheim</note><note/></i>", "mark='m'")


def test_what_is_kept_is_beside_the_document_and_in_the_ledger_by_place(make: Maker) -> None:
    reading = make(RULES, SCHEMA).read(MESSAGE)
    assert reading.document == {"a": "1", "items": [{"id": "1"}, {"id": "2"}]}
    assert reading.kept == {
        "/x:m/@mark": "m",
        "/x:m/i[2]/note": ["<note>geheim</note>", "<note></note>"],
    }
    assert [note.wire for note in reading.ledger.kept] == [
        "/x:m/@mark",
        "/x:m/i[2]/note[1]",
        "/x:m/i[2]/note[2]",
    ]
    assert b"geheim" not in reading.ledger.to_json()


def test_what_was_kept_is_put_back(make: Maker) -> None:
    compiled = make(RULES, SCHEMA)
    reading = compiled.read(MESSAGE)
    data = compiled.write(reading.document, kept=reading.kept).data
    assert compiled.read(data).kept == reading.kept
    assert compiled.read(compiled.write(reading.document).data).kept == {}


def test_what_finds_no_place_again_is_refused(make: Maker) -> None:
    compiled = make(RULES, SCHEMA)
    reading = compiled.read(MESSAGE)
    shorter = {"a": "1", "items": [{"id": "1"}]}
    with pytest.raises(NotExpressibleError) as caught:
        compiled.write(shorter, kept=reading.kept)
    assert refused(caught.value) == ("kept", None, "/x:m/i[2]/note")


def test_what_is_no_such_element_is_refused(make: Maker) -> None:
    with pytest.raises(NotExpressibleError) as caught:
        make(RULES, SCHEMA).write(
            {"a": "1", "items": [{"id": "1"}]}, kept={"/x:m/i[1]/note": ["<other></other>"]}
        )
    assert refused(caught.value) == ("kept", "/items/0", "/x:m/i[1]/note")


def test_the_own_text_of_an_element_is_kept(make: Maker) -> None:
    rules = '  - { keep: "why", wire: "." }\n  - { api: a, wire: "@a" }\n'
    compiled = make(rules, obj(a=STR))
    reading = compiled.read(wire("text", "a='1'"))
    assert reading.kept == {"/x:m/.": "text"}
    assert compiled.write(reading.document, kept=reading.kept).data.endswith(b">text</x:m>")
    assert compiled.read(wire(" ", "a='1'")).kept == {}


def test_keep_says_why(make: Maker) -> None:
    (fault,) = make.faults('  - { keep: "", wire: d }\n', obj())
    assert "why" in fault.detail


def test_elements_of_one_name_keep_what_is_theirs(make: Maker) -> None:
    case = "rules: [{ api: a, wire: a }, { keep: why, wire: k }, { keep: why, wire: '@n' }]"
    rules = "".join(
        f"  - group: {{ wire: i, api: {kind}, optional: true }}\n"
        f"    where: {{ '@t': {kind} }}\n    {case}\n"
        for kind in ("p", "q")
    )
    compiled = make(rules, obj("p q", p=obj(a=STR), q=obj(a=STR)))
    data = wire("<i t='p' n='1'><a>1</a><k>p</k></i><i t='q' n='2'><a>2</a><k>q</k></i>")
    reading = compiled.read(data)
    assert reading.kept == {
        "/x:m/i[@t='p']/@n": "1",
        "/x:m/i[@t='p']/k": ["<k>p</k>"],
        "/x:m/i[@t='q']/@n": "2",
        "/x:m/i[@t='q']/k": ["<k>q</k>"],
    }
    back = compiled.write(reading.document, kept=reading.kept).data
    assert compiled.read(back) == reading


def test_it_brings_back_an_optional_element_that_holds_nothing_else(make: Maker) -> None:
    compiled = make(
        """
  - group: { wire: g, optional: true }
    rules:
      - { api: a, wire: a, optional: true }
      - { group: { wire: h, optional: true }, rules: [{ api: b, wire: b, optional: true },
          { keep: why, wire: "@k" }] }
""",
        obj("a b", a=STR, b=STR),
    )
    reading = compiled.read(wire("<g><h k='1'/></g>"))
    assert reading.document == {}
    back = compiled.write(reading.document, kept=reading.kept).data
    assert compiled.read(back).kept == reading.kept == {"/x:m/g/h/@k": "1"}
