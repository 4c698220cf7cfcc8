"""What documents have in common."""

from dataclasses import dataclass

from gateway.api.resource import Resource


class Thing(Resource):
    """A document of this test."""

    long_name: str
    """Its meaning."""


@dataclass
class Value:
    long_name: str


def test_a_document_is_read_from_a_value_and_written_in_camel_case() -> None:
    thing = Thing.model_validate(Value(long_name="a"))
    assert thing.model_dump(by_alias=True) == {"longName": "a"}
    assert Thing.model_json_schema()["properties"]["longName"]["description"] == "Its meaning."
