"""What to tell a caller who asks for an operation that is not offered: what is.

Only names of this gateway's own are told, never what the caller wrote. Kept out: finding the
endpoint of an operation that exists (``gateway.api.app``).
"""

import re
from collections.abc import Collection

from gateway.errors import Place, UnknownOperationError
from gateway.messaging.operation import Operation

_FORM = re.compile(r"/v[0-9]+/([^/]+/[^/]+)(?:/check)?/?", re.ASCII)


def unknown_operation(path: str, operations: Collection[Operation]) -> UnknownOperationError | None:
    """The error of a path that no endpoint has; None: it is not the path of an operation.

    Args:
        path: Of a POST, decoded.
        operations: What is offered.
    """
    found = _FORM.fullmatch(path)
    if found is None:
        return None
    name = found[1]
    versions = [one for one in operations if one.name == name]
    if versions:
        detail = "This gateway does not offer the operation in this version, or not at this path."
        return UnknownOperationError(detail, places=[_offered("version", one) for one in versions])
    domain = name.partition("/")[0]
    related = [one for one in operations if one.name.partition("/")[0] == domain]
    if related:
        detail = "This domain has no such operation."
        return UnknownOperationError(detail, places=[_offered("operation", one) for one in related])
    domains = sorted({one.name.partition("/")[0] for one in operations})
    place = Place(keyword="domain", detail=f"Path: the domains are {', '.join(domains)}.")
    return UnknownOperationError("This gateway has no such domain.", places=[place])


def _offered(keyword: str, operation: Operation) -> Place:
    return Place(keyword=keyword, detail=f"Path: {operation.key} is at POST {operation.path}.")
