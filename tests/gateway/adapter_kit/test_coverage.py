"""What an adapter decides about every leaf."""

from pathlib import Path
from types import MappingProxyType

from gateway.adapter_kit.coverage import Covered, Decided, cover_documents, cover_messages
from gateway.registry import Adapter
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


def covered(tmp_path: Path) -> tuple[Covered, Covered]:
    path = Maker(tmp_path).write(RULES, obj("more", name=STR, more=STR), xsd=XSD)
    translation = Maker(tmp_path).load(path)
    adapter = Adapter(
        name="test",
        version=1,
        standard="Test",
        edition="1",
        path=tmp_path,
        transports=(),
        exchanges=MappingProxyType({}),
        maps={"test": translation},
    )
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
