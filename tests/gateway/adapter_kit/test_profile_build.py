import json
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from gateway.adapter_kit.profile_build import ShapeBuilder
from gateway.adapter_kit.profile_facets import load_facets
from gateway.adapter_kit.profile_print import Header, print_profile
from gateway.errors import Place
from gateway.translation.map import compile_rules
from gateway.translation.schema_view import SchemaView

HEAD = """\
map: test
version: 1
api: x/request.schema.json
wire:
  format: xml
  schema: test/1
  root: x:r
  namespaces:
    x: "urn:x"
    o: "urn:o"
    xsi: "http://www.w3.org/2001/XMLSchema-instance"
include: [parts.fragments.yaml]
rules:
"""
FRAGMENTS = """\
fragments:
  node:
    parameters: {}
    rules:
      - { api: v, wire: v }
      - { each: { wire: node, api: nodes, optional: true }, rules: [ { use: node } ] }
"""


class Built:
    """The profile of some rules: whether it takes a message, and the faults."""

    def __init__(self, folder: Path, rules: str, schema: dict[str, Any], facets: str) -> None:
        (folder / "parts.fragments.yaml").write_text(FRAGMENTS)
        (folder / "facets.yaml").write_text(facets or "facets: {}\n")
        path = folder / "test.map.yaml"
        path.write_text(HEAD + "\n".join(f"  - {rule}" for rule in rules.splitlines()) + "\n")
        _, scope = compile_rules(path)
        builder = ShapeBuilder("urn:x", SchemaView(schema), load_facets(folder))
        root = builder.root("{urn:x}r", scope)
        self.faults: list[Place] = builder.faults
        header = Header(title="Test.", notes="")
        self.text = print_profile([root], namespace="urn:x", header=header)

    def takes(self, inside: str) -> bool:
        schema = etree.XMLSchema(etree.fromstring(self.text.encode()))
        declared = 'xmlns:x="urn:x" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        return schema.validate(etree.fromstring(f"<x:r {declared} {inside}</x:r>"))


def built(folder: Path, rules: str, *, schema: str = "{}", facets: str = "") -> Built:
    return Built(folder, rules, json.loads(schema), facets)


def test_order_and_presence_are_those_of_the_rules(tmp_path: Path) -> None:
    profile = built(
        tmp_path,
        "{ api: a, wire: a }\n{ api: b, wire: x:b, optional: true }\n{ api: c, wire: '@c' }",
    )
    assert profile.takes('c="1"><a/><x:b/>')
    assert profile.takes('c="1"><a/>')
    assert not profile.takes('c="1"><x:b/><a/>')
    assert not profile.takes('c="1"><x:b/>')
    assert not profile.takes("><a/>")
    assert not profile.takes('c="1"><a/><b/>')
    assert not profile.takes('c="1">text<a/>')


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("digits", "007", "7a"),
        ("integer", "-7", "7.0"),
        ("decimal", "7.50", "x"),
        ("boolean", "1", "yes"),
        ("date", "2025-01-31", "2025-02-30"),
        ("date", "2025-01-31", "2025-01-31Z"),
        ("datetime", "2025-01-31T00:00:00Z", "2025-01-31"),
        ("time", "23:59:59", "24:01:00"),
        ("partialDate", "2025-01", "2025-1"),
        ("uuid", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6ba7b810"),
        ("base64", "QUJD", "QUJ"),
        ("flag", "true", "false"),
    ],
)
def test_value_types_are_checked(tmp_path: Path, kind: str, good: str, bad: str) -> None:
    profile = built(tmp_path, f"{{ api: a, wire: a, as: {kind} }}")
    assert profile.takes(f"><a>{good}</a>")
    assert not profile.takes(f"><a>{bad}</a>")


def test_constants_are_fixed_and_never_empty(tmp_path: Path) -> None:
    profile = built(
        tmp_path,
        "{ const: Z, wire: '@z' }\n{ const: '1', wire: '@o', write: never }\n"
        "{ const: A, wire: a }\n{ const: 'true', wire: b, as: boolean, write: always }",
    )
    assert profile.takes('z="Z" o="1"><a>A</a><b>true</b>')
    assert profile.takes('z="Z"><a>A</a>')
    assert not profile.takes('z="Z"><a/>')
    assert not profile.takes('z="Z"><a>B</a>')
    assert not profile.takes('z="Z" o="2"><a>A</a>')
    assert not profile.takes('z="Z"><a>A</a><b>false</b>')


def test_codes_are_listed_unless_others_are_let_through(tmp_path: Path) -> None:
    profile = built(
        tmp_path,
        "{ api: a, wire: a, as: code, codes: { m: male, f: female } }\n"
        "{ api: b, wire: b, as: code, codes: { m: male }, fallback: other }",
    )
    assert profile.takes("><a>m</a><b>q</b>")
    assert not profile.takes("><a>q</a><b>q</b>")


def test_repeats_have_the_limits_of_the_canonical_array(tmp_path: Path) -> None:
    profile = built(
        tmp_path,
        "{ each: { wire: a, api: few } }\n{ each: { wire: b, api: many, optional: true } }",
        schema='{"properties": {"few": {"type": "array", "maxItems": 2}, "many": {}}}',
    )
    assert profile.takes("><a/><a/>" + "<b/>" * 9)
    assert not profile.takes("><a/><a/><a/>")
    assert not profile.takes("><b/>")


