"""A subtree as one text of canonical XML."""

import pytest
from lxml import etree

from gateway.errors import NotExpressibleError
from tests.gateway.translation.making import STR, Maker, obj, refused, wire

XSD = "http://www.w3.org/2001/XMLSchema"
RULES = """
  - { opaque: more, wire: x:more, optional: true }
  - { api: a, wire: a }
"""
SCHEMA = obj("more", a=STR, more=STR)
INSIDE = '<x:more n="1"><o:b xmlns:o="urn:o" z="2" a="1">ä</o:b><!-- note --><c/></x:more>'
CANONICAL = '<x:more xmlns:x="urn:t" n="1"><o:b xmlns:o="urn:o" a="1" z="2">ä</o:b><c></c></x:more>'


def test_the_subtree_is_read_as_canonical_xml(make: Maker) -> None:
    compiled = make(RULES, SCHEMA)
    reading = compiled.read(wire(f"{INSIDE} <a>1</a>"))
    assert reading.document == {"more": CANONICAL, "a": "1"}
    assert reading.ledger.mapped == 2


def test_it_is_written_as_it_was_read(make: Maker) -> None:
    compiled = make(RULES, SCHEMA)
    document = {"more": CANONICAL, "a": "1"}
    assert f">{CANONICAL}<a>1</a></x:m>" in compiled.write(document).data.decode()
    assert compiled.read(compiled.write(document).data).document == document


def test_a_type_keeps_the_namespace_of_its_name(make: Maker) -> None:
    compiled = make(RULES, SCHEMA)
    typed = f'<x:more><b xsi:type="p:string" xmlns:p="{XSD}"/></x:more>'
    text = compiled.read(wire(f"{typed}<a/>")).document["more"]
    assert f'xmlns:p="{XSD}"' in text
    back = compiled.write({"more": text, "a": ""}).data
    assert compiled.read(back).document["more"] == text
    (more, _) = etree.fromstring(back)
    assert more[0].nsmap["p"] == XSD


@pytest.mark.parametrize(
    "text",
    [
        "",
        "geheim",
        "<x:more/>",
        '<x:more xmlns:x="urn:t"/>',
        '<x:more xmlns:x="urn:other"></x:more>',
        '<other xmlns="urn:t"></other>',
        CANONICAL + "<x/>",
        '<!DOCTYPE x><x:more xmlns:x="urn:t"></x:more>',
        CANONICAL.replace("ä", "<!-- geheim -->"),
    ],
)
def test_a_text_that_would_come_back_as_another_is_refused(make: Maker, text: str) -> None:
    with pytest.raises(NotExpressibleError) as caught:
        make(RULES, SCHEMA).write({"more": text, "a": "1"})
    assert refused(caught.value) == ("opaque", "/more", "/x:m/x:more")
    assert "geheim" not in str(caught.value)


def test_it_is_required_unless_it_is_optional(make: Maker) -> None:
    compiled = make("  - { opaque: more, wire: x:more }\n", obj("more", more=STR))
    with pytest.raises(NotExpressibleError) as caught:
        compiled.write({})
    assert refused(caught.value)[0] == "required"
    with pytest.raises(Exception, match="does not fit"):
        compiled.read(wire(""))


def test_the_field_is_a_text_of_the_schema(make: Maker) -> None:
    for field in ("nowhere", "box"):
        faults = make.faults(f"  - {{ opaque: {field}, wire: x:more }}\n", obj(box=obj(a=STR)))
        assert faults[0].rule == "test.map.yaml:11"


SKIPPING = f"""<xs:schema xmlns:xs="{XSD}" targetNamespace="urn:t">
<xs:element name="m"><xs:complexType><xs:sequence>
<xs:any processContents="skip" maxOccurs="unbounded"/>
</xs:sequence></xs:complexType></xs:element></xs:schema>"""


def test_an_instruction_would_not_come_back_and_is_refused(make: Maker) -> None:
    text = '<x:more xmlns:x="urn:t"><?note x?></x:more>'
    with pytest.raises(NotExpressibleError) as caught:
        make(RULES, SCHEMA).write({"more": text, "a": ""})
    assert refused(caught.value)[:2] == ("opaque", "/more")


def test_a_type_without_its_namespace_is_refused(make: Maker) -> None:
    rules = "  - { opaque: more, wire: more }\n"
    compiled = make(rules, obj(more=STR), xsd=SKIPPING)
    text = f'<more xmlns:xsi="{XSD}-instance" xsi:type="x:T"></more>'
    with pytest.raises(NotExpressibleError) as caught:
        compiled.write({"more": text})
    assert refused(caught.value)[:2] == ("opaque", "/more")
