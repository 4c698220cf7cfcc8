"""Parameters of typed routes: each once, and faults told without what a caller wrote.

Kept out: what a parameter must look like, which FastAPI checks by the types of a route.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request

from gateway.errors import ParameterInvalidError, Place

LISTS = frozenset({"state"})
"""Parameters that may be repeated."""

_NAME_LIKE = re.compile(r"[a-z][A-Za-z0-9]{0,39}", re.ASCII)
"""Other names are a caller's words and may be anybody's name."""


async def each_once(request: Request) -> None:
    """Refuse a query that names a parameter twice: of two values either could be meant.

    Raises:
        ParameterInvalidError: One is repeated that is no list.
    """
    counted = Counter(name for name, _ in request.query_params.multi_items())
    places = [
        Place(keyword="repeated", detail=f"{_shown(name)}: sent more than once.")
        for name, number in counted.items()
        if number > 1 and name not in LISTS
    ]
    if places:
        raise _invalid(places)


def invalid_parameters(faults: Sequence[Mapping[str, Any]]) -> ParameterInvalidError:
    """The error of parameters that are not of their type.

    Args:
        faults: As pydantic lists them; its own texts quote the value that was sent.
    """
    return _invalid(
        [
            Place(
                keyword=str(fault["type"]).replace("_", "-"),
                detail=f"{'.'.join(_shown(part) for part in fault['loc'][1:])}: not of its form.",
            )
            for fault in faults
        ]
    )


def _invalid(places: Sequence[Place]) -> ParameterInvalidError:
    return ParameterInvalidError("A parameter of the call cannot be understood.", places=places)


def _shown(name: object) -> str:
    text = str(name)
    known = isinstance(name, int) or _NAME_LIKE.fullmatch(text) is not None
    return text if known else f"a parameter whose name has {len(text)} characters"
