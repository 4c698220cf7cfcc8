"""The repertoire of generated text."""

import unicodedata

import pytest
from lxml import etree

from gateway.adapter_kit.repertoire import CHARACTERS, LETTERS, LINE, SEQUENCES, TROUBLE

XS = "http://www.w3.org/2001/XMLSchema"


def test_every_text_is_its_own_canonical_composition() -> None:
    for text in (*CHARACTERS, *SEQUENCES, "".join(CHARACTERS)):
        assert unicodedata.is_normalized("NFC", text)


def test_trouble_and_lines_are_part_of_the_repertoire() -> None:
    assert set(TROUBLE) <= set(CHARACTERS)
    assert set(CHARACTERS) - set(LINE) == set("\t\n\r")
    assert set(LETTERS) < set(LINE)


@pytest.mark.standards
def test_the_official_type_takes_exactly_this(standards: object) -> None:
    path = f"{standards}/xmeld-2511a/xsd/xoev/din-norm-91379-datatypes.xsd"
    namespace = etree.parse(path).getroot().get("targetNamespace")
    check = etree.XMLSchema(
        etree.fromstring(
            f'<xs:schema xmlns:xs="{XS}" xmlns:t="{namespace}">'
            f'<xs:import namespace="{namespace}" schemaLocation="{path}"/>'
            '<xs:element name="text" type="t:datatypeC"/></xs:schema>'
        )
    )

    def takes(text: str) -> bool:
        message = etree.Element("text")
        message.text = text
        return check.validate(message)

    assert takes(CHARACTERS)
    for text in SEQUENCES:
        assert takes(text)
    assert not takes("\u0416")
