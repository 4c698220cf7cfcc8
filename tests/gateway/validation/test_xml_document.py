"""Tests of ``gateway.validation.xml_document``."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gateway.errors import MalformedBodyError
from gateway.validation.xml_document import (
    EQUALS_PER_MIB,
    MOST_ATTRIBUTES,
    TAGS_PER_MIB,
    parse_xml,
)

MIB = 1 << 20


def refusal(data: bytes, *, limit: int = MIB) -> str:
    with pytest.raises(MalformedBodyError) as caught:
        parse_xml(data, limit=limit)
    assert "SECRET" not in str(caught.value)
    assert caught.value.__cause__ is None
    (place,) = caught.value.places
    return place.keyword


@pytest.mark.parametrize(
    "data",
    [
        b"<a>\xc3\xa4</a>",
        b"\xef\xbb\xbf<a>\xc3\xa4</a>",
        b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?><a>\xc3\xa4</a>',
        b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe4</a>",
        b'<?xml version="1.0" encoding="iso-8859-15" standalone="yes"?>\r<a>\xe4</a>',
        b'<?xml version="1.0" encoding="US-ASCII"?><a>&#228;</a>',
        b"<a><![CDATA[\xc3\xa4]]></a>",
    ],
)
def test_the_four_encodings_are_taken(data: bytes) -> None:
    assert parse_xml(data, limit=MIB).root.text == "ä"


def test_latin_9_is_not_latin_1() -> None:
    data = b'<?xml version="1.0" encoding="ISO-8859-15"?><a>\xa4</a>'
    assert parse_xml(data, limit=MIB).root.text == "€"


@pytest.mark.parametrize(
    "data",
    [
        "<a/>".encode("utf-16"),
        "<a/>".encode("utf-16-le"),
        "<a/>".encode("utf-16-be"),
        "<a/>".encode("utf-32"),
        '<?xml version="1.0" encoding="cp500"?><a/>'.encode("cp500"),
        b'<?xml version="1.0" encoding="UTF-16"?><a/>',
        b'<?xml version="1.0" encoding="UTF-7"?><a/>',
        b'<?xml version="1.0" encoding="windows-1252"?><a/>',
        b"<?xml version='1.0'\nencoding\n=\n'SECRET'?><a/>",
        b'\xef\xbb\xbf<?xml version="1.0" encoding="ISO-8859-1"?><a/>',
        b"<a>SECRET\xff</a>",
        b'<?xml version="1.0" encoding="US-ASCII"?><a>\xe4</a>',
    ],
)
def test_other_encodings_are_refused(data: bytes) -> None:
    assert refusal(data) == "encoding"


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE a><a/>",
        b'<?xml version="1.0"?>\n<!-- x --><?p <a/>?>\n<!DOCTYPE a [<!ENTITY b "SECRET">]><a/>',
        b'\xef\xbb\xbf<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b"<!-- <!DOCTYPE a> --><!DOCTYPE a><a/>",
    ],
)
def test_document_type_is_refused_wherever_it_stands(data: bytes) -> None:
    assert refusal(data) == "doctype"


@pytest.mark.parametrize(
    "data",
    [b"<!-- <!DOCTYPE a> --><a/>", b"<?p <!DOCTYPE a>?><a/>", b"<a><![CDATA[<!DOCTYPE a>]]></a>"],
)
def test_text_that_looks_like_a_document_type_is_taken(data: bytes) -> None:
    assert parse_xml(data, limit=MIB).root.tag == "a"


@pytest.mark.parametrize(
    ("data", "keyword"),
    [
        (b"", "incomplete"),
        (b"SECRET", "incomplete"),
        (b"<a>SECRET", "incomplete"),
        (b"<a/>SECRET", "trailing"),
        (b"<a></SECRET>", "syntax"),
        (b"<a>&SECRET;</a>", "entity"),
        (b"<a>\x01SECRET</a>", "character"),
        (b"<SECRET:a/>", "namespace"),
        (b"<a>" * 300 + b"</a>" * 300, "limit"),
        (b"<a " + b"S" * 60_000 + b"=''/>", "limit"),
    ],
)
def test_what_is_not_well_formed_is_refused_without_content(data: bytes, keyword: str) -> None:
    assert refusal(data) == keyword


def test_refusal_names_line_and_column() -> None:
    with pytest.raises(MalformedBodyError, match="line 2, column 5"):
        parse_xml(b"<a>\n</b>", limit=MIB)


def test_size_is_limited() -> None:
    data = b"<a>" + b"x" * 1000 + b"</a>"
    assert parse_xml(data, limit=1007).root.tag == "a"
    assert refusal(data, limit=1006) == "size"


def test_number_of_tags_is_limited_by_the_size_that_is_allowed() -> None:
    most = TAGS_PER_MIB
    fitting = b"<a>" + b"<b/>" * (most - 2) + b"</a>"
    assert len(parse_xml(fitting, limit=MIB).root) == most - 2
    assert refusal(b"<a>" + b"<b/>" * (most - 1) + b"</a>") == "density"


def test_number_of_attributes_is_limited_too() -> None:
    attributes = b" ".join(b'a%d=""' % number for number in range(EQUALS_PER_MIB + 1))
    assert refusal(b"<a " + attributes + b"/>") == "density"


def test_one_element_has_few_attributes() -> None:
    attributes = [b'a%d=""' % number for number in range(MOST_ATTRIBUTES + 1)]
    fitting = b"<a " + b" ".join(attributes[:-1]) + b"/>"
    assert len(parse_xml(fitting, limit=MIB).root.attrib) == MOST_ATTRIBUTES
    assert refusal(b"<a " + b" ".join(attributes) + b"/>") == "density"


@pytest.mark.parametrize("data", [b"<?xml version='1.0'", b"<?xml" + b" " * 300 + b"?><a/>"])
def test_declaration_is_short(data: bytes) -> None:
    assert refusal(data) == "syntax"


@pytest.mark.parametrize(
    ("data", "noted"),
    [
        (b"<a/>", False),
        (b'<?xml version="1.0"?><a>!?</a>', False),
        (b"<a><![CDATA[<!-- <?p?> -->]]></a>", False),
        (b"<a><![CDATA[<!-- -->]]><!-- --></a>", True),
        (b"<a><!-- x --></a>", True),
        (b"<a/><?p x?>", True),
        (b'<?xml version="1.0"?><?p x?><a/>', True),
    ],
)
def test_comments_and_instructions_are_noticed(data: bytes, *, noted: bool) -> None:
    assert parse_xml(data, limit=MIB).has_notes is noted
    assert parse_xml(data, limit=MIB, drop_notes=True).has_notes is noted


def test_dropped_comment_does_not_split_text() -> None:
    kept = parse_xml(b"<a>x<!-- c -->y<?p?>z</a>", limit=MIB).root
    dropped = parse_xml(b"<a>x<!-- c -->y<?p?>z</a>", limit=MIB, drop_notes=True).root
    assert len(kept) == 2
    assert (dropped.text, len(dropped)) == ("xyz", 0)


def test_many_threads_may_parse() -> None:
    data = b"<a>" + b"<b>x</b>" * 500 + b"</a>"
    with ThreadPoolExecutor(4) as pool:
        roots = pool.map(lambda _: parse_xml(data, limit=MIB).root, range(40))
        assert all(len(root) == 500 for root in roots)


@given(st.text("<>&;!?-[]ax=\"' D", max_size=40))
def test_any_text_gives_a_document_or_a_refusal(text: str) -> None:
    try:
        root = parse_xml(text.encode(), limit=MIB).root
    except MalformedBodyError as error:
        assert error.places  # noqa: PT017 - both outcomes are right
    else:
        assert etree.iselement(root)


@pytest.mark.standards
def test_every_hostile_file_with_a_document_type_is_refused(standards: Path) -> None:
    files = [path for path in (standards / "xml-hardening").iterdir() if path.is_file()]
    hostile = [path for path in files if b"<!DOCTYPE" in path.read_bytes()]
    assert len(hostile) == 9
    assert {refusal(path.read_bytes()) for path in hostile} == {"doctype"}


@pytest.mark.standards
def test_real_messages_are_taken(standards: Path) -> None:
    for path in (standards / "xmeld-2511a" / "samples").rglob("*.xml"):
        assert etree.iselement(parse_xml(path.read_bytes(), limit=MIB).root)
