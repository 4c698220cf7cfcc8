"""What an adapter decides about every leaf."""

from pathlib import Path
from types import MappingProxyType

import pytest

from gateway.adapter_kit.coverage import Covered, Decided, cover_documents, cover_messages
from gateway.adapter_kit.specimens import Specimen, specimens
from gateway.registry import Adapter
from gateway.translation.map import Map
from tests.gateway.translation.making import STR, Maker, catalogue, obj

XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t">
<xs:element name="m"><xs:complexType><xs:sequence>
 <xs:element name="a" type="xs:string"/><xs:element name="b" type="xs:string" minOccurs="0"/>
 <xs:element name="c" minOccurs="0"><xs:complexType><xs:sequence>
  <xs:element name="d" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
</xs:sequence></xs:complexType></xs:element></xs:schema>"""
RULES = """  - { api: name, wire: a }
  - { drop: "not needed", wire: c }
"""


def adapter_of(translation: Map) -> Adapter:
    return Adapter(
        name="test",
        version=1,
        standard="Test",
        edition="1",
        path=Path(),
        transports=(),
        exchanges=MappingProxyType({}),
        maps={"test": translation},
    )


def covered(tmp_path: Path) -> tuple[Covered, Covered]:
    path = Maker(tmp_path).write(RULES, obj("more", name=STR, more=STR), xsd=XSD)
    adapter = adapter_of(Maker(tmp_path).load(path))
    (message,) = cover_messages(adapter, catalogue(path.parent.parent))
    (document,) = cover_documents(adapter)
    return message, document


def test_a_wire_leaf_is_decided_by_its_rule_or_by_one_around_it(tmp_path: Path) -> None:
    message, _ = covered(tmp_path)
    assert [(leaf.place, leaf.decision, leaf.reason) for leaf in message.leaves] == [
        ("/x:m/a", "mapped", None),
        ("/x:m/b", "undecided", None),
        ("/x:m/c/d", "dropped", "not needed"),
    ]
    assert message.counts == {"dropped": 1, "mapped": 1, "undecided": 1}
    assert (message.leaves[0].rule or "").startswith("test.map.yaml:")


def test_a_canonical_leaf_that_no_map_carries_is_undecided(tmp_path: Path) -> None:
    _, document = covered(tmp_path)
    assert document.leaves[1] == Decided(place="/more", decision="undecided")
    assert document.leaves[0].decision == "mapped"


def test_forms_that_carry_nothing_or_one_way_decide_too(tmp_path: Path) -> None:
    rules = """  - { unsupported: "no field", wire: c }
  - { unsupported: "no node", api: more }
  - { api: name, wire: a, only: write, reason: "never comes back" }
  - { keep: "for the way back", wire: b }
"""
    make = Maker(tmp_path)
    path = make.write(rules, obj("more name", name=STR, more=STR), xsd=XSD)
    adapter = adapter_of(make.load(path))
    (message,) = cover_messages(adapter, catalogue(path.parent.parent))
    assert {leaf.place: leaf.decision for leaf in message.leaves} == {
        "/x:m/a": "write-only",
        "/x:m/b": "kept",
        "/x:m/c/d": "unsupported",
    }
    (document,) = cover_documents(adapter)
    assert document.counts == {"unsupported": 1, "write-only": 1}


def test_an_opaque_subtree_is_mapped_as_a_whole(tmp_path: Path) -> None:
    make = Maker(tmp_path)
    rules = "  - { api: name, wire: a }\n  - { opaque: more, wire: c, optional: true }\n"
    path = make.write(rules, obj("more", name=STR, more=STR), xsd=XSD)
    (message,) = cover_messages(adapter_of(make.load(path)), catalogue(path.parent.parent))
    assert message.leaves[2] == Decided(
        place="/x:m/c/d", decision="mapped", rule="test.map.yaml:12", at="/x:m/c", required=False
    )


@pytest.mark.parametrize("found", specimens(), ids=lambda found: found.name)
def test_every_form_decides_about_every_field_of_its_specimen(
    found: Specimen, tmp_path: Path
) -> None:
    for document in cover_documents(adapter_of(found.load(tmp_path))):
        assert [leaf.place for leaf in document.leaves if leaf.decision == "undecided"] == []
