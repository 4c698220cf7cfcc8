"""A map as a program uses it."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import (
    ConfigurationError,
    MalformedBodyError,
    NotExpressibleError,
    SchemaViolationError,
)
from gateway.translation import Map, load_map
from gateway.validation.catalogue import shipped_schemas
from tests.gateway.translation.making import (
    INT,
    OPEN_XSD,
    STR,
    Maker,
    arr,
    catalogue,
    obj,
    refused,
    tag,
    wire,
)

SIMPLE = '  - { api: k, wire: "@k", optional: true }\n  - { api: a, wire: a }\n'
SCHEMA = obj("k", k=STR, a=STR)
ADAPTER = shipped_schemas().parent / "adapters" / "xmeld"


def test_map_says_what_it_is(make: Maker) -> None:
    compiled = make(SIMPLE, SCHEMA, name="person")
    assert (compiled.name, compiled.version, compiled.api) == (
        "person",
        1,
        "test/v1/doc.schema.json",
    )
    assert compiled.root == "{urn:t}m"
    assert compiled.reference == "test/person@1"
    assert compiled.wire_schema_source.startswith("profile:")
    assert compiled.schema == SCHEMA
    assert list(compiled.correlates) == []


def test_another_root_is_refused(make: Maker) -> None:
    with pytest.raises(SchemaViolationError) as caught:
        make(SIMPLE, SCHEMA).read(wire("<a/>", root="n"))
    assert refused(caught.value)[0] == "root"


def test_what_is_no_xml_is_refused(make: Maker) -> None:
    for data in (b"", b"<a", b"<!DOCTYPE a><a/>", wire("&geheim;")):
        with pytest.raises(MalformedBodyError) as caught:
            make(SIMPLE, SCHEMA).read(data)
        assert "geheim" not in str(caught.value)


def test_root_without_prefix_is_unqualified(make: Maker) -> None:
    path = make.write(SIMPLE, SCHEMA, xsd=OPEN_XSD.replace(' targetNamespace="urn:t"', ""))
    path.write_text(path.read_text().replace("root: x:m", "root: m"), encoding="utf-8")
    compiled = make.load(path)
    assert compiled.root == "m"
    assert compiled.read(b"<m><a>1</a></m>").document == {"a": "1"}


def test_document_that_breaks_the_canonical_schema_is_not_written(make: Maker) -> None:
    with pytest.raises(SchemaViolationError) as caught:
        make(SIMPLE, SCHEMA).write({"a": 5})
    assert refused(caught.value)[1:] == ("/a", "/x:m/a")


def test_surrogate_is_refused_with_its_place(make: Maker) -> None:
    with pytest.raises((SchemaViolationError, NotExpressibleError)) as caught:
        make(SIMPLE, SCHEMA).write({"a": "geheim\ud800"})
    assert refused(caught.value)[1] == "/a"
    assert "geheim" not in str(caught.value)


def test_document_that_passes_a_limit_of_parsers_is_refused(make: Maker) -> None:
    with pytest.raises(NotExpressibleError) as caught:
        make(SIMPLE, SCHEMA).write({"a": "x" * 11_000_000})
    assert refused(caught.value)[0] == "limit"


def test_missing_schemas_are_configuration_errors(make: Maker, tmp_path: Path) -> None:
    path = make.write(SIMPLE, SCHEMA)
    with pytest.raises(ConfigurationError):
        load_map(path, schemas=catalogue(tmp_path / "nowhere"))
    with pytest.raises(ConfigurationError):
        load_map(path)


def test_completion_leaves_the_document_alone(make: Maker) -> None:
    compiled = make('  - { supply: test, api: k, wire: "@k", optional: true }\n', obj("k", k=STR))
    document: dict[str, Any] = {}
    assert compiled.complete(document, {"test": "t"}) == {"k": "t"}
    assert document == {}


def test_map_may_be_used_from_several_threads(make: Maker) -> None:
    compiled = make(SIMPLE, SCHEMA)

    def there_and_back(number: int) -> bool:
        document = {"a": str(number)}
        return compiled.read(compiled.write(document).data).document == document

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(there_and_back, range(200)))


@pytest.mark.parametrize("name", ["person-search", "person-answer"])
def test_shipped_maps_load(name: str) -> None:
    assert load_map(ADAPTER / f"{name}.map.yaml").name == name


RICH = """
  - { const: K, wire: "@std" }
  - { supply: message.id, api: head.id, wire: "@id" }
  - { computed: count items, wire: "@n" }
  - group: { wire: g, optional: true }
    rules: [ { api: note, wire: note, optional: true } ]
  - each: { wire: i, api: items, optional: true }
    rules:
      - { api: nr, wire: "@nr", as: integer }
      - choice: kind
        rules:
          - { when: text, api: text, wire: t }
          - { when: list, each: { wire: l, api: list, as: integer } }
          - { when: none, otherwise: true }
  - { api: flag, wire: flag, as: integer, default: 3 }
  - { drop: "no use", wire: d }
