"""Presence is information: what absent, empty, blank and nil nodes say, form by form."""

from typing import Any

import pytest

from gateway.errors import MessageRefusedError
from tests.gateway.translation.making import INT, STR, Maker, arr, obj, wire

REFUSED = object()
NIL = "xsi:nil='true'"

ELEMENTS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    # rule, schema of the field, and what each spelling of <v> reads as; absence is {}
    "text": (
        "{ api: f, wire: v, optional: true }",
        STR,
        {"<v/>": {"f": ""}, "<v> </v>": {"f": " "}, f"<v {NIL}/>": REFUSED},
    ),
    "code": (
        "{ api: f, wire: v, as: code, optional: true }",
        STR,
        {"<v/>": {"f": ""}, "<v> </v>": {"f": ""}, f"<v {NIL}/>": REFUSED},
    ),
    "digits": (
        "{ api: f, wire: v, as: digits, optional: true }",
        STR,
        {"<v/>": REFUSED, "<v> </v>": REFUSED, f"<v {NIL}/>": REFUSED},
    ),
    "integer": (
        "{ api: f, wire: v, as: integer, optional: true }",
        INT,
        {"<v/>": REFUSED, "<v> </v>": REFUSED, f"<v {NIL}/>": REFUSED},
    ),
    "date": (
        "{ api: f, wire: v, as: date, optional: true }",
        STR,
        {"<v/>": REFUSED, "<v> </v>": REFUSED, f"<v {NIL}/>": REFUSED},
    ),
    "group with an object": (
        (
            "{ group: { wire: v, api: f, optional: true },"
            " rules: [ { api: g, wire: g, optional: true } ] }"
        ),
        obj("g", g=STR),
        {"<v/>": {"f": {}}, "<v> </v>": {"f": {}}, f"<v {NIL}/>": REFUSED},
    ),
    "group without an object": (
        "{ group: { wire: v, optional: true }, rules: [ { api: f, wire: g, optional: true } ] }",
        STR,
        {"<v/>": {}, "<v> </v>": {}, "<v><g/></v>": {"f": ""}, f"<v {NIL}/>": REFUSED},
    ),
    "each": (
        "{ each: { wire: v, api: f, optional: true } }",
        arr(STR),
        {"<v/>": {"f": [""]}, "<v/><v> </v>": {"f": ["", " "]}, f"<v {NIL}/>": REFUSED},
    ),
    "join": (
        '{ join: [f, g], separator: "/", wire: v, optional: true }',
        STR,
        {"<v/>": REFUSED, "<v>/</v>": REFUSED, "<v>a/b</v>": {"f": "a", "g": "b"}},
    ),
    "default": (
        "{ api: f, wire: v, default: d }",
        STR,
        {"": {"f": "d"}, "<v/>": {"f": ""}, "<v>d</v>": {"f": "d"}, f"<v {NIL}/>": REFUSED},
    ),
    "drop": ('{ drop: "why", wire: v }', STR, {"<v/>": {}, f"<v {NIL}/>": {}}),
    "unsupported": ('{ unsupported: "why", wire: v }', STR, {"<v/>": REFUSED}),
    "opaque": (
        "{ opaque: f, wire: v, optional: true }",
        STR,
        {"<v/>": {"f": "<v></v>"}, "<v> </v>": {"f": "<v> </v>"}},
    ),
}

ATTRIBUTES: dict[str, tuple[str, dict[str, Any], Any]] = {
    "text": ('{ api: f, wire: "@v", optional: true }', STR, {"f": ""}),
    "digits": ('{ api: f, wire: "@v", as: digits, optional: true }', STR, REFUSED),
    "const": ('{ const: c, wire: "@v", write: always }', STR, REFUSED),
    "drop": ('{ drop: "why", wire: "@v" }', STR, {}),
    "unsupported": ('{ unsupported: "why", wire: "@v" }', STR, REFUSED),
}

CASES = [
    (name, rule, schema, inside, says)
    for name, (rule, schema, spellings) in ELEMENTS.items()
    for inside, says in ({"": {}} | spellings).items()
]


@pytest.mark.parametrize(("name", "rule", "field", "inside", "says"), CASES)
def test_an_element_says_what_the_table_says(
    make: Maker, name: str, rule: str, field: dict[str, Any], inside: str, says: Any
) -> None:
    optional = "g" if name == "default" else "f g"
    compiled = make(f"  - {rule}\n", obj(optional, f=field, g=STR))
    if says is REFUSED:
        with pytest.raises(MessageRefusedError) as caught:
            compiled.read(wire(inside))
        assert caught.value.places[0].wire
        return
    assert compiled.read(wire(inside)).document == says


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_an_empty_attribute_says_what_the_table_says(make: Maker, name: str) -> None:
    rule, field, says = ATTRIBUTES[name]
    compiled = make(f"  - {rule}\n", obj("f", f=field))
    if says is REFUSED:
        with pytest.raises(MessageRefusedError) as caught:
            compiled.read(wire("", "v=''"))
        assert caught.value.places[0].wire == "/x:m/@v"
        return
    assert compiled.read(wire("", "v=''")).document == says
