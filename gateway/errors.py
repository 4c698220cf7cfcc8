"""Every error a caller can act on, grouped by what happens next.

::

    GatewayError
    ├── ConfigurationError            stop, or close the channels of one adapter; every fault listed
    ├── MessageRefusedError           tell the caller; nothing was accepted
    │   ├── MalformedBodyError            the body cannot be parsed
    │   ├── BodyTooLargeError             longer than the operation allows
    │   ├── UnsupportedMediaTypeError     not the media type the operation takes
    │   ├── HeaderInvalidError            a request header cannot be understood
    │   ├── IdempotencyKeyMissingError    a submission without an Idempotency-Key
    │   ├── IdempotencyMismatchError      the key was used for another call
    │   ├── IdempotencyInProgressError    the call with this key is still under way
    │   ├── MessageInDoubtError           the call with this key may have been carried out
    │   ├── ResultErasedError             the call with this key was answered; it is erased
    │   ├── NotAuthenticatedError         no valid token
    │   ├── PermissionDeniedError         known caller, not allowed
    │   ├── UnknownOperationError         no such operation or version
    │   ├── UnknownMessageError           no such message, or another caller's
    │   ├── SchemaViolationError          the document breaks its schema
    │   ├── NotExpressibleError           the authority's format cannot carry it
    │   ├── RecipientMissingError         neither header nor document names an authority
    │   ├── RecipientMismatchError        header and document name different authorities
    │   ├── NoRouteError                  no channel leads to the authority
    │   └── AnswerNotReadyError           the message has no answer (yet)
    ├── DeliveryError                 decided by ``gateway.messaging.retry``
    │   ├── NotSentError                  nothing left: retry
    │   │   ├── AuthorityBusyError            it said that it took nothing: retry when it asks to
    │   │   └── PeerUntrustedError            until the operator acts, every time
    │   ├── OutcomeUnknownError           bytes left, no answer: retry if repeatable, else in_doubt
    │   └── AuthorityRefusedError         it said never: dead
    │       └── AddressMovedError             dead until the operator corrects the channel
    ├── AnswerUnreadableError         invalid; bytes kept, re-readable
    ├── MessageExpiredError           nobody waits for the query any more; never sent again
    ├── TransitionConflictError       the message moved on meanwhile: read its state again
    │   ├── KeyTakenError                 two calls with one key at once: the first one won
    │   └── MessageCancelledError         withdrawn before it was delivered
    ├── WorkerUnavailableError        a large body cannot be checked now: nothing was accepted
    ├── StoreUnavailableError         refuse new messages, keep nothing in memory
    └── BackupError                   nothing was changed: correct what is named, or use another one

Texts name identifiers, rules, places, kind and length, never message content.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Literal

from typing_extensions import override

Fault = Literal["caller", "gateway", "configuration", "transport", "authority"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One wrong place: which rule is broken, and where on either side.

    Attributes:
        keyword: Short stable name of the rule that is broken, e.g. ``required``, ``pattern``,
            ``unknown-element``.
        detail: One sentence of ours; names kind and length of what was there, never the value.
        pointer: JSON Pointer (RFC 6901) into the canonical document; ``""`` is the whole document,
            None when the place has no canonical side.
        wire: Path in the wire form (XPath with the map's prefixes), None when there is none.
        rule: Map file and line, ``person-search.map.yaml:42``, None when no map was involved.
    """

    keyword: str
    detail: str
    pointer: str | None = None
    wire: str | None = None
    rule: str | None = None

    @override
    def __str__(self) -> str:
        where = " · ".join(part for part in (self.pointer, self.wire, self.rule) if part)
        return f"{self.detail} [{where}]" if where else self.detail