"""
RICH_SCHEMA = obj(
    "note items",
    head=obj(id=STR),
    note=STR,
    flag=INT,
    items=arr(
        {
            "oneOf": [
                obj(nr=INT, kind=tag("text"), text=STR),
                obj(nr=INT, kind=tag("list"), list=arr(INT)),
                obj(nr=INT, kind=tag("none")),
            ]
        }
    ),
)
WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn", "Mn", "Lo"), max_codepoint=0x2FFF)
    | st.sampled_from("\t\n\r\"'<>& ")
)
NUMBERS = st.integers(-9999, 9999)
ITEMS = st.one_of(
    st.fixed_dictionaries({"nr": NUMBERS, "kind": st.just("text"), "text": WORDS}),
    st.fixed_dictionaries(
        {"nr": NUMBERS, "kind": st.just("list"), "list": st.lists(NUMBERS, min_size=1)}
    ),
    st.fixed_dictionaries({"nr": NUMBERS, "kind": st.just("none")}),
)
DOCUMENTS = st.fixed_dictionaries(
    {"head": st.fixed_dictionaries({"id": WORDS}), "flag": NUMBERS | st.just(3)},
    optional={"note": WORDS, "items": st.lists(ITEMS, min_size=1, max_size=4)},
)


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Map:
    return Maker(tmp_path_factory.mktemp("rich"))(RICH, RICH_SCHEMA)


@settings(deadline=None)
@given(document=DOCUMENTS)
def test_reading_undoes_writing(rich: Map, document: dict[str, Any]) -> None:
    from unicodedata import normalize  # noqa: PLC0415 - the law ranges over NFC only

    document = json.loads(normalize("NFC", json.dumps(document, ensure_ascii=False)))
    writing = rich.write(document)
    reading = rich.read(writing.data)
    assert reading.document == document
    assert rich.write(reading.document).data == writing.data
    assert reading.ledger.dropped == ()
    assert reading.ledger.normalised == ()


FULL = wire(
    '<g><note>n</note></g><i nr="1"><t>a</t></i><i nr="2"><l>5</l><l>6</l></i><i nr="3"/>'
    "<flag>4</flag><d>x</d>",
    'std="K" id="7" n="3"',
).decode()


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [('"K"', '"k"', "/x:m/@std"), ('n="3"', 'n="9"', "/x:m/@n"), ('nr="2"', 'nr="b"', None)],
)
def test_another_fixed_or_computed_value_is_refused(
    rich: Map, old: str, new: str, path: str | None
) -> None:
    with pytest.raises(SchemaViolationError) as caught:
        rich.read(FULL.replace(old, new, 1).encode())
    assert caught.value.places[0].wire == (path or "/x:m/i[2]/@nr")


@pytest.mark.parametrize("old", ['"7"', ">n<", ">a<", ">5<", ">4<", 'nr="2"'])
def test_another_value_changes_the_document(rich: Map, old: str) -> None:
    other = re.sub("[a-z0-9](?=.$)", "8", old)
    before, after = (rich.read(text.encode()) for text in (FULL, FULL.replace(old, other, 1)))
    assert after.document != before.document


def test_value_that_is_dropped_is_in_the_ledger(rich: Map) -> None:
    assert [note.wire for note in rich.read(FULL.encode()).ledger.dropped] == ["/x:m/d"]


@pytest.mark.parametrize(
    "tag_end", ["</g>", "</note>", "</t>", "</l>", "</i>", "</flag>", "</x:m>"]
)
def test_unknown_node_anywhere_is_refused(rich: Map, tag_end: str) -> None:
    broken = FULL.replace(tag_end, f"<zz>geheim</zz>{tag_end}", 1)
    with pytest.raises((NotExpressibleError, SchemaViolationError)) as caught:
        rich.read(broken.encode())
    place = caught.value.places[0]
    assert place.wire
    assert place.wire.endswith("/zz")
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("start", ["<g", "<note", "<i ", "<t", "<l", "<flag", "<x:m "])
def test_unknown_attribute_anywhere_is_refused(rich: Map, start: str) -> None:
    name = start.rstrip()
    broken = FULL.replace(start, f'{name} zz="geheim"{" " if start[-1] == " " else ""}', 1)
    with pytest.raises(NotExpressibleError) as caught:
        rich.read(broken.encode())
    place = caught.value.places[0]
    assert place.wire
    assert place.wire.endswith("/@zz")
    assert "geheim" not in str(caught.value)


def test_text_that_a_wildcard_lets_through_is_refused(make: Maker) -> None:
    xsd = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t">
<xs:element name="m"><xs:complexType><xs:sequence><xs:any processContents="skip"/></xs:sequence>
</xs:complexType></xs:element></xs:schema>"""
    rules = "  - { group: { wire: g, api: g }, rules: [{ api: a, wire: a, optional: true }] }\n"
    compiled = make(rules, obj(g=obj("a", a=STR)), xsd=xsd)
    for inside in ("<g>geheim<a>1</a></g>", "<g><a>1</a>geheim</g>", "<g>geheim</g>"):
        with pytest.raises(SchemaViolationError) as caught:
            compiled.read(wire(inside))
        assert refused(caught.value) == ("text", "/g", "/x:m/g")
