"""Dispatch inside one element; what no rule mentions is a leftover."""

import pytest

from gateway.errors import GatewayError, NotExpressibleError, SchemaViolationError
from tests.gateway.translation.making import STR, Maker, arr, obj, refused, wire

RULES = """
  - { api: k, wire: "@k", optional: true }
  - { api: a, wire: a }
  - group: { wire: g, api: g, optional: true }
    rules: [ { api: t, wire: ".", optional: true }, { api: b, wire: b } ]
  - each: { wire: i, api: i, optional: true }
"""
SCHEMA = obj("k g i", k=STR, a=STR, g=obj("t", t=STR, b=STR), i=arr(STR))


@pytest.mark.parametrize(
    ("inside", "attributes", "error", "place"),
    [
        ("<a/><z>geheim</z>", "", NotExpressibleError, ("unknown-element", "", "/x:m/z")),
        ("<a/><x:a>geheim</x:a>", "", NotExpressibleError, ("unknown-element", "", "/x:m/x:a")),
        ("<a/>", 'z="geheim"', NotExpressibleError, ("unknown-attribute", "", "/x:m/@z")),
        ("<a/>", 'x:k="geheim"', NotExpressibleError, ("unknown-attribute", "", "/x:m/@x:k")),
        ("<a/><i/><g><b/></g>", "", SchemaViolationError, ("order", "/g", "/x:m/g")),
        ("<a/><a>geheim</a>", "", SchemaViolationError, ("repeated", "/a", "/x:m/a[2]")),
        ("<a/><i/><a/><i/>", "", SchemaViolationError, ("order", "/a", "/x:m/a[2]")),
        ("", "", SchemaViolationError, ("required", "/a", "/x:m/a")),
        ("<a/><g/>", "", SchemaViolationError, ("required", "/g/b", "/x:m/g/b")),
        ("geheim<a/>", "", SchemaViolationError, ("text", "", "/x:m")),
        ("<a/>geheim", "", SchemaViolationError, ("text", "", "/x:m")),
        ("<a/><g>t<b/>geheim</g>", "", SchemaViolationError, ("text", "/g", "/x:m/g")),
        ("<a><z>geheim</z></a>", "", NotExpressibleError, ("unknown-element", "/a", "/x:m/a/z")),
    ],
)
def test_what_no_rule_mentions_is_refused_with_its_place(
    make: Maker,
    inside: str,
    attributes: str,
    error: type[GatewayError],
    place: tuple[str, str, str],
) -> None:
    with pytest.raises(error) as caught:
        make(RULES, SCHEMA).read(wire(inside, attributes))
    assert refused(caught.value) == place
    assert "geheim" not in str(caught.value)


def test_whitespace_between_elements_is_no_data(make: Maker) -> None:
    reading = make(RULES, SCHEMA).read(wire("\n <a/>\n <g>t<b/> </g>\n"))
    assert reading.document == {"a": "", "g": {"t": "t", "b": ""}}


def test_long_name_of_an_unknown_attribute_is_not_repeated(make: Maker) -> None:
    name = "z" * 200
    with pytest.raises(NotExpressibleError) as caught:
        make(RULES, SCHEMA).read(wire("<a/>", f'{name}="1"'))
    assert name not in str(caught.value)
