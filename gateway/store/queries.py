"""The named statements of ``queries.sql``, and of files beside it.

Kept out: what they are run for (``transactions``, ``sqlite``).
"""

import re
from collections.abc import Mapping
from importlib.resources import files

MAIN = "queries.sql"
"""Statements of messages; other subjects have files of their own."""

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


def load_queries(*names: str) -> Mapping[str, str]:
    """Read every statement, by name, without its comments.

    Args:
        names: Files of this package; none: ``queries.sql``.
    """
    folder = files("gateway.store")
    texts = [folder.joinpath(name).read_text("utf-8") for name in names or (MAIN,)]
    return parse_queries("\n".join(texts))


def parse_queries(text: str) -> Mapping[str, str]:
    """Split a file of statements at the lines ``-- name: <name>``; names are unique."""
    _, *parts = _NAME.split(text)
    names, bodies = parts[::2], parts[1::2]
    if len(set(names)) != len(names):
        raise ValueError("two statements have the same name")
    return {name: _statement(body) for name, body in zip(names, bodies, strict=True)}


def _statement(body: str) -> str:
    return "\n".join(line for line in body.splitlines() if line and not line.startswith("--"))
