"""A repeated choice: elements of several names as one array."""

import pytest

from gateway.errors import MessageRefusedError
from tests.gateway.translation.making import STR, Maker, arr, obj, refused, tag, wire, written

RULES = """
  - each: { api: items, optional: true }
    choice: kind
    rules:
      - { when: note, api: note, wire: n }
      - { when: day, api: day, wire: d, as: date }
      - when: person
        group: { wire: p }
        rules:
          - { api: name, wire: "@name" }
          - { supply: sender.name, api: by, wire: "@by", optional: true }
          - { each: { wire: nick, api: nicks, optional: true } }
  - { api: last, wire: last, optional: true }
"""
NOTE = obj(kind=tag("note"), note=STR)
PERSON = obj("by nicks", kind=tag("person"), name=STR, by=STR, nicks=arr(STR))
DAY = obj(kind=tag("day"), day=STR)
SCHEMA = obj("items last", items=arr({"oneOf": [NOTE, PERSON, DAY]}), last=STR)
ITEMS: list[dict[str, object]] = [
    {"kind": "note", "note": "1"},
    {"kind": "person", "name": "a", "nicks": ["x", "y"]},
    {"kind": "note", "note": "2"},
]
DOCUMENT = {"items": ITEMS}
INSIDE = '<n>1</n><p name="a"><nick>x</nick><nick>y</nick></p><n>2</n>'


def test_the_order_of_all_elements_is_kept(make: Maker) -> None:
    compiled = make(RULES, SCHEMA)
    assert compiled.read(wire(INSIDE)).document == DOCUMENT
    assert written(compiled, DOCUMENT) == INSIDE
    assert compiled.read(wire("")).document == {}


def test_items_are_completed_by_their_kind(make: Maker) -> None:
    completed = make(RULES, SCHEMA).complete(DOCUMENT, {"sender.name": "me"})
    assert [item.get("by") for item in completed["items"]] == [None, "me", None]
    assert "by" not in ITEMS[1]


def test_a_fault_names_index_and_position(make: Maker) -> None:
    compiled = make(RULES, SCHEMA)
    with pytest.raises(MessageRefusedError) as caught:
        compiled.read(wire("<n>1</n><p name='a'/><n>2<b/></n>"))
    assert refused(caught.value) == ("unknown-element", "/items/2/note", "/x:m/n[2]/b")
    with pytest.raises(MessageRefusedError) as caught:
        compiled.write({"items": [*ITEMS, {"kind": "day", "day": "geheim"}]})
    assert refused(caught.value) == ("type", "/items/3/day", "/x:m/d[1]")


def test_its_end_is_its_end(make: Maker) -> None:
    with pytest.raises(MessageRefusedError) as caught:
        make(RULES, SCHEMA).read(wire("<last/><n>1</n>"))
    assert refused(caught.value)[0] == "order"


def test_required_means_one_at_least(make: Maker) -> None:
    rules = RULES.replace(", optional: true }\n    choice", " }\n    choice")
    compiled = make(rules, obj("last", **SCHEMA["properties"]))
    with pytest.raises(MessageRefusedError) as caught:
        compiled.read(wire(""))
    assert refused(caught.value)[0] == "required"


ONLY_NOTE = "[ { when: note, api: note, wire: n } ]"


@pytest.mark.parametrize(
    ("head", "rules"),
    [
        ("each: { api: items }", "[]"),
        ("each: { api: nowhere }\n    choice: kind", ONLY_NOTE),
        ("each: { api: items }\n    choice: kind", ONLY_NOTE.replace("wire: n", 'wire: "@n"')),
        ("each: { api: items }\n    choice: kind", ONLY_NOTE.replace("when: note, ", "")),
        ("each: { api: items }\n    choice: kind", ONLY_NOTE.replace("when: note", "when: other")),
        ("each: { api: items }\n    choice: kind", "{ when: note }"),
    ],
)
def test_misuse_is_a_fault_of_the_map(make: Maker, head: str, rules: str) -> None:
    assert make.faults(f"  - {head}\n    rules: {rules}\n", SCHEMA)


def test_items_are_numbered_by_their_index(make: Maker) -> None:
    rules = """
  - each: { api: items }
    choice: kind
    rules:
      - when: a
        group: { wire: a }
        rules: [{ computed: index, wire: "@n" }, { api: v, wire: v }]
      - when: b
        group: { wire: b }
        rules: [{ computed: index, wire: "@n" }, { api: v, wire: v }]
"""
    kinds = [obj(kind=tag(kind), v=STR) for kind in "ab"]
    compiled = make(rules, obj(items=arr({"oneOf": kinds})))
    document = {"items": [{"kind": kind, "v": ""} for kind in "bab"]}
    inside = '<b n="1"><v></v></b><a n="2"><v></v></a><b n="3"><v></v></b>'
    assert written(compiled, document) == inside
    assert compiled.read(wire(inside)).document == document


@pytest.mark.parametrize(
    "rule",
    [
        "each: { wire: b, api: bs }",
        'drop: "why", wire: b',
        "const: x, wire: b, write: never",
        "api: v, wire: b, default: x",
        'api: v, wire: b, only: write, reason: "why"',
    ],
)
def test_a_branch_that_may_write_none_or_several_is_a_fault(make: Maker, rule: str) -> None:
    rules = f"""
  - each: {{ api: items }}
    choice: kind
    rules: [{{ when: b, {rule} }}]
"""
    kind = obj("v bs", kind=tag("b"), v=STR, bs=arr(STR))
    assert "always written" in make.faults(rules, obj(items=arr({"oneOf": [kind]})))[0].detail


def test_an_item_that_says_no_more_than_its_kind_is_an_element(make: Maker) -> None:
    rules = """
  - each: { api: items }
    choice: kind
    rules:
      - when: a
        group: { wire: a, optional: true }
        rules: [{ api: v, wire: v, optional: true }]
"""
    compiled = make(rules, obj(items=arr({"oneOf": [obj("v", kind=tag("a"), v=STR)]})))
    document = {"items": [{"kind": "a"}, {"kind": "a", "v": "1"}]}
    assert written(compiled, document) == "<a></a><a><v>1</v></a>"
    assert compiled.read(compiled.write(document).data).document == document
