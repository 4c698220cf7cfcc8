"""Values thrown away with a reason."""

from tests.gateway.translation.making import STR, Maker, obj, wire, written

RULES = """
  - { drop: "schema hint", wire: "@xsi:schemaLocation" }
  - { drop: "not for us", wire: d }
  - { api: a, wire: a }
"""


def test_dropped_places_are_in_the_ledger_with_their_reason(make: Maker) -> None:
    compiled = make(RULES, obj(a=STR))
    data = wire("<d>geheim</d><d><e f='1'/></d><a>1</a>", 'xsi:schemaLocation="geheim"')
    reading = compiled.read(data)
    assert reading.document == {"a": "1"}
    assert [(note.wire, note.reason) for note in reading.ledger.dropped] == [
        ("/x:m/@xsi:schemaLocation", "schema hint"),
        ("/x:m/d[1]", "not for us"),
        ("/x:m/d[2]", "not for us"),
    ]
    assert b"geheim" not in reading.ledger.to_json()


def test_nothing_is_written(make: Maker) -> None:
    assert written(make(RULES, obj(a=STR)), {"a": "1"}) == "<a>1</a>"


def test_drop_says_why(make: Maker) -> None:
    for reason in ('" "', ""):
        (fault,) = make.faults(f"  - {{ drop: {reason}, wire: d }}\n", obj())
        assert "why" in fault.detail


def test_own_text_is_noted_where_there_is_any(make: Maker) -> None:
    compiled = make('  - { drop: "no use", wire: "." }\n  - { api: a, wire: a }\n', obj(a=STR))
    assert [note.wire for note in compiled.read(wire("x<a/>")).ledger.dropped] == ["/x:m"]
    assert compiled.read(wire(" <a/>")).ledger.dropped == ()
