"""From errors to HTTP: one table, looked up by nearest ancestor, and the problem document.

Everything else speaks of errors; only this module knows status codes. Kept out: catching them
(``gateway.api.app``, ``gateway.api.border``).

Source: RFC 9457, Problem Details for HTTP APIs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

import orjson

from gateway import errors
from gateway.errors import Fault, GatewayError, Place
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message

MEDIA_TYPE = "application/problem+json"

STATUS: dict[type[GatewayError], int] = {
    GatewayError: 500,
    errors.MessageRefusedError: 400,
    errors.BodyTooLargeError: 413,
    errors.UnsupportedMediaTypeError: 415,
    errors.NotAuthenticatedError: 401,
    errors.PermissionDeniedError: 403,
    errors.UnknownOperationError: 404,
    errors.UnknownMessageError: 404,
    errors.SchemaViolationError: 422,
    errors.NotExpressibleError: 422,
    errors.RecipientMissingError: 422,
    errors.RecipientMismatchError: 422,
    errors.NoRouteError: 422,
    errors.ChannelClosedError: 503,
    errors.AttachmentUnknownError: 404,
    errors.AttachmentUnusableError: 422,
    errors.AttachmentInfectedError: 422,
    errors.AttachmentInUseError: 409,
    errors.DigestMismatchError: 422,
    errors.ChannelHeldError: 503,
    errors.UnknownChannelError: 404,
    errors.AnswerNotReadyError: 409,
    errors.IdempotencyMismatchError: 422,
    errors.IdempotencyInProgressError: 409,
    errors.MessageInDoubtError: 409,
    errors.ResultErasedError: 410,
    errors.ContentErasedError: 410,
    errors.UnknownReplayError: 404,
    errors.NotCorrectedError: 409,
    errors.TransitionConflictError: 409,
    errors.DeliveryError: 502,
    errors.AnswerUnreadableError: 502,
    errors.MessageExpiredError: 504,
    errors.WorkerUnavailableError: 503,
    errors.ScannerUnavailableError: 503,
    errors.StoreUnavailableError: 503,
    errors.BusyError: 503,
    errors.TooManyUnderWayError: 429,
    errors.RateLimitedError: 429,
}
"""HTTP status of an error; a class that is not listed has that of its nearest ancestor."""

HEADERS: dict[type[GatewayError], dict[str, str]] = {
    errors.NotAuthenticatedError: {"WWW-Authenticate": "Bearer"},
    errors.BodyTooLargeError: {"Connection": "close"},
    errors.AttachmentTypeError: {"Connection": "close"},
    errors.UploadCutOffError: {"Connection": "close"},
    errors.WorkerUnavailableError: {"Retry-After": "5"},
    errors.ScannerUnavailableError: {"Retry-After": "30"},
    errors.StoreUnavailableError: {"Retry-After": "5"},
    errors.ChannelClosedError: {"Retry-After": "60"},
    errors.ChannelHeldError: {"Retry-After": "30"},
    errors.AnswerNotReadyError: {"Retry-After": "2"},
    errors.IdempotencyInProgressError: {"Retry-After": "2"},
    errors.KeyTakenError: {"Retry-After": "2"},
}
"""Headers that go with an error."""

MOST_PLACES = 100
"""Wrong places listed in one answer; a hostile document could have a million."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One problem document and the headers it is sent with."""

    status: int
    code: str
    detail: str
    fault: Fault
    retryable: bool
    next_step: str
    places: Sequence[Place] = ()
    message_id: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> bytes:
        """The document as UTF-8 JSON."""
        return orjson.dumps(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """The document; members without a value are left out."""
        document: dict[str, Any] = {
            "type": f"/problems/{self.code}",
            "title": title_of(self.code),
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "fault": self.fault,
            "retryable": self.retryable,
            "nextStep": self.next_step,
        }
        if self.places:
            document["errors"] = [place_of(place) for place in self.places[:MOST_PLACES]]
        if len(self.places) > MOST_PLACES:
            document["errorsOmitted"] = len(self.places) - MOST_PLACES
        if self.message_id is not None:
            document["messageId"] = self.message_id
        return document


PATH_UNKNOWN = Problem(
    status=404,
    code="path-unknown",
    detail="Nothing is at this path.",
    fault="caller",
    retryable=False,
    next_step="See `/docs` for what this gateway offers.",
)
METHOD_NOT_ALLOWED = Problem(
    status=405,
    code="method-not-allowed",
    detail="This path does not take this method.",
    fault="caller",
    retryable=False,
    next_step="Use a method that the header `Allow` lists.",
)
REQUEST_MALFORMED = Problem(
    status=400,
    code="request-malformed",
    detail="The bytes that were sent are no HTTP/1.1 request; the connection is closed.",
    fault="caller",
    retryable=False,
    next_step="Send what RFC 9112 calls a request; look at the client, or a proxy before it.",
)
HEAD_TOO_LARGE = Problem(
    status=431,
    code="head-too-large",
    detail="Path and headers of the request are too long; the connection is closed.",
    fault="caller",
    retryable=False,
    next_step="Send fewer or shorter headers; documents belong into the body.",
)
INTERNAL_ERROR = Problem(
    status=500,
    code="internal-error",
    detail="The gateway failed in a way nobody foresaw; it was logged.",
    fault="gateway",
    retryable=False,
    next_step="Report the time and the operation to the operator of the gateway.",
)
HTTP_ONLY = (
    PATH_UNKNOWN,
    METHOD_NOT_ALLOWED,
    REQUEST_MALFORMED,
    HEAD_TOO_LARGE,
    INTERNAL_ERROR,
)
"""Problems that exist in HTTP only and are no ``GatewayError``."""

UNTOLD: dict[State, type[GatewayError]] = {
    State.EXPIRED: errors.MessageExpiredError,
    State.INVALID: errors.AnswerUnreadableError,
    State.CANCELLED: errors.MessageCancelledError,
}
"""What a waiting caller is told when its message rests in a state without an answer."""

SENTENCES: dict[State, str] = {
    State.EXPIRED: "No answer came in time; nothing will be sent any more.",
    State.INVALID: "The authority answered, and the answer cannot be read.",
    State.DEAD: "The message could not be delivered and will not be sent again by itself.",
    State.CANCELLED: "The message was cancelled before it was delivered.",
}


def title_of(code: str) -> str:
    """The title of a code: ``schema-violation`` becomes ``Schema violation``."""
    return code.replace("-", " ").capitalize()


def status_of(kind: type[GatewayError]) -> int:
    """HTTP status of an error class."""
    return next(STATUS[ancestor] for ancestor in kind.__mro__ if ancestor in STATUS)


def problem_of(error: GatewayError) -> Problem:
    """The problem document of an error; it names the message that the error is about."""
    kind = type(error)
    return Problem(
        status=status_of(kind),
        code=error.code,
        detail=error.detail,
        fault=error.fault,
        retryable=error.retryable,
        next_step=error.next_step,
        places=error.places,
        message_id=error.message_id if isinstance(error, errors.MessageRefusedError) else None,
        headers=_headers(kind, error),
    )


def problem_of_message(message: Message, places: Sequence[Place] = ()) -> Problem:
    """The problem document of an accepted message that rests without an answer.

    Sent only about messages the gateway will not send again by itself.

    Args:
        message: The message as its caller is told of it.
        places: Where the authority's answer is wrong, if that is why.
    """
    by_code = {kind.code: kind for kind in error_classes()}
    failed = by_code.get(message.code or "", errors.DeliveryError)
    held = issubclass(failed, errors.ChannelHeldError)
    kind = failed if held else UNTOLD.get(message.state, failed)
    detail = SENTENCES.get(message.state, "The message rests without an answer.")
    if message.code is not None and message.code != kind.code:
        detail = f"{detail} Last failure: {message.code}."
    # Of a dead message whatever its last failure was: the backend is to blame, not the caller.
    return Problem(
        status=status_of(kind) if message.state is State.CANCELLED else max(status_of(kind), 502),
        code=kind.code,
        detail=detail,
        fault=kind.fault,
        retryable=kind.retryable,
        next_step=kind.next_step,
        places=places,
        message_id=message.id,
        headers=_headers(kind),
    )


def _headers(kind: type[GatewayError], error: GatewayError | None = None) -> Mapping[str, str]:
    """Headers of an error; one that knows how long to wait says so itself."""
    headers = next((HEADERS[one] for one in kind.__mro__ if one in HEADERS), {})
    if isinstance(error, (errors.BusyError, errors.ChannelHeldError)) and error.retry_after:
        return {**headers, "Retry-After": str(max(ceil(error.retry_after.total_seconds()), 1))}
    return headers


def error_classes() -> Iterator[type[GatewayError]]:
    """Every error class with a code of its own, ancestors first."""
    waiting: list[type[GatewayError]] = [GatewayError]
    while waiting:
        kind = waiting.pop(0)
        if "code" in vars(kind):
            yield kind
        waiting.extend(kind.__subclasses__())


def error_of_code(code: str | None) -> type[GatewayError] | None:
    """The error class of a public code; None if there is none."""
    return next((kind for kind in error_classes() if kind.code == code), None)


def place_of(place: Place) -> dict[str, str]:
    """A wrong place as a document; members without a value are left out."""
    members = {
        "pointer": place.pointer,
        "wire": place.wire,
        "rule": place.rule,
        "keyword": place.keyword,
        "detail": place.detail,
    }
    return {name: value for name, value in members.items() if value is not None}
