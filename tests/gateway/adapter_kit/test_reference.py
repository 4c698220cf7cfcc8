"""The generated reference of an adapter."""

from pathlib import Path

from gateway.adapter_kit.reference import outdated, reference
from tests.gateway.adapter_kit.small_adapter import small_adapter
from tests.gateway.translation.making import STR, Maker, obj

MANIFEST = """adapter: test
version: 3
standard: Test
edition: "1.2"
transports: [http]
operations:
  test/ask/v1:
    request: [ { map: test, when: { name: x } } ]
"""
XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t">
<xs:element name="m"><xs:complexType><xs:sequence>
 <xs:element name="a" type="xs:string"/><xs:element name="b" type="xs:string" minOccurs="0"/>
 <xs:element name="c" minOccurs="0" type="xs:string"/>
 <xs:element name="g"><xs:complexType><xs:sequence>
  <xs:element name="code" type="xs:string"/></xs:sequence>
  <xs:attribute name="list"/></xs:complexType></xs:element>
</xs:sequence></xs:complexType></xs:element></xs:schema>"""
RULES = """  - { api: name, wire: a }
  - { drop: "not needed | ever", wire: b }
  - { unsupported: "nobody answers this", api: nickname, wire: c }
  - group: { wire: g }
    rules:
      - { const: "urn:l", wire: "@list" }
      - supply: now
        api: box.kind
        wire: code
        codes: { "1": one, "2": two }
        list: { uri: "@list", version: 3 }
"""


def adapter(tmp_path: Path) -> tuple[Path, Path]:
    schema = obj("nickname", name=STR, nickname=STR, box=obj(kind=STR))
    path = Maker(tmp_path).write(RULES, schema, xsd=XSD)
    (path.parent / "adapter.yaml").write_text(MANIFEST, encoding="utf-8")
    return path.parent, path.parent.parent / "schemas"


def test_everything_that_the_maps_decide_is_in_it(tmp_path: Path) -> None:
    text = reference(*adapter(tmp_path))
    assert text.startswith("# Test 1.2\n")
    for line in (
        "| test/ask/v1 | request | [test](#test) | x:m | `name` is `x` |",
        "| Map | Leaves | const | dropped | mapped | supplied | unsupported |",
        "| test | 5 | 1 | 1 | 1 | 1 | 1 |",
        "| `/name` | `a` | text | yes |  |",
        "| `/box/kind` | `g/code` | text; codes `1` one, `2` two; list `urn:l` `3` | yes | `now` |",
        "|  | `b` | not needed \\| ever |",
        "| `/nickname` | `c` | nobody answers this |",
    ):
        assert line in text.splitlines()


def test_a_reference_that_differs_is_outdated_until_it_is_written(tmp_path: Path) -> None:
    folder, schemas = adapter(tmp_path)
    found = outdated([folder], schemas)
    assert list(found) == [folder / "README.md"]
    (folder / "README.md").write_text(found[folder / "README.md"], encoding="utf-8")
    assert outdated([folder], schemas) == {}


def test_items_and_kinds_are_in_it(tmp_path: Path) -> None:
    for name in ("a repeated choice", "elements whose type says what they are", "parallel lists"):
        folder = tmp_path / name
        folder.mkdir()
        small_adapter(folder, name=name)
        lines = reference(folder, folder).splitlines()
        for line in EXPECTED[name]:
            assert line in lines


EXPECTED = {
    "a repeated choice": (
        "| `/entries/*/kind` | `.` | one of `note`, `person`, `place` | yes |  |",
        "| `/entries/*/name` | `s:person[~]/@name` | text | yes |  |",
    ),
    "elements whose type says what they are": (
        "| `/party/kind` | `s:party` | one of `person`, `office`, `nobody` | yes |  |",
        "| `/items/*/code` | `s:item[*]/s:text` | code | yes |  |",
    ),
    "parallel lists": ("| `/deep/stays/*/since` | `s:since[*]` | date | yes |  |",),
}
