"""Tests of ``gateway.validation.xml_flood``."""

from pathlib import Path

import psutil
import pytest
from lxml import etree

from gateway.validation.xml_flood import MANY_MARKS, faulty_beginning
from gateway.validation.xml_schema import WireSchema

ITEMS = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="all">
<xs:complexType><xs:sequence><xs:element name="item" type="xs:int" maxOccurs="unbounded"/>
<xs:element name="last" minOccurs="0"/></xs:sequence></xs:complexType></xs:element></xs:schema>"""
MANY = MANY_MARKS


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("items") / "items.xsd"
    path.write_text(ITEMS)
    return path


@pytest.fixture
def schema(path: Path) -> WireSchema:
    return WireSchema.from_file(path, name="items/1")


@pytest.fixture
def compiled(path: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(path))


def message(*parts: str) -> etree._Element:
    return etree.fromstring(f"<all>{''.join(parts)}</all>")


def test_only_the_beginning_of_a_flood_is_read(compiled: etree.XMLSchema) -> None:
    beginning = faulty_beginning(compiled, message("<item>x</item>" * 20_000))
    assert beginning is not None
    assert 300 < len(beginning) < 2_000


@pytest.mark.parametrize(
    "parts",
    [
        ("<item>1</item>" * MANY,),
        ("<item>1</item>" * MANY, "<item>x</item>" * 50),
        ("<item>x</item>" * 500,),
        ("<item>1</item>" * MANY, "<last>", "x" * 10_000, "&amp;" * 10_000, "</last>"),
    ],
)
def test_few_faults_and_small_messages_are_no_flood(
    compiled: etree.XMLSchema, parts: tuple[str, ...]
) -> None:
    assert faulty_beginning(compiled, message(*parts)) is None


def test_faults_of_a_flood_are_placed_in_the_whole_message(schema: WireSchema) -> None:
    places = schema.check(message("<item>1</item>" * MANY, "<item>x</item>" * MANY))
    assert len(places) == 101
    assert [place.wire for place in places[:2]] == [
        f"/all/item[{MANY + 1}]",
        f"/all/item[{MANY + 2}]",
    ]
    assert places[-1].keyword == "more"
    assert {place.keyword for place in places[:-1]} == {"type"}


def test_long_texts_that_are_left_out_make_no_message_invalid(schema: WireSchema) -> None:
    long = "<item>" + " " * 5_000 + "1</item>"
    assert schema.check(message(long * 700, "<item>1</item>" * MANY)) == ()


def test_long_texts_that_are_left_out_are_not_among_the_faults_of_a_flood(
    schema: WireSchema,
) -> None:
    long = "<item>" + " " * 5_000 + "1</item>"
    places = schema.check(message(long * 100, "<item>x</item>" * MANY))
    assert [place.wire for place in places[:2]] == ["/all/item[101]", "/all/item[102]"]


@pytest.mark.parametrize("item", ["<item>1</item>", "<item>x</item>"])
def test_looking_leaves_nothing_in_memory(compiled: etree.XMLSchema, item: str) -> None:
    whole = message(item * 40_000)
    process = psutil.Process()

    def grown(times: int) -> int:
        before = process.memory_info().rss
        for _ in range(times):
            faulty_beginning(compiled, whole)
        return process.memory_info().rss - before

    grown(3)  # allocators find their size
    assert grown(10) < 2 * 2**20
