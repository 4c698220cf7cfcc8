"""One value between a wire node and a canonical field."""

from copy import deepcopy
from typing import Any

import pytest

from gateway.errors import NotExpressibleError, SchemaViolationError
from gateway.messaging.placeholder import placeholder_of
from tests.gateway.translation.making import (
    BOOL,
    INT,
    STR,
    Maker,
    arr,
    obj,
    refused,
    wire,
    written,
)

# How XML can say something or nothing, and what an optional field then holds; None: refused.
ABSENT: dict[str, Any] = {}
PRESENCE: list[tuple[str, str, str, Any]] = [
    ("an absent element", "", "", ABSENT),
    ("an empty element", "<a/>", "", {"a": ""}),
    ("a whitespace-only element", "<a> \n</a>", "", {"a": " \n"}),
    ("a nil element", '<a xsi:nil="true"/>', "", None),
    ("a denied nil element", '<a xsi:nil="false">t</a>', "", None),
    ("an empty optional group", "<g/>", "", {"g": {}}),
    ("a whitespace-only optional group", "<g> </g>", "", {"g": {}}),
    ("a nil group", '<g xsi:nil="true"/>', "", None),
    ("an empty optional group without a field", "<h/>", "", ABSENT),
    ("an absent attribute", "", "", ABSENT),
    ("an empty attribute", "", 'b=""', {"b": ""}),
    ("a whitespace-only attribute", "", 'b="  "', {"b": "  "}),
    ("an element with optional text, empty", "<t/>", "", {"t": {}}),
    ("an element with optional text", "<t>v</t>", "", {"t": {"v": "v"}}),
    ("CDATA", "<a><![CDATA[<&]]></a>", "", {"a": "<&"}),
    ("text around a comment", "<a>x<!-- c -->y</a>", "", {"a": "xy"}),
    ("an element inside text", "<a>x<i/>y</a>", "", None),
    ("text beside elements", "<g>stray</g>", "", None),
    ("text behind an element", "<a>x</a>stray", "", None),
]
PRESENCE_RULES = """
  - { api: b, wire: "@b", optional: true }
  - { api: a, wire: a, optional: true }
  - { group: { wire: g, api: g, optional: true }, rules: [ { api: c, wire: c, optional: true } ] }
  - { group: { wire: h, optional: true }, rules: [ { api: d, wire: d, optional: true } ] }
  - { group: { wire: t, api: t, optional: true }, rules: [ { api: v, wire: ".", optional: true } ] }
"""
PRESENCE_SCHEMA = obj("a b d g t", a=STR, b=STR, d=STR, g=obj("c", c=STR), t=obj("v", v=STR))


@pytest.mark.parametrize(
    ("inside", "attributes", "said"),
    [row[1:] for row in PRESENCE],
    ids=[row[0] for row in PRESENCE],
)
def test_presence_in_xml(make: Maker, inside: str, attributes: str, said: Any) -> None:
    compiled = make(PRESENCE_RULES, PRESENCE_SCHEMA)
    data = wire(inside, attributes)
    if said is None:
        with pytest.raises((NotExpressibleError, SchemaViolationError)) as caught:
            compiled.read(data)
        assert refused(caught.value)[2]
        return
    assert compiled.read(data).document == said
    assert compiled.read(compiled.write(said).data).document == said


def test_empty_text_that_would_be_read_as_absent_is_not_written(make: Maker) -> None:
    compiled = make(PRESENCE_RULES, PRESENCE_SCHEMA)
    with pytest.raises(NotExpressibleError) as caught:
        compiled.write({"t": {"v": ""}})
    assert refused(caught.value) == ("empty", "/t/v", "/x:m/t")


def test_nil_is_named_with_its_prefix(make: Maker) -> None:
    compiled = make(PRESENCE_RULES, PRESENCE_SCHEMA)
    with pytest.raises(NotExpressibleError) as caught:
        compiled.read(wire('<a xsi:nil="true"/>'))
    assert refused(caught.value) == ("unknown-attribute", "/a", "/x:m/a/@xsi:nil")


def test_refused_attribute_is_named_on_both_sides_and_by_line(make: Maker) -> None:
    compiled = make('  - { api: n, wire: "@n", as: integer }\n', obj(n=INT))
    with pytest.raises(SchemaViolationError) as caught:
        compiled.read(wire(attributes='n="secret"'))
    assert refused(caught.value) == ("type", "/n", "/x:m/@n")
    assert caught.value.places[0].rule == "test.map.yaml:11"
    assert "secret" not in str(caught.value)


def test_respelt_attribute_is_normalised_at_the_attribute(make: Maker) -> None:
    compiled = make('  - { api: n, wire: "@n", as: integer }\n', obj(n=INT))
    reading = compiled.read(wire(attributes='n="007"'))
    assert reading.document == {"n": 7}
    assert [note.wire for note in reading.ledger.normalised] == ["/x:m/@n"]


