"""The short names make schemas of the declared subset."""

from gateway.adapter_kit.specimen_schemas import TEXT, array_of, object_of, tagged
from gateway.validation.json_schema import DocumentSchema


def test_named_fields_are_required_and_others_are_not() -> None:
    schema = DocumentSchema(object_of({"a": TEXT}, b=TEXT), name="s")
    assert not schema.check({"b": "x"})
    assert schema.check({"a": "x"})
    assert schema.check({"b": "x", "c": "x"})


def test_arrays_are_never_empty() -> None:
    schema = DocumentSchema(object_of(items=array_of(TEXT)), name="s")
    assert not schema.check({"items": ["x"]})
    assert schema.check({"items": []})


def test_alternatives_are_told_apart_by_their_tag() -> None:
    schema = DocumentSchema(tagged("kind", {"a": {"x": TEXT}, "b": {}}), name="s")
    assert not schema.check({"kind": "a", "x": "t"})
    assert schema.check({"kind": "b", "x": "t"})