class GatewayError(Exception):
    """Something a caller, an operator or an integrator can act on."""

    code: ClassVar[str] = "gateway-error"  # public and stable: problem type, log field
    fault: ClassVar[Fault] = "gateway"
    retryable: ClassVar[bool] = False
    next_step: ClassVar[str] = "Report this to the operator of the gateway."

    def __init__(self, detail: str, *, places: Sequence[Place] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.places = tuple(places)

    @override
    def __str__(self) -> str:
        return "\n".join([self.detail, *(f"  - {place}" for place in self.places)])


class ConfigurationError(GatewayError):
    """A setting, map, schema or manifest is wrong; ``places`` lists every fault at once."""

    code = "configuration-invalid"
    fault: ClassVar[Fault] = "configuration"
    next_step = "Correct the named places and run `agency-gateway check-config`."


class MessageRefusedError(GatewayError):
    """Nothing was accepted; the caller can correct the call and send it again."""

    code = "message-refused"
    fault: ClassVar[Fault] = "caller"
    next_step = "Correct the call and send it again; nothing was stored."

    def __init__(
        self, detail: str, *, places: Sequence[Place] = (), message_id: str | None = None
    ) -> None:
        super().__init__(detail, places=places)
        self.message_id = message_id  # of one that is there already and stands in the way


class MalformedBodyError(MessageRefusedError):
    """The bytes cannot be parsed as what they claim to be."""

    code = "body-malformed"
    next_step = "Send a well-formed document; the place of the first fault is named."


class BodyTooLargeError(MessageRefusedError):
    """The body is longer than the operation's limit."""

    code = "body-too-large"
    next_step = "Send a shorter document; the limit is printed in the API description."


class UnsupportedMediaTypeError(MessageRefusedError):
    """The operation does not take this content type."""

    code = "media-type-unsupported"
    next_step = "Send `Content-Type: application/json`."


class HeaderInvalidError(MessageRefusedError):
    """A request header is present and cannot be understood; it is never ignored."""

    code = "header-invalid"
    next_step = "Correct the named header, or leave it out."


class IdempotencyKeyMissingError(MessageRefusedError):
    """A submission came without an ``Idempotency-Key``, so a repeat could not be recognised."""

    code = "idempotency-key-missing"
    next_step = "Send the header `Idempotency-Key` with a fresh UUID; send the same when repeating."


class IdempotencyMismatchError(MessageRefusedError):
    """The ``Idempotency-Key`` was used before, for another call."""

    code = "idempotency-mismatch"
    next_step = "Send a key once for each call; repeat a call exactly as it was."


class IdempotencyInProgressError(MessageRefusedError):
    """The first call with this key is still under way."""

    code = "idempotency-in-progress"
    retryable = True
    next_step = "Send the same call again after the time in `Retry-After`."


class MessageInDoubtError(MessageRefusedError):
    """The message of this key was sent, and nobody knows whether the authority acted."""

    code = "message-in-doubt"
    next_step = "Ask the authority whether it has the message; then replay it, or give it up."


class ResultErasedError(MessageRefusedError):
    """The message of this key was answered, and the answer is not kept any more."""

    code = "result-erased"
    next_step = "Do not repeat the call: it was carried out. Ask anew with a new key if need be."


class NotAuthenticatedError(MessageRefusedError):
    """No bearer token, or one that no caller owns."""

    code = "not-authenticated"
    next_step = "Send `Authorization: Bearer <token>` with a token that the operator issued."


class PermissionDeniedError(MessageRefusedError):
    """The caller is known and may not do this."""

    code = "permission-denied"
    next_step = "Ask the operator to grant this operation and authority to the caller."


class UnknownOperationError(MessageRefusedError):
    """No such operation, or not in this version."""

    code = "operation-unknown"
    next_step = "See `GET /v1/operations` for what this gateway offers."


class UnknownMessageError(MessageRefusedError):
    """No message with this id belongs to the caller."""

    code = "message-unknown"
    next_step = "Check the id; a caller sees its own messages only."


class SchemaViolationError(MessageRefusedError):
    """The document breaks the operation's schema; ``places`` lists every fault."""

    code = "schema-violation"
    next_step = "Correct the named places; the schema is at `GET /v1/operations`."


class NotExpressibleError(MessageRefusedError):
    """The document is valid, but the authority's format cannot carry a value of it."""

    code = "not-expressible"
    next_step = "Change or leave out the named values, or choose an authority that can take them."


class RecipientMissingError(MessageRefusedError):
    """Neither the ``Recipient`` header nor the document names an authority."""

    code = "recipient-missing"
    next_step = "Send the header `Recipient`, e.g. `Recipient: ags:09162000`."


class RecipientMismatchError(MessageRefusedError):
    """The ``Recipient`` header and the document name different authorities."""

    code = "recipient-mismatch"
    next_step = "Name one authority: correct the header or the document."


class NoRouteError(MessageRefusedError):
    """No channel leads to the authority for this operation."""

    code = "no-route"
    next_step = "Check the authority's identifier; the operator adds routes."


class AnswerNotReadyError(MessageRefusedError):
    """The message exists and has no canonical answer, or not yet."""

    code = "answer-not-ready"
    next_step = "Read the message's state; ask again while it is not final."


class DeliveryError(GatewayError):
    """An attempt to hand a message over failed; ``messaging.retry`` decides what follows.

    ``body`` is what came back all the same, as bytes; empty if nothing did.
    """

    code = "delivery-failed"
    fault: ClassVar[Fault] = "transport"
    retryable = True
    next_step = "The gateway decides by the operation's kind; see the message's history."

    def __init__(self, detail: str, *, places: Sequence[Place] = (), body: bytes = b"") -> None:
        super().__init__(detail, places=places)
        self.body = body


class NotSentError(DeliveryError):
    """Nothing reached the authority; the same attempt may succeed later.

    ``retry_after`` is the wait the peer asked for; None leaves it to the channel's policy.
    """

    code = "not-sent"
    next_step = "Ask again later; nothing reached the authority."

    def __init__(
        self,
        detail: str,
        *,
        places: Sequence[Place] = (),
        body: bytes = b"",
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(detail, places=places, body=body)
        self.retry_after = retry_after


class AuthorityBusyError(NotSentError):
    """The authority's server said itself that it takes nothing just now.

    Source: RFC 9110 §15.6.4 (503), RFC 6585 §4 (429).
    """

    code = "authority-busy"
    fault: ClassVar[Fault] = "authority"
    next_step = "Ask again later; the authority's server said that it took nothing."


class PeerUntrustedError(NotSentError):
    """Who answered at the channel's address could not prove to be the authority."""

    code = "peer-untrusted"
    fault: ClassVar[Fault] = "configuration"
    next_step = (
        "Nothing was sent. The operator checks the channel's address, the authority's certificate "
        "and the certificate authorities that the gateway trusts."
    )


class OutcomeUnknownError(DeliveryError):
    """Bytes left, no usable answer came; the authority may have acted."""

    code = "outcome-unknown"
    next_step = "A query may be asked again; for a submission ask the authority before repeating."


class AuthorityRefusedError(DeliveryError):
    """The authority will never take this message; ``body`` is what it said."""

    code = "authority-refused"
    fault: ClassVar[Fault] = "authority"
    retryable = False
    next_step = "See the authority's answer in the message's stages; correct and send anew."


class AddressMovedError(AuthorityRefusedError):
    """The authority is at another address; a message is never sent where nobody configured."""

    code = "address-moved"
    fault: ClassVar[Fault] = "configuration"
    next_step = "The operator corrects the channel's address; then send the call again."


class AnswerUnreadableError(GatewayError):
    """The authority's answer cannot be read; its bytes are kept and can be read again."""

    code = "answer-unreadable"
    fault: ClassVar[Fault] = "authority"
    next_step = "The bytes are kept; the operator can read them again with a corrected map."


class MessageExpiredError(GatewayError):
    """Nobody waits for this query any more; it will not be sent again."""

    code = "message-expired"
    fault: ClassVar[Fault] = "authority"
    retryable = True
    next_step = "Ask again, or ask with `Prefer: respond-async` and a longer deadline."


class TransitionConflictError(GatewayError):
    """The message is no longer in the state that a transition starts from."""

    code = "transition-conflict"
    next_step = "Read the message's state again; it moved on meanwhile."


class KeyTakenError(TransitionConflictError):
    """An idempotency key belongs to another message already; nothing was stored."""

    code = "idempotency-key-taken"
    retryable = True
    next_step = "Send the same call again; its first result is returned."


class MessageCancelledError(TransitionConflictError):
    """The message was cancelled before it was delivered."""

    code = "message-cancelled"
    fault: ClassVar[Fault] = "caller"
    next_step = "Nothing was sent. Ask anew with a new key if it is wanted after all."


class WorkerUnavailableError(GatewayError):
    """No worker process can check a large body now, or the one that did ended meanwhile."""

    code = "worker-unavailable"
    retryable = True
    next_step = "Send the call again after the time in `Retry-After`; nothing was accepted."


class StoreUnavailableError(GatewayError):
    """The message store cannot write; nothing new is accepted."""

    code = "store-unavailable"
    retryable = True
    next_step = "Send the call again after the time in `Retry-After`."


class BackupError(GatewayError):
    """A backup cannot be made, or not be restored; nothing was changed."""

    code = "backup-failed"
    fault: ClassVar[Fault] = "configuration"
    next_step = "Correct what is named, or use another backup; nothing was changed."
