"""The named statements of ``queries.sql`` and its neighbours ``queries_….sql``, a file a subject.

Kept out: what they are run for (``transactions``, ``sqlite``).
"""

import re
from collections.abc import Mapping
from importlib.resources import files

_FILE = re.compile(r"queries(_\w+)?\.sql")
_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)
_FILE = re.compile(r"queries(_\w+)?\.sql")


def load_queries(package: str = "gateway.store") -> Mapping[str, str]:
    """Read every statement of a store, by name, without its comments."""
    room = files(package)
    names = sorted(entry.name for entry in room.iterdir() if _FILE.fullmatch(entry.name))
    return parse_queries("\n".join(room.joinpath(name).read_text("utf-8") for name in names))


def parse_queries(text: str) -> Mapping[str, str]:
    """Split a text of statements at the lines ``-- name: <name>``; names are unique."""
    _, *parts = _NAME.split(text)
    names, bodies = parts[::2], parts[1::2]
    if len(set(names)) != len(names):
        raise ValueError("two statements have the same name")
    return {name: _statement(body) for name, body in zip(names, bodies, strict=True)}


def _statement(body: str) -> str:
    return "\n".join(line for line in body.splitlines() if line and not line.startswith("--"))
