"""Which problem documents each route may answer with, for the OpenAPI document.

A status that is not listed here is a fault: the tests call every route with generated requests and
compare. Kept out: what an error is answered with (``gateway.api.problems``).
"""

from collections.abc import Mapping

REFUSALS: tuple[tuple[int, str], ...] = (
    (400, "The body is not JSON, or a header cannot be understood"),
    (401, "No token, or one that nobody owns"),
    (403, "The caller may not ask this"),
    (409, "The first call with this key is under way or in doubt, or the message was cancelled"),
    (410, "The first call with this key was answered; the answer is not kept any more"),
    (413, "The body is too long"),
    (415, "The body is not application/json"),
    (422, "Schema, repertoire, format, recipient or route do not allow it; see `errors`"),
    (431, "Path and headers are too long"),
    (500, "The gateway failed"),
    (503, "The gateway cannot store messages now, or nothing leaves to the recipient now"),
)
OF_KEYS = frozenset({409, 410})
"""Statuses of calls only: a check looks no key up."""

FAILURES: tuple[tuple[int, str], ...] = (
    (502, "Not delivered, refused by the authority, or its answer cannot be read"),
    (504, "No answer in time; nothing will be sent any more"),
)

MESSAGE = "/v1/messages/{message_id}"
CHANNEL = "/v1/channels/{name}"

ATTACHMENT = "/v1/attachments/{attachment_id}"

_NO_ATTACHMENT = (404, "No attachment with this id belongs to the caller")
_NOT_OWN = (404, "No message with this id belongs to the caller")
_CONFLICT = (409, "The message is in a state that does not allow it")
_NO_OPERATOR = (403, "The caller is no operator")
_NO_CHANNEL = (404, "No channel of this name is configured and open")
_PARAMETER = (400, "A parameter cannot be understood")

ROUTE_PROBLEMS: Mapping[str, tuple[tuple[int, str], ...]] = {
    "/v1/messages": (_PARAMETER,),
    MESSAGE: (_NOT_OWN,),
    f"{MESSAGE}/answer": (_NOT_OWN, (409, "There is no answer, or not yet")),
    f"{MESSAGE}/history": (_NOT_OWN,),
    f"{MESSAGE}/attempts": (_NOT_OWN,),
    f"{MESSAGE}/ledger": (_NOT_OWN,),
    f"{MESSAGE}/cancel": (_NOT_OWN, _CONFLICT),
    f"{MESSAGE}/replay": (
        _PARAMETER,
        (403, "The caller may not ask this any more"),
        (404, f"{_NOT_OWN[1]}, or its operation is not offered any more"),
        _CONFLICT,
    ),
    f"{MESSAGE}/resolve": (_PARAMETER, _NOT_OWN, _CONFLICT),
    f"{MESSAGE}/reread": (_NOT_OWN, _CONFLICT, (502, "The answer still cannot be read")),
    "/v1/attachments": (
        (400, "A header cannot be understood, or the content broke off"),
        (413, "The content is too long"),
        (415, "The type is not taken, or the content is not of it"),
        (422, "Other content came than the digest says, or the scanner refuses it"),
        (503, "There is no room, or the scanner gives no answer"),
    ),
    ATTACHMENT: (_NO_ATTACHMENT, (409, "A message refers to it")),
    f"{ATTACHMENT}/content": (_NO_ATTACHMENT,),
    "/v1/channels": (_NO_OPERATOR,),
    f"{CHANNEL}/history": (_PARAMETER, _NO_OPERATOR, _NO_CHANNEL),
    f"{CHANNEL}/pause": (_PARAMETER, _NO_OPERATOR, _NO_CHANNEL),
    f"{CHANNEL}/resume": (_NO_OPERATOR, _NO_CHANNEL),
    "/v1/operations": (),
    "/v1/operations/{domain}/{operation}/v{version}/schema/{side}": (
        _PARAMETER,
        (404, "No such operation, or not in this version"),
    ),
    "/v1/routes/explain": (_PARAMETER, (403, "The caller may not ask this authority")),
}
"""What a typed route refuses, beside what every route does."""

OF_ANY_CALLER: Mapping[int, str] = {
    401: "No token, or one that nobody owns",
    503: "The gateway cannot read messages now",
}
OF_ANY_ROUTE: Mapping[int, str] = {
    431: "Path and headers are too long",
    500: "The gateway failed",
}


def problems_of_route(path: str, *, secured: bool) -> list[tuple[int, str]]:
    """Statuses and meanings of a typed route, in order.

    Args:
        path: As FastAPI writes it, ``/v1/messages/{message_id}``.
        secured: Whether it needs a token.
    """
    problems = {**OF_ANY_ROUTE, **(OF_ANY_CALLER if secured else {})}
    return sorted({**problems, **dict(ROUTE_PROBLEMS.get(path, ()))}.items())
