"""Numbers that follow from the rest of the document."""

from typing import Any

import pytest

from gateway.errors import NotExpressibleError, SchemaViolationError
from tests.gateway.translation.making import STR, Maker, arr, obj, refused, wire, written

RULES = """
  - { computed: count items, wire: "@n" }
  - { computed: sum items.amount, wire: total, as: decimal }
  - { computed: length name, wire: length }
  - { api: name, wire: name }
  - each: { wire: i, api: items, optional: true }
    rules:
      - { computed: index, wire: "@pos" }
      - { api: amount, wire: amount, as: decimal, optional: true }
"""
SCHEMA = obj("items", name=STR, items=arr(obj("amount", amount=STR)))
DOCUMENT = {"name": "abc", "items": [{"amount": "1.10"}, {"amount": "0.0000002"}, {}]}
OUT = (
    ' n="3"><total>1.1000002</total><length>3</length><name>abc</name>'
    '<i pos="1"><amount>1.10</amount></i><i pos="2"><amount>0.0000002</amount></i><i pos="3"></i>'
)


def test_numbers_are_written_and_verified(make: Maker) -> None:
    compiled = make(RULES, SCHEMA)
    assert written(compiled, DOCUMENT) == OUT
    reading = compiled.read(compiled.write(DOCUMENT).data)
    assert reading.document == DOCUMENT
    assert reading.ledger.computed == 6
    assert written(compiled, {"name": ""}).startswith(' n="0"><total>0</total>')


@pytest.mark.parametrize(
    ("right", "wrong", "pointer", "path"),
    [
        ('n="3"', 'n="2"', "", "/x:m/@n"),
        (">1.1000002<", ">1.1<", "", "/x:m/total"),
        (">3</length>", ">4</length>", "", "/x:m/length"),
        ('pos="2"', 'pos="7"', "/items/1", "/x:m/i[2]/@pos"),
    ],
)
def test_number_that_disagrees_is_refused_where_it_stands(
    make: Maker, right: str, wrong: str, pointer: str, path: str
) -> None:
    compiled = make(RULES, SCHEMA)
    data = compiled.write(DOCUMENT).data.decode().replace(right, wrong).encode()
    with pytest.raises(SchemaViolationError) as caught:
        compiled.read(data)
    assert refused(caught.value) == ("computed", pointer, path)


def test_number_inside_nested_repeats_is_refused_with_all_indices(make: Maker) -> None:
    rules = """
  - each: { wire: o, api: o }
    rules:
      - each: { wire: i, api: i }
        rules:
          - { computed: index, wire: n }
          - { computed: count t, wire: c }
          - each: { wire: t, api: t, optional: true }
"""
    compiled = make(rules, obj(o=arr(obj(i=arr(obj("t", t=arr(STR)))))))
    document: dict[str, Any] = {"o": [{"i": [{}]}, {"i": [{}, {"t": ["x"]}]}]}
    data = compiled.write(document).data
    assert compiled.read(data).document == document
    broken = data.replace(b"<c>1</c>", b"<c>2</c>")
    with pytest.raises(SchemaViolationError) as caught:
        compiled.read(broken)
    assert refused(caught.value) == ("computed", "/o/1/i/1", "/x:m/o[2]/i[2]/c")


def test_same_number_in_another_spelling_is_normalised(make: Maker) -> None:
    compiled = make(RULES, SCHEMA)
    data = compiled.write(DOCUMENT).data.replace(b'n="3"', b'n="03"')
    assert [note.wire for note in compiled.read(data).ledger.normalised] == ["/x:m/@n"]


@pytest.mark.parametrize(
    ("inside", "attributes", "path"),
    [("", 'n="geheim"', "/x:m/@n"), ("<total>geheim</total>", 'n="0"', "/x:m/total")],
)
def test_what_is_no_number_is_refused(make: Maker, inside: str, attributes: str, path: str) -> None:
    compiled = make(RULES, SCHEMA)
    with pytest.raises(SchemaViolationError) as caught:
        compiled.read(wire(inside, attributes))
    assert refused(caught.value) == ("type", "", path)
    assert "geheim" not in str(caught.value)


def test_more_than_the_number_is_refused(make: Maker) -> None:
    compiled = make("  - { computed: count a, wire: n }\n  - each: { wire: a, api: a }\n", A)
    with pytest.raises(NotExpressibleError):
        compiled.read(wire("<n k='1'>1</n><a>x</a>"))


A = obj(a=arr(STR))
SUM = "  - { computed: sum a, wire: n %s }\n  - each: { wire: a, api: a }\n"


def test_sum_that_is_no_integer_is_not_cut(make: Maker) -> None:
    compiled = make(SUM % "", A)
    assert written(compiled, {"a": ["1.5", "2.5"]}).startswith("<n>4</n>")
    with pytest.raises(NotExpressibleError) as caught:
        compiled.write({"a": ["1.5", "2"]})
    assert refused(caught.value)[0] == "type"


@pytest.mark.parametrize("value", ["geheim", "NaN", "1e5", "Infinity"])
def test_sum_of_what_is_no_number_is_refused(make: Maker, value: str) -> None:
    compiled = make(SUM % ", as: decimal", A)
    with pytest.raises(NotExpressibleError) as caught:
        compiled.write({"a": [value]})
    assert refused(caught.value)[0] == "type"
    assert value not in str(caught.value)


def test_negative_sum_is_no_digits(make: Maker) -> None:
    compiled = make(SUM % ", as: digits", A)
    assert written(compiled, {"a": ["1"]}).startswith("<n>1</n>")
    with pytest.raises(NotExpressibleError):
        compiled.write({"a": ["-1"]})


def test_optional_number_that_is_absent_is_normalised(make: Maker) -> None:
    rules = "  - { computed: count a, wire: n, optional: true }\n  - each: { wire: a, api: a }\n"
    reading = make(rules, A).read(wire("<a>x</a>"))
    assert [note.wire for note in reading.ledger.normalised] == ["/x:m/n"]


def test_count_of_a_dotted_field_counts_the_array(make: Maker) -> None:
    rules = "  - { computed: count r.a, wire: n }\n  - each: { wire: a, api: r.a }\n"
    compiled = make(rules, obj(r=obj(a=arr(STR))))
    assert written(compiled, {"r": {"a": ["x", "y", "z"]}}).startswith("<n>3</n>")


def test_own_text_may_be_computed(make: Maker) -> None:
    rules = """
  - { group: { wire: g }, rules: [ { computed: count a, wire: "." } ] }
  - each: { wire: a, api: a }
"""
    compiled = make(rules, A)
    assert written(compiled, {"a": ["x"]}) == "<g>1</g><a>x</a>"
    assert compiled.read(compiled.write({"a": ["x"]}).data).document == {"a": ["x"]}


@pytest.mark.parametrize(
    "rule",
    ["count b", "count name", "sum items.nothing", "median items", "count", "index items"],
)
def test_wrong_function_or_field_is_a_fault(make: Maker, rule: str) -> None:
    rules = RULES.replace("count items", rule)
    (fault,) = make.faults(rules, SCHEMA)
    assert fault.rule == "test.map.yaml:12"


def test_number_has_a_type_of_numbers(make: Maker) -> None:
    (fault,) = make.faults(SUM % ", as: text", A)
    assert "decimal" in fault.detail