def test_facets_outrank_what_the_rules_say(tmp_path: Path) -> None:
    profile = built(
        tmp_path,
        "{ each: { wire: a, api: few } }\n{ api: b, wire: b }",
        schema='{"properties": {"few": {"type": "array", "maxItems": 2}}}',
        facets="types: { text: { maxLength: 3 } }\nfacets:\n"
        "  a: { minOccurs: 2, maxOccurs: unbounded }\n"
        "  b: { type: token, enumeration: [longer, long] }\n",
    )
    assert profile.takes("><a/><a/><a/><b>longer</b>")
    assert not profile.takes("><a/><b>longer</b>")
    assert not profile.takes("><a/><a/><b>abc</b>")
    assert not profile.takes("><a>1234</a><a/><b>long</b>")


def test_a_facet_may_fix_a_value(tmp_path: Path) -> None:
    profile = built(tmp_path, "{ api: a, wire: '@a' }", facets='facets: { "@a": { fixed: x } }\n')
    assert profile.takes('a="x">')
    assert not profile.takes('a="y">')


def test_choices_are_choices(tmp_path: Path) -> None:
    profile = built(
        tmp_path,
        "{ choice: k, rules: [ { when: a, api: a, wire: a }, "
        "{ when: b, rules: [ { api: b, wire: b }, { api: c, wire: c, optional: true } ] } ] }",
    )
    assert profile.takes("><a/>")
    assert profile.takes("><b/><c/>")
    assert not profile.takes("><a/><b/>")
    assert not profile.takes(">")


def test_otherwise_makes_a_choice_optional(tmp_path: Path) -> None:
    profile = built(
        tmp_path,
        "{ choice: k, rules: [ { when: a, api: a, wire: a }, { when: n, otherwise: true } ] }",
    )
    assert profile.takes("><a/>")
    assert profile.takes(">")


def test_parts_of_a_date_are_told_apart(tmp_path: Path) -> None:
    profile = built(
        tmp_path, "{ api: a, wire: a, as: partialDate, parts: { day: d, month: m, year: y } }"
    )
    assert profile.takes("><a><d>2025-01-31</d></a>")
    assert profile.takes("><a><m>2025-01</m></a>")
    assert profile.takes("><a><y>2025</y></a>")
    assert not profile.takes("><a><y>2025-01</y></a>")
    assert not profile.takes("><a><m>2025-01</m><y>2025</y></a>")


def test_elements_told_apart_by_a_constant_may_both_stand(tmp_path: Path) -> None:
    profile = built(
        tmp_path,
        "{ api: mail, wire: c, where: { '@t': mail } }\n"
        "{ api: fax, wire: c, where: { '@t': fax }, optional: true }",
    )
    assert profile.faults == []
    assert profile.takes('><c t="mail">1</c><c t="fax">2</c>')
    assert profile.takes('><c t="mail">1</c>')
    assert not profile.takes("><c>1</c>")
    assert not profile.takes(">")


def test_insides_that_one_type_cannot_say_are_faults(tmp_path: Path) -> None:
    profile = built(
        tmp_path,
        "{ api: a, wire: c, where: { '@t': a } }\n"
        "{ group: { wire: c }, where: { '@t': b }, rules: [ { api: b, wire: b } ] }",
    )
    assert len(profile.faults) == 1


def test_an_element_may_hold_itself(tmp_path: Path) -> None:
    profile = built(tmp_path, "{ use: node }")
    assert profile.takes("><v>1</v><node><v>2</v><node><v>3</v></node></node>")
    assert not profile.takes("><v>1</v><node><v>2</v><node/></node>")


def test_dropped_and_computed_values_are_allowed(tmp_path: Path) -> None:
    profile = built(
        tmp_path,
        "{ drop: hint, wire: '@h' }\n{ drop: hint, wire: '@xsi:schemaLocation' }\n"
        "{ drop: hint, wire: d }\n{ computed: count a, wire: n, as: integer }",
    )
    assert profile.takes('h="x" xsi:schemaLocation="a b"><d/><d>text</d><n>3</n>')
    assert not profile.takes("><n>x</n>")
    assert "schemaLocation" not in profile.text


def test_a_foreign_subtree_may_hold_any_elements(tmp_path: Path) -> None:
    profile = built(tmp_path, "{ opaque: more, wire: x:more, optional: true }")
    assert profile.takes(">")
    assert profile.takes('><x:more><a xmlns="urn:o" b="1">text<c/></a><x:d/></x:more>')
    assert profile.takes("><x:more/>")
    assert not profile.takes("><x:more>text</x:more>")
    assert not profile.takes('><x:more a="1"/>')
    assert not profile.takes("><x:more/><x:more/>")


def test_text_with_attributes_is_one_type(tmp_path: Path) -> None:
    profile = built(
        tmp_path,
        "{ group: { wire: g, api: g }, rules: [ { api: u, wire: '@u' }, { api: t, wire: '.' } ] }",
    )
    assert profile.takes('><g u="kg">3</g>')
    assert not profile.takes("><g>3</g>")


@pytest.mark.parametrize(
    "rules",
    [
        "{ api: a, wire: o:a }",
        "{ api: a, wire: '@o:a' }",
        "{ group: { wire: g }, rules: [ { api: a, wire: a }, { api: t, wire: '.' } ] }",
    ],
)
def test_what_a_profile_cannot_say_is_a_fault(tmp_path: Path, rules: str) -> None:
    assert len(built(tmp_path, rules).faults) == 1