def test_required_value_is_refused_in_both_directions(make: Maker) -> None:
    compiled = make("  - { api: a, wire: a }\n", obj("a", a=STR))
    with pytest.raises(SchemaViolationError) as reading:
        compiled.read(wire())
    with pytest.raises(NotExpressibleError) as writing:
        compiled.write({})
    assert refused(reading.value) == ("required", "/a", "/x:m/a")
    assert refused(writing.value) == ("required", "/a", "/x:m/a")


def test_missing_supply_is_named(make: Maker) -> None:
    compiled = make('  - { supply: message.id, api: id, wire: "@id" }\n', obj("id", id=STR))
    with pytest.raises(NotExpressibleError) as caught:
        compiled.write({})
    assert refused(caught.value) == ("supply-missing", "/id", "/x:m/@id")
    assert "message.id" in str(caught.value)


DEFAULT = "  - { api: a, wire: a, as: integer, default: 5 %s }\n"


@pytest.mark.parametrize(("write", "out"), [("", ""), (", write: always", "<a>5</a>")])
def test_default_is_read_and_left_out_or_written(make: Maker, write: str, out: str) -> None:
    compiled = make(DEFAULT % write, obj(a=INT))
    reading = compiled.read(wire())
    assert reading.document == {"a": 5}
    assert [note.wire for note in reading.ledger.defaulted] == ["/x:m/a"]
    assert written(compiled, {"a": 5}) == out
    assert written(compiled, {"a": 6}) == "<a>6</a>"


def test_default_of_text_and_parts_is_read(make: Maker) -> None:
    rules = """
  - { group: { wire: t }, rules: [ { api: a, wire: ".", default: none } ] }
  - { api: d, wire: d, as: partialDate, parts: { year: j }, default: "1900" }
"""
    compiled = make(rules, obj(a=STR, d=STR))
    reading = compiled.read(wire("<t/>"))
    assert reading.document == {"a": "none", "d": "1900"}
    assert [note.wire for note in reading.ledger.defaulted] == ["/x:m/t", "/x:m/d"]
    assert written(compiled, reading.document) == "<t></t>"


def test_default_needs_a_required_canonical_field(make: Maker) -> None:
    (fault,) = make.faults(DEFAULT % "", obj("a", a=INT))
    assert "required" in fault.detail
    assert fault.rule == "test.map.yaml:11"


def test_field_unknown_to_the_schema_is_a_fault(make: Maker) -> None:
    (fault,) = make.faults("  - { api: b, wire: a }\n", obj("a", a=STR))
    assert (fault.keyword, fault.pointer) == ("unknown-field", "/b")


PARTS = "{ day: tag, month: monat, year: jahr }"


@pytest.mark.parametrize(
    ("inside", "value"),
    [
        ("<tag>1973-02-02</tag>", "1973-02-02"),
        ("<monat>1973-02</monat>", "1973-02"),
        (" <jahr>1973</jahr> ", "1973"),
    ],
)
def test_partial_date_stands_in_one_of_three_children(make: Maker, inside: str, value: str) -> None:
    compiled = make(
        f"  - {{ api: d, wire: d, as: partialDate, parts: {PARTS}, optional: true }}\n",
        obj("d", d=STR),
    )
    assert compiled.read(wire(f"<d>{inside}</d>")).document == {"d": value}
    assert written(compiled, {"d": value}) == f"<d>{inside.strip()}</d>"
    assert written(compiled, {}) == ""


@pytest.mark.parametrize(
    "inside",
    [
        "",
        "text",
        "<jahr>1973</jahr><jahr>1974</jahr>",
        "<jahr>1973-02</jahr>",
        "<jahr>1x73</jahr>",
        "<monat>1973-13</monat>",
        "<jahr>1973</jahr>tail",
        "<jahr a='1'>1973</jahr>",
        "<jahr><b/>1973</jahr>",
        "<other>1973</other>",
    ],
)
def test_anything_but_one_part_is_refused_with_its_place(make: Maker, inside: str) -> None:
    compiled = make(f"  - {{ api: d, wire: d, as: partialDate, parts: {PARTS} }}\n", obj(d=STR))
    with pytest.raises((SchemaViolationError, NotExpressibleError)) as caught:
        compiled.read(wire(f"<d>{inside}</d>"))
    _, pointer, path = refused(caught.value)
    assert pointer == "/d"
    assert path is not None
    assert path.startswith("/x:m/d")
    assert "1973" not in str(caught.value)


def test_attribute_of_a_parted_date_is_refused(make: Maker) -> None:
    compiled = make(f"  - {{ api: d, wire: d, as: partialDate, parts: {PARTS} }}\n", obj(d=STR))
    with pytest.raises(NotExpressibleError) as caught:
        compiled.read(wire("<d k='1'><jahr>1973</jahr></d>"))
    assert refused(caught.value)[2] == "/x:m/d/@k"


