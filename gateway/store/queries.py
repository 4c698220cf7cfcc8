"""The named statements of ``queries.sql`` and its neighbours ``queries_….sql``, a file a subject.

Kept out: what they are run for (``transactions``, ``sqlite``).
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_FILE = re.compile(r"queries(_\w+)?\.sql")
_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)
_NARROWS = re.compile(r"^-- narrows: (\w+)\n", re.MULTILINE)
_WHERE = "\nWHERE\n"


@cache
def load_queries(package: str = "gateway.store") -> Mapping[str, str]:
    """Read every statement of a store, by name, without its comments."""
    room = files(package)
    names = sorted(entry.name for entry in room.iterdir() if _FILE.fullmatch(entry.name))
    return parse_queries("\n".join(room.joinpath(name).read_text("utf-8") for name in names))


def parse_queries(text: str) -> Mapping[str, str]:
    """Split a text of statements at the lines ``-- name: <name>``; names are unique.

    What stands below ``-- narrows: <name>`` is no statement, but one more condition of that one, by
    which an index of its own answers it.
    """
    _, *parts = _NAME.split(text)
    names, bodies = parts[::2], parts[1::2]
    if len(set(names)) != len(names):
        raise ValueError("two statements have the same name")
    statements = {name: _statement(body) for name, body in zip(names, bodies, strict=True)}
    for name, body in zip(names, bodies, strict=True):
        if (narrows := _NARROWS.search(body)) is not None:
            statements[name] = _narrowed(statements[narrows[1]], statements[name])
    return statements


def _narrowed(statement: str, condition: str) -> str:
    head, where, rest = statement.partition(_WHERE)
    if not where:
        raise ValueError("a statement without a condition cannot be narrowed")
    return f"{head}{where}    {condition}\n    AND {rest.lstrip()}"


def _statement(body: str) -> str:
    return "\n".join(line for line in body.splitlines() if line and not line.startswith("--"))
