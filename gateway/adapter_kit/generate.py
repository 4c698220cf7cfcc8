"""Generate documents that are valid against a canonical schema of the declared subset.

Exact: what is drawn is valid, so no draw is wasted and a refusal says something about the map.
One strategy for each named pattern (``x-pattern``); a new name needs one in ``PATTERNS``.
hypothesis belongs to the extra ``kit`` and is imported only when a generator is made.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

from gateway.adapter_kit.repertoire import (
    CHARACTERS,
    DIGITS,
    LETTERS,
    LINE,
    SEQUENCES,
    TROUBLE,
)
from gateway.errors import ConfigurationError

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

Schema = Mapping[str, Any]
Strategies = Any
"""The module ``hypothesis.strategies``."""

PatternStrategy = Callable[[Strategies, int, int], Any]
"""From strategies, least and greatest length to a strategy of texts."""

_DEEPEST = 12
"""Objects nested deeper than this hold required fields only, so that recursion ends."""

_SPARSE = 6
"""From this depth on, optional fields are there in one of four cases instead of one of two."""

_LONG = 40
"""Longest text drawn where the schema allows much more."""

_WORD = DIGITS + "ABCXYZabcxyz"
_MARKS = "._:-"
_SECOND = timedelta(seconds=1)
_FIRST = datetime(1, 1, 1, tzinfo=UTC)
_LAST = datetime(9999, 12, 31, tzinfo=UTC)


def strategies() -> Strategies:
    """The module ``hypothesis.strategies``.

    Raises:
        ConfigurationError: hypothesis is not installed.
    """
    try:
        return import_module("hypothesis.strategies")
    except ImportError:
        raise ConfigurationError(
            "Generated documents need hypothesis: pip install 'agency-gateway[kit]'."
        ) from None


def documents(schema: Schema, *, items: int = 2) -> "SearchStrategy[dict[str, Any]]":
    """A strategy of documents that are valid against ``schema``.

    Args:
        schema: A canonical schema of the declared subset.
        items: How many items more than required an array has at most.

    Raises:
        ConfigurationError: The schema leaves the subset or names an unknown pattern; hypothesis is
            not installed.
    """
    drawer = _Drawer(strategies(), schema, items)
    drawer.check(schema)

    def draw_document(draw: "DrawFn") -> Any:
        return drawer.draw(draw, schema, 0)

    found: SearchStrategy[dict[str, Any]] = drawer.st.composite(draw_document)()
    return found


def _alphabet(characters: str) -> PatternStrategy:
    def make(st: Strategies, least: int, most: int) -> Any:
        return st.text(characters, min_size=least, max_size=min(most, max(least, _LONG)))

    return make


def _text(st: Strategies, least: int, most: int) -> Any:
    longest = min(most, max(least, _LONG))
    kinds = [st.text(found, min_size=least, max_size=longest) for found in (CHARACTERS, TROUBLE)]
    if least <= 2 and most >= max(map(len, SEQUENCES)):  # noqa: PLR2004 - length of the shortest
        kinds.append(st.sampled_from(SEQUENCES))
    return st.one_of(kinds)


def _line(st: Strategies, least: int, most: int) -> Any:
    longest = min(most, max(least, _LONG))
    trouble = "".join(c for c in TROUBLE if c in LINE)
    return st.one_of([st.text(c, min_size=least, max_size=longest) for c in (LINE, trouble)])


def _digits(length: int) -> PatternStrategy:
    return lambda st, _least, _most: st.text(DIGITS, min_size=length, max_size=length)


def _up_to(characters: str, length: int) -> PatternStrategy:
    return lambda st, _least, _most: st.text(characters, max_size=length)


def _joined(*parts: Callable[[Strategies], Any]) -> PatternStrategy:
    return lambda st, _least, _most: st.tuples(*(part(st) for part in parts)).map("".join)


def _dates(st: Strategies) -> Any:
    # One draw each: a document holds dozens of values, and the draws are what costs time.
    days = st.integers(1, date.max.toordinal())
    return days.map(lambda day: date.fromordinal(day).isoformat())


def _datetimes(st: Strategies) -> Any:
    moments = st.integers(0, (_LAST - _FIRST) // _SECOND)
    ends = [
        fraction + zone
        for fraction in ("", ".1", ".562", ".000000001")
        for zone in ("Z", "+01:00", "", "-13:59", "+14:00")
    ]
    return st.tuples(moments, st.sampled_from(ends)).map(
        lambda found: (_FIRST + found[0] * _SECOND).isoformat().partition("+")[0] + found[1]
    )


def _partial_dates(st: Strategies) -> Any:
    lengths = st.sampled_from([len("2025"), len("2025-01"), len("2025-01-31")])
    return st.tuples(_dates(st), lengths).map(lambda found: found[0][: found[1]])


def _azr_numbers(st: Strategies) -> Any:
    born = st.tuples(st.integers(0, 99), st.integers(0, 12), st.integers(0, 31))
    return st.tuples(born, st.integers(0, 999_999)).map(
        lambda found: "{:02}{:02}{:02}".format(*found[0]) + f"{found[1]:06}"
    )


def _base64(st: Strategies) -> Any:
    encode = import_module("base64").b64encode
    return st.binary(max_size=30).map(lambda raw: encode(raw).decode("ascii"))


def _codes(st: Strategies, _least: int, _most: int) -> Any:
    # Marks may stand anywhere but in front.
    words = st.text(_WORD + _MARKS, max_size=12)
    return words.map(lambda word: word if word and word[0] not in _MARKS else f"0{word}")


PATTERNS: Mapping[str, PatternStrategy] = {
    "text": _text,
    "line": _line,
    "digits": _alphabet(DIGITS),
    "uuid": lambda st, _least, _most: st.uuids().map(str),
    "dateTime": lambda st, _least, _most: _datetimes(st),
    "date": lambda st, _least, _most: _dates(st),
    "partialDate": lambda st, _least, _most: _partial_dates(st),
    "amount": lambda st, _least, _most: st.integers(-(10**9), 10**9).map(
        lambda cents: f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"
    ),
    "ags": _digits(8),
    "countryCode": _digits(3),
    "codeText": _codes,
    "listVersion": _codes,
    "partyId": _joined(
        lambda st: st.sampled_from(["ags", "dbs", "DVDV", "xy"]),
        lambda st: st.just(":"),
        lambda st: st.text(_WORD + _MARKS, min_size=1, max_size=20),
    ),
    "uri": _joined(
        lambda st: st.sampled_from(["urn:example:", "https://list.example/"]),
        lambda st: st.text(_WORD + _MARKS, min_size=1, max_size=20),
    ),
    "houseNumber": _up_to(DIGITS + " ", 4),
    "houseNumberSuffix": _up_to(LETTERS + DIGITS + "./ ", 4),
    "postalCode": _up_to(DIGITS + " ", 5),
    "floor": _up_to(LETTERS + DIGITS + " .", 4),
    "azrNumber": lambda st, _least, _most: _azr_numbers(st),
    "base64": lambda st, _least, _most: _base64(st),
}
"""A strategy for each ``x-pattern``."""


class _Drawer:
    """Draws values of one schema; strategies of leaves are made once."""

    def __init__(self, st: Strategies, root: Schema, items: int) -> None:
        self.st = st
        self._root = root
        self._items = items
        self._leaves: dict[tuple[str, int, int], Any] = {}

    def check(self, node: Any) -> None:
        """Make every leaf's strategy once, so that a fault shows before anything is drawn."""
        if isinstance(node, list):
            for item in node:
                self.check(item)
        if not isinstance(node, dict):
            return
        if node.get("type") == "string" and not {"enum", "const"} & node.keys():
            self._leaf(node)
        for key, inner in node.items():
            if key in ("properties", "$defs"):
                self.check(list(inner.values()))
            elif key in ("items", "oneOf"):
                self.check(inner)

    def draw(self, draw: "DrawFn", schema: Schema, depth: int) -> Any:
        """Draw one value."""
        schema = self._followed(schema)
        if "oneOf" in schema:
            return self.draw(draw, self._branch(draw, schema["oneOf"], depth), depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return draw(self.st.sampled_from(schema["enum"]))
        return self._typed(draw, schema, depth)

    def _typed(self, draw: "DrawFn", schema: Schema, depth: int) -> Any:
        kind = schema.get("type")
        if kind == "object":
            return self._object(draw, schema, depth)
        if kind == "array":
            return self._array(draw, schema, depth)
        simple = {
            "boolean": self.st.booleans,
            "integer": lambda: self.st.integers(schema.get("minimum"), schema.get("maximum")),
            "string": lambda: self._leaf(schema),
        }
        if kind not in simple:
            raise ConfigurationError(f"The generator knows no canonical type `{kind}`.")
        return draw(simple[kind]())

    def _object(self, draw: "DrawFn", schema: Schema, depth: int) -> dict[str, Any]:
        properties = schema.get("properties", {})
        required = set(schema.get("required", ()))
        optional = [name for name in properties if name not in required]
        chosen = self._chosen(draw, optional, depth)
        return {
            name: self.draw(draw, inner, depth + 1)
            for name, inner in properties.items()
            if name in required or name in chosen
        }

    def _chosen(self, draw: "DrawFn", optional: list[str], depth: int) -> set[str]:
        """Which optional fields are there; a single draw, so that large objects stay cheap."""
        if not optional or depth >= _DEEPEST:
            return set()
        count = len(optional)
        marks: bytes = draw(self.st.binary(min_size=count, max_size=count))
        least = 192 if depth >= _SPARSE else 128
        return {name for name, mark in zip(optional, marks, strict=True) if mark >= least}

    def _array(self, draw: "DrawFn", schema: Schema, depth: int) -> list[Any]:
        least = schema.get("minItems", 0)
        more = 0 if depth >= _DEEPEST else self._items
        most = min(schema.get("maxItems", least + more), least + more)
        count = draw(self.st.integers(least, most))
        return [self.draw(draw, schema["items"], depth + 1) for _ in range(count)]

    def _branch(self, draw: "DrawFn", branches: list[Schema], depth: int) -> Schema:
        if depth >= _DEEPEST:
            return min(branches, key=lambda b: len(self._followed(b).get("required", ())))
        found: Schema = draw(self.st.sampled_from(branches))
        return found

    def _leaf(self, schema: Schema) -> Any:
        name = schema.get("x-pattern", "")
        if name == "xml":
            # What may stand in a foreign subtree nobody here knows: the schema gives examples.
            return self.st.sampled_from(schema["examples"])
        if name not in PATTERNS:
            raise ConfigurationError(
                f"The generator knows no pattern `{name}`; known: {', '.join(sorted(PATTERNS))}."
            )
        key = (name, schema.get("minLength", 0), schema.get("maxLength", _LONG))
        if key not in self._leaves:
            self._leaves[key] = PATTERNS[name](self.st, key[1], key[2])
        return self._leaves[key]

    def _followed(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            found: Any = self._root
            for step in schema["$ref"].removeprefix("#").split("/")[1:]:
                found = found[step]
            schema = found
        return schema
