"""Read YAML files of an adapter so that every fault can be named by file and line.

YAML 1.2 core schema: only ``true``, ``false``, ``null`` and plain numbers are not text, so the
country code ``NO`` stays text. Kept out: what the files mean.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from gateway.errors import ConfigurationError, Place

_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False}
_NULLS = {"", "~", "null", "Null", "NULL"}
# A number that would be written otherwise (`007`, `+1`) stays text: leading zeros are identity.
_INTEGER = re.compile(r"(0|-?[1-9][0-9]{0,17})\Z")


class YamlMapping(dict[str, Any]):
    """A mapping that knows where it was written; ``place`` is ``file:line``."""

    __slots__ = ("place", "places")

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place
        self.places: dict[str, str] = {}


class YamlFaultError(Exception):
    """One fault at one place of a file; collected by whoever reads the file."""

    def __init__(self, place: str, detail: str) -> None:
        super().__init__(detail)
        self.fault = Place(keyword="yaml", detail=detail, rule=place)


def load_yaml(path: Path) -> YamlMapping:
    """Read one file whose top level is a mapping.

    Raises:
        ConfigurationError: Unreadable, not YAML, a duplicate key, or not a mapping at the top;
            the place names file, line and column.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _refused(
            path.name, f"cannot be read as UTF-8 text ({type(error).__name__})"
        ) from None
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        value = _build(node, path.name) if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{path.name}:{mark.line + 1}:{mark.column + 1}" if mark else path.name
        raise _refused(where, f"is not well-formed YAML: {error.problem}") from None
    except yaml.reader.ReaderError:
        raise _refused(path.name, "holds a character that YAML does not allow") from None
    except RecursionError:
        raise _refused(path.name, "is nested without end") from None
    except YamlFaultError as error:
        raise ConfigurationError(f"{path.name} cannot be read.", places=[error.fault]) from None
    if not isinstance(value, YamlMapping):
        raise _refused(f"{path.name}:1", "must hold a mapping at its top level")
    return value


def _refused(where: str, what: str) -> ConfigurationError:
    name = where.split(":", maxsplit=1)[0]
    return ConfigurationError(
        f"{name} cannot be read.",
        places=[Place(keyword="yaml", detail=f"The file {what}.", rule=where)],
    )


def _build(node: yaml.Node, name: str) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, name) for item in node.value]
    mapping = YamlMapping(_where(node, name))
    for key_node, value_node in node.value:
        key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else ""
        if not key:
            raise YamlFaultError(_where(key_node, name), "A key must be plain text.")
        if key in mapping:
            raise YamlFaultError(_where(key_node, name), f"The key `{key}` stands here twice.")
        mapping[key] = _build(value_node, name)
        mapping.places[key] = _where(key_node, name)
    return mapping


def _where(node: yaml.Node, name: str) -> str:
    return f"{name}:{node.start_mark.line + 1}"


def _scalar(node: yaml.ScalarNode) -> str | int | bool | None:
    text: str = node.value
    if node.style in ("'", '"', "|", ">"):
        return text
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if text in _NULLS:
        return None
    return int(text) if _INTEGER.match(text) else text
