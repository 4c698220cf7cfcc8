"""Say what is wrong with a canonical document, in our own words.

jsonschema-rs quotes values, so its messages are never used: texts are built from keyword, schema
and the kind and length of what was there. Names of unknown properties are content too; they are
printed only when they read like a property name (``lowerCamel``, at most 40 characters).

The document is walked here and jsonschema-rs only asked about its parts, because it lists all
faults or none: a megabyte of wrong items took it 4 s and 600 MB.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import jsonschema_rs
from jiter import LosslessFloat

from gateway.errors import Place
from gateway.validation.repertoire import faults

MOST_PLACES = 100
"""Most faults that are listed of one document."""

REPERTOIRE = "x-repertoire"
"""Keyword beside ``type: string``: the name of the repertoire that the text keeps to."""

_NAME_LIKE = re.compile(r"[a-z][A-Za-z0-9]{0,39}")
_SHORT_PATTERN = 60
_DEEPEST = 40  # levels that are explained; each costs up to nine of Python's 1,000 frames
_FEW_OPTIONS = 12
_INEXACT = 0.5  # stands for every number with fraction or exponent: never an integer
_OBJECT_KEYWORDS = frozenset({"properties", "required", "additionalProperties"})

_NAMES: Mapping[type, str] = {
    bool: "a boolean",
    int: "an integer",
    dict: "an object",
    type(None): "null",
}

Node = Mapping[str, Any]
Path = tuple[str | int, ...]


def without_inexact_numbers(document: object) -> object:
    """Return the document with every ``LosslessFloat`` replaced by one and the same fraction.

    jsonschema-rs cannot look at a ``LosslessFloat``; for a fault text only its kind matters.
    """
    match document:
        case dict():
            return {name: without_inexact_numbers(value) for name, value in document.items()}
        case list():
            return [without_inexact_numbers(value) for value in document]
        case LosslessFloat():
            return _INEXACT
        case str():
            # A lone surrogate cannot be handed to the validator, and is no text.
            return document.encode(errors="replace").decode()
    return document


def list_faults(
    document: object, *, schema: Node, validators: jsonschema_rs.ValidatorMap
) -> tuple[Place, ...]:
    """Return a place for every fault, in the order of the document, at most ``MOST_PLACES``.

    Args:
        document: Known to be invalid, without ``LosslessFloat``.
        schema: The whole schema.
        validators: Its sub-schemas, compiled.
    """
    faults = _Explainer(schema, validators).explain(document, node=schema, at="#", path=())
    places = tuple(islice(faults, MOST_PLACES + 1))
    if len(places) > MOST_PLACES:
        more = Place(keyword="more", detail="more faults follow; these are the first", pointer="")
        return (*places[:MOST_PLACES], more)
    # is_valid said no: never let the document pass for want of an explanation.
    return places or (_unexplained(()),)


def pointer_to(path: Sequence[str | int]) -> str:
    """Write a path as JSON Pointer (RFC 6901)."""
    return "".join(f"/{_escape(step)}" for step in path)


def describe(value: object) -> str:
    """Name kind and length of a value, never the value."""
    if isinstance(value, str):
        return f"a string of {_count(len(value), 'character')}"
    if isinstance(value, list):
        return f"an array of {_count(len(value), 'item')}"
    return _NAMES.get(type(value), "a number with fraction or exponent")


class _Explainer:
    """Walks a document beside its schema; ``at`` is where a node stands in the schema."""

    def __init__(self, schema: Node, validators: jsonschema_rs.ValidatorMap) -> None:
        self._schema = schema
        self._validators = validators

    def explain(self, value: Any, *, node: Any, at: str, path: Path) -> Iterator[Place]:
        validator = self._validators.get(at)
        if not isinstance(node, dict) or validator is None or validator.is_valid(value):
            return
        if len(path) >= _DEEPEST:
            yield _unexplained(path)
            return
        found = False
        for place in self._parts(value, node=node, at=at, path=path):
            found = True
            yield place
        if not found:
            yield _unexplained(path)

    def _parts(self, value: Any, *, node: Node, at: str, path: Path) -> Iterator[Place]:
        composed = False
        if "$ref" in node:
            composed = True
            target, there = self._follow(node, at)
            yield from self.explain(value, node=target, at=there, path=path)
        if "oneOf" in node:
            composed = True
            yield from self._one_of(value, node=node, at=at, path=path)
        if isinstance(value, dict) and _OBJECT_KEYWORDS & node.keys():
            yield from self._object(value, node=node, at=at, path=path)
        elif isinstance(value, list) and "items" in node:
            yield from self._array(value, node=node, at=at, path=path)
        elif not composed:
            yield from self._leaf(value, node=node, at=at, path=path)

    def _object(self, value: dict[str, Any], *, node: Node, at: str, path: Path) -> Iterator[Place]:
        for name in node.get("required", ()):
            if name not in value:
                yield _missing(name, path)
        properties = node.get("properties", {})
        for name, child in value.items():
            if name in properties:
                there = f"{at}/properties/{_escape(name)}"
                yield from self.explain(child, node=properties[name], at=there, path=(*path, name))
            elif node.get("additionalProperties") is False:
                yield _unknown(name, path)

    def _array(self, value: list[Any], *, node: Node, at: str, path: Path) -> Iterator[Place]:
        if len(value) < node.get("minItems", 0):
            yield _broken("minItems", value, node=node, path=path)
        if len(value) > node.get("maxItems", len(value)):
            yield _broken("maxItems", value, node=node, path=path)
        for index, child in enumerate(value):
            yield from self.explain(
                child, node=node["items"], at=f"{at}/items", path=(*path, index)
            )

    def _leaf(self, value: Any, *, node: Node, at: str, path: Path) -> Iterator[Place]:
        if _is_wrong_container(value, node):
            # Said without jsonschema-rs, which would copy the whole container into its error.
            yield _broken("type", value, node=node, path=path)
            return
        for fault in self._validators[at].iter_errors(value):
            if fault.kind.name == REPERTOIRE:
                yield from _strangers(value, node=node, path=path)
                continue
            where = (*path, *fault.instance_path)
            yield _broken(fault.kind.name, fault.instance, node=node, path=where)

    def _one_of(self, value: Any, *, node: Node, at: str, path: Path) -> Iterator[Place]:
        """Explain the branch that the discriminator names."""
        branches = [self._follow(b, f"{at}/oneOf/{i}") for i, b in enumerate(node["oneOf"])]
        tag, options = _discriminator([branch for branch, _ in branches])
        if not isinstance(value, dict):
            detail = f"expected an object, found {describe(value)}"
            yield Place(keyword="type", detail=detail, pointer=pointer_to(path))
        elif tag is None:
            detail = f"expected exactly one of {len(branches)} forms"
            yield Place(keyword="oneOf", detail=detail, pointer=pointer_to(path))
        elif tag not in value:
            # One branch may go without its tag: what the gateway fills in for callers.
            untagged = [b for b in branches if tag not in b[0].get("required", ())]
            if len(untagged) != 1:
                yield _missing(tag, path)
            for branch, there in untagged if len(untagged) == 1 else ():
                yield from self.explain(value, node=branch, at=there, path=path)
        elif value[tag] in options:
            branch, there = branches[options.index(value[tag])]
            yield from self.explain(value, node=branch, at=there, path=path)
        else:
            detail = f"expected {_options(options)}, found {describe(value[tag])}"
            yield Place(keyword="enum", detail=detail, pointer=pointer_to((*path, tag)))

    def _follow(self, node: Node, at: str) -> tuple[Node, str]:
        """Return the node that a chain of references ends at, and where it stands."""
        seen: set[str] = set()
        while (reference := node.get("$ref")) and reference not in seen:
            seen.add(reference)
            found: Any = self._schema
            for step in reference.removeprefix("#").split("/")[1:]:
                found = found.get(step.replace("~1", "/").replace("~0", "~"), {})
            node, at = found, reference
        return node, at


def _is_wrong_container(value: object, node: Node) -> bool:
    types = node.get("type", ("object", "array"))
    return (isinstance(value, dict) and "object" not in types) or (
        isinstance(value, list) and "array" not in types
    )


def _strangers(text: str, *, node: Node, path: Path) -> Iterator[Place]:
    # Positions are those of the composed text, which is what maps translate.
    for stranger in faults(unicodedata.normalize("NFC", text), node[REPERTOIRE]):
        detail = f"{stranger} is not of the repertoire {node[REPERTOIRE]}"
        yield Place(keyword="repertoire", detail=detail, pointer=pointer_to(path))


def _escape(step: str | int) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _unexplained(path: Path) -> Place:
    return Place(keyword="schema", detail="breaks its schema", pointer=pointer_to(path))


def _unknown(name: str, path: Path) -> Place:
    if _NAME_LIKE.fullmatch(name):
        detail = f'unknown property "{name}"'
        return Place(keyword="unknown-property", detail=detail, pointer=pointer_to((*path, name)))
    detail = f"an unknown property with a name of {_count(len(name), 'character')}"
    return Place(keyword="unknown-property", detail=detail, pointer=pointer_to(path))


def _missing(name: str, path: Path) -> Place:
    detail = f'the required property "{name}" is missing'
    return Place(keyword="required", detail=detail, pointer=pointer_to(path))


def _discriminator(branches: Sequence[Node]) -> tuple[str | None, list[object]]:
    """Return the property that every branch fixes to a value of its own, and these values."""
    for name in branches[0].get("properties", {}):
        nodes = [branch.get("properties", {}).get(name, {}) for branch in branches]
        if all("const" in node for node in nodes):
            values = [node["const"] for node in nodes]
            if len(set(map(str, values))) == len(values):
                return name, values
    return None, []


def _options(values: Sequence[object]) -> str:
    if len(values) > _FEW_OPTIONS:
        return f"one of {len(values)} values of the schema"
    quoted = [f'"{value}"' if isinstance(value, str) else str(value).lower() for value in values]
    return quoted[0] if len(quoted) == 1 else f"one of {', '.join(quoted)}"


_ARTICLES = {
    "array": "an array",
    "boolean": "a boolean",
    "integer": "an integer",
    "object": "an object",
    "string": "a string",
    "number": "a number",
    "null": "null",
}


def _type(value: str | list[str]) -> str:
    names = [value] if isinstance(value, str) else value
    return " or ".join(_ARTICLES[name] for name in names)


def _pattern(value: str, node: Node) -> str:
    name = node.get("x-pattern")
    if name:
        return f"a string of the form {name}"
    if len(value) <= _SHORT_PATTERN:
        return f"a string that matches {value}"
    return "a string of the schema's pattern"


# What was expected, by keyword of JSON Schema; gets the keyword's value and the node around it.
_EXPECTED: Mapping[str, Callable[[Any, Node], str]] = {
    "type": lambda value, _: _type(value),
    "pattern": _pattern,
    "enum": lambda value, _: _options(value),
    "const": lambda value, _: _options([value]),
    "format": lambda value, _: f"a string of the format {value}",
    "maxLength": lambda value, _: f"a string of at most {_count(value, 'character')}",
    "minLength": lambda value, _: f"a string of at least {_count(value, 'character')}",
    "maxItems": lambda value, _: f"an array of at most {_count(value, 'item')}",
    "minItems": lambda value, _: f"an array of at least {_count(value, 'item')}",
    "maximum": lambda value, _: f"a number of at most {value}",
    "minimum": lambda value, _: f"a number of at least {value}",
    "uniqueItems": lambda _value, _node: "an array without repeats",
}


def _broken(keyword: str, value: object, *, node: Node, path: Path) -> Place:
    found = describe(value)
    expected = _EXPECTED.get(keyword)
    if expected is None or keyword not in node:
        detail = f"breaks the schema's rule {keyword}, found {found}"
    else:
        detail = f"expected {expected(node[keyword], node)}, found {found}"
    return Place(keyword=keyword, detail=detail, pointer=pointer_to(path))
