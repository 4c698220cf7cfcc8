"""Elements whose attribute says which kind they are."""

import pytest

from gateway.errors import MessageRefusedError
from tests.gateway.translation.making import STR, Maker, arr, obj, refused, tag, wire

XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t">
<xs:element name="m"/>
<xs:complexType name="Person" mixed="true"><xs:sequence>
<xs:any minOccurs="0" maxOccurs="unbounded" processContents="lax"/></xs:sequence>
<xs:anyAttribute processContents="lax"/></xs:complexType>
</xs:schema>"""
RULES = """
  - each: { wire: p, api: parties }
    choice: kind
    on: "@xsi:type"
    rules:
      - when: person
        is: "x:Person"
        rules:
          - { api: name, wire: n }
          - { supply: sender.name, api: by, wire: "@by", optional: true }
      - { when: nobody, rules: [ { api: why, wire: "." } ] }
"""
SCHEMA = obj(
    parties=arr(
        {
            "oneOf": [
                obj("by", kind=tag("person"), name=STR, by=STR),
                obj(kind=tag("nobody"), why=STR),
            ]
        }
    )
)
DOCUMENT = {"parties": [{"kind": "person", "name": "a"}, {"kind": "nobody", "why": "b"}]}
INSIDE = '<p xsi:type="x:Person"><n>a</n></p><p>b</p>'


def test_the_kind_follows_from_the_type(make: Maker) -> None:
    compiled = make(RULES, SCHEMA, xsd=XSD)
    reading = compiled.read(wire(INSIDE))
    assert reading.document == DOCUMENT
    assert reading.ledger.normalised == ()
    assert f">{INSIDE}</x:m>" in compiled.write(DOCUMENT).data.decode()


def test_the_prefix_of_the_type_does_not_matter(make: Maker) -> None:
    compiled = make(RULES, SCHEMA, xsd=XSD)
    reading = compiled.read(wire('<p xmlns:o="urn:t" xsi:type="o:Person"><n>a</n></p>'))
    assert reading.document["parties"] == DOCUMENT["parties"][:1]
    assert [note.wire for note in reading.ledger.normalised] == ["/x:m/p/@xsi:type"]


def test_items_are_completed_by_their_kind(make: Maker) -> None:
    completed = make(RULES, SCHEMA, xsd=XSD).complete(DOCUMENT, {"sender.name": "me"})
    assert completed["parties"] == [{**DOCUMENT["parties"][0], "by": "me"}, DOCUMENT["parties"][1]]


def test_another_type_is_refused_with_its_place(make: Maker) -> None:
    xsd = "http://www.w3.org/2001/XMLSchema"
    other = f'<p xmlns:s="{xsd}" xsi:type="s:string">geheim</p>'
    with pytest.raises(MessageRefusedError) as caught:
        make(RULES, SCHEMA, xsd=XSD).read(wire(f"<p>b</p>{other}"))
    assert refused(caught.value) == ("choice", "/parties/1/kind", "/x:m/p[2]/@xsi:type")


def test_a_plain_attribute_tells_kinds_apart_too(make: Maker) -> None:
    rules = """
  - group: { wire: p, api: party }
    choice: kind
    on: "@k"
    rules:
      - { when: a, is: "1", rules: [ { api: x, wire: x } ] }
      - { when: b, is: "2", rules: [ { api: y, wire: x } ] }
"""
    branches = [obj(kind=tag("a"), x=STR), obj(kind=tag("b"), y=STR)]
    compiled = make(rules, obj(party={"oneOf": branches}))
    document = {"party": {"kind": "b", "y": "1"}}
    data = compiled.write(document).data
    assert b'<p k="2"><x>1</x></p>' in data
    assert compiled.read(data).document == document
    with pytest.raises(MessageRefusedError) as caught:
        compiled.read(wire("<p><x>1</x></p>"))
    assert refused(caught.value) == ("choice", "/party/kind", "/x:m/p")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('on: "@xsi:type"', 'on: "kind"'),
        ('is: "x:Person"', 'is: "q:Person"'),
        ("when: nobody, rules", 'when: nobody, is: "x:Person", rules'),
        ("when: nobody", "when: person"),
        ("when: nobody", "when: other"),
        ("choice: kind\n", "where: { '@a': b }\n"),
        ("rules: [ { api: why, wire: '.' } ]", "rules: 1"),
    ],
)
def test_misuse_is_a_fault_of_the_map(make: Maker, before: str, after: str) -> None:
    rules = RULES.replace('"."', "'.'")
    assert before in rules
    assert make.faults(rules.replace(before, after, 1), SCHEMA, xsd=XSD)


def test_a_tag_that_is_no_text_completes_nothing(make: Maker) -> None:
    rules = """
  - group: { wire: i, api: i }
    choice: kind
    on: "@k"
    rules:
      - when: a
        is: a
        rules: [{ supply: sender.name, api: v, wire: v, optional: true }]
"""
    compiled = make(rules, obj(i={"oneOf": [obj("v", kind=tag("a"), v=STR)]}))
    document = {"i": {"kind": ["a"]}}
    assert compiled.complete(document, {"sender.name": "x"}) == document
