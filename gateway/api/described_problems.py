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
    (429, "The caller's quota is used up, or it has too much under way; see `Retry-After`"),
    (431, "Path and headers are too long"),
    (500, "The gateway failed"),
    (503, "The gateway or the recipient's channel takes nothing now; see `Retry-After`"),
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
_ERASED = (410, "The content of the message is not kept any more")
_BODY = ((413, "The body is too long"), (415, "The body is not application/json"))
_ORDER = (400, "The body is not JSON, or a property of it cannot be understood")
_CHANGED = (409, "Something happened to the messages since the dry run")
_NO_REPLAY = (404, "No replay with this id belongs to the caller")

ROUTE_PROBLEMS: Mapping[str, tuple[tuple[int, str], ...]] = {
    "/v1/messages": (_PARAMETER,),
    MESSAGE: (_NOT_OWN,),
    f"{MESSAGE}/answer": (_NOT_OWN, (409, "There is no answer, or not yet"), _ERASED),
    f"{MESSAGE}/history": (_NOT_OWN,),
    f"{MESSAGE}/attempts": (_NOT_OWN,),
    f"{MESSAGE}/ledger": (_NOT_OWN,),
    f"{MESSAGE}/cancel": (_NOT_OWN, _CONFLICT),
    f"{MESSAGE}/replay": (
        _PARAMETER,
        (403, "The caller may not ask this any more"),
        (404, f"{_NOT_OWN[1]}, or its operation is not offered any more"),
        _CONFLICT,
        _ERASED,
        (413, "The request, as it was completed, is longer than is taken now"),
        (422, "The request cannot be translated any more; see `errors`"),
    ),
    "/v1/messages/causes": (_PARAMETER,),
    f"{MESSAGE}/diagnosis": (_NOT_OWN,),
    f"{MESSAGE}/request": (_NOT_OWN, _ERASED),
    f"{MESSAGE}/diff": (
        _PARAMETER,
        _NOT_OWN,
        (409, "The message is no corrected copy"),
        _ERASED,
    ),
    f"{MESSAGE}/correct": (
        (400, "The body is not JSON, or a header or parameter cannot be understood"),
        (403, "The caller may not ask this"),
        (404, f"{_NOT_OWN[1]}, or its operation is not offered any more"),
        (409, "The message, or the copy of an earlier call with this key, does not allow it"),
        (410, "The copy of this key was answered; the answer is not kept any more"),
        *_BODY,
        (422, "Schema, repertoire, format, recipient or route do not allow it; see `errors`"),
    ),
    "/v1/messages/replay": (_ORDER, _CHANGED, *_BODY),
    "/v1/messages/reread": (_ORDER, _CHANGED, *_BODY),
    "/v1/replays": (_PARAMETER,),
    "/v1/replays/{replay_id}": (_NO_REPLAY,),
    "/v1/replays/{replay_id}/left": (_PARAMETER, _NO_REPLAY),
    "/v1/replays/{replay_id}/stop": (_NO_REPLAY,),
    f"{MESSAGE}/resolve": (_PARAMETER, _NOT_OWN, _CONFLICT),
    "/v1/attachments": (
        (400, "A header cannot be understood, or the content broke off"),
        (413, "The content is too long"),
        (415, "The type is not taken, or the content is not of it"),
        (422, "Other content came than the digest says, or the scanner refuses it"),
        (503, "There is no room, or the scanner gives no answer"),
    ),
    ATTACHMENT: (_NO_ATTACHMENT, (409, "A message refers to it")),
    f"{ATTACHMENT}/content": (_NO_ATTACHMENT,),
    f"{MESSAGE}/reread": (_NOT_OWN, _CONFLICT, _ERASED, (502, "The answer still cannot be read")),
    "/v1/channels": (_NO_OPERATOR,),
    f"{CHANNEL}/history": (_PARAMETER, _NO_OPERATOR, _NO_CHANNEL),
    f"{CHANNEL}/pause": (_PARAMETER, _NO_OPERATOR, _NO_CHANNEL),
    f"{CHANNEL}/resume": (_NO_OPERATOR, _NO_CHANNEL),
    "/v1/operations": (),
    "/v1/operations/{domain}/{operation}/v{version}/schema/{side}": (
        _PARAMETER,
        (404, "No such operation, or not in this version"),
    ),
    "/v1/channels/{name}/gaps": (_NO_CHANNEL,),
    "/v1/routes/explain": (_PARAMETER, (403, "The caller may not ask this authority")),
}
"""What a typed route refuses, beside what every route does."""

OF_ANY_CALLER: Mapping[int, str] = {
    401: "No token, or one that nobody owns",
    429: "The caller's quota is used up; see `Retry-After`",
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