def test_precision_that_the_format_lacks_is_not_written(make: Maker) -> None:
    compiled = make("  - { api: d, wire: d, as: partialDate, parts: { year: j } }\n", obj(d=STR))
    with pytest.raises(NotExpressibleError) as caught:
        compiled.write({"d": "1973-02"})
    assert refused(caught.value) == ("type", "/d", "/x:m/d")


def test_dotted_field_is_read_and_written(make: Maker) -> None:
    rules = """
  - { supply: product.name, api: sender.product.name, wire: "@p" }
  - { api: sender.id, wire: id }
"""
    schema = obj(sender=obj(id=STR, product=obj(name=STR)))
    compiled = make(rules, schema)
    document = {"sender": {"id": "7", "product": {"name": "P"}}}
    assert compiled.read(wire("<id>7</id>", 'p="P"')).document == document
    assert written(compiled, document) == ' p="P"><id>7</id>'
    assert compiled.read(wire("<id>7</id>", 'p="P"')).ledger.supplied == 1


def test_completion_changes_neither_document_nor_supplies(make: Maker) -> None:
    rules = """
  - { supply: product.name, api: sender.product.name, wire: "@p" }
  - { supply: product.version, api: sender.product.version, wire: "@v" }
  - each: { wire: c, api: sender.contacts }
    supply: sender.contacts
    rules:
      - { api: a, wire: a }
      - { supply: codelist.channel.version, api: listVersion, wire: v }
"""
    product = obj(name=STR, version=STR)
    schema = obj(sender=obj(product=product, contacts=arr(obj(a=STR, listVersion=STR))))
    compiled = make(rules, schema)
    document: dict[str, Any] = {"sender": {"product": {"version": "mine"}}}
    supplies: dict[str, Any] = {
        "product.name": "P",
        "product.version": "theirs",
        "sender.contacts": [{"a": "1"}, {"a": "2", "listVersion": "old"}],
        "codelist.channel.version": "3",
    }
    before = deepcopy((document, supplies))
    completed = compiled.complete(document, supplies)
    assert (document, supplies) == before
    assert completed == {
        "sender": {
            "product": {"name": "P", "version": "mine"},
            "contacts": [{"a": "1", "listVersion": "3"}, {"a": "2", "listVersion": "old"}],
        }
    }
    assert compiled.complete(completed, {}) == completed


@pytest.mark.parametrize(
    "document", [{"sender": "text"}, {"sender": None}, {"sender": {"product": ["x"]}}]
)
def test_completion_never_replaces_what_is_there(make: Maker, document: dict[str, Any]) -> None:
    rules = '  - { supply: product.name, api: sender.product.name, wire: "@p" }\n'
    compiled = make(rules, obj(sender=obj(product=obj(name=STR))))
    assert compiled.complete(document, {"product.name": "P"}) == document


def test_unknown_supply_leaves_the_field_open(make: Maker) -> None:
    compiled = make('  - { supply: test, api: test, wire: "@t" }\n', obj(test=BOOL))
    assert compiled.complete({}, {}) == {}


def test_value_of_a_wrong_kind_is_refused_without_being_named(make: Maker) -> None:
    compiled = make("  - { api: d, wire: d, as: digits }\n", obj(d=STR))
    with pytest.raises(NotExpressibleError) as caught:
        compiled.write({"d": "geheim"})
    assert refused(caught.value) == ("type", "/d", "/x:m/d")
    assert "geheim" not in str(caught.value)


def test_text_is_put_into_composed_form_and_noted(make: Maker) -> None:
    compiled = make("  - { api: a, wire: a }\n", obj(a=STR))
    reading = compiled.read(wire("<a>u\u0308</a>"))
    assert reading.document == {"a": "\u00fc"}
    assert [note.wire for note in reading.ledger.normalised] == ["/x:m/a"]


def test_correlating_field_is_listed(make: Maker) -> None:
    compiled = make("  - { api: a.b, wire: a, correlates: true }\n", obj(a=obj(b=STR)))
    assert list(compiled.correlates) == ["/a/b"]


ATTACHMENT: dict[str, Any] = {"type": "string", "x-attachment": True}


def test_an_attachment_is_written_as_its_placeholder_and_read_back(make: Maker) -> None:
    compiled = make("  - { api: a, wire: a, as: attachment }", obj(a=ATTACHMENT))
    document = {"a": "0c9a5a1e-0000-4000-8000-00000000000f"}
    assert written(compiled, document) == f"<a>{placeholder_of(document['a'])}</a>"
    assert compiled.read(compiled.write(document).data).document == document


@pytest.mark.parametrize(("kind", "schema"), [("attachment", STR), ("text", ATTACHMENT)])
def test_an_attachment_is_one_for_map_and_schema(
    make: Maker, kind: str, schema: dict[str, Any]
) -> None:
    (fault,) = make.faults(f"  - {{ api: a, wire: a, as: {kind} }}", obj(a=schema))
    assert "x-attachment" in fault.detail
