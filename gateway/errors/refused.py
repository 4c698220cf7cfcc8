"""Calls that are refused: nothing was accepted, and the caller is told what to correct."""

from collections.abc import Sequence
from typing import ClassVar

from gateway.errors.error import Fault, GatewayError, Place


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
    next_step = "Send `Content-Type: application/json` and the body as it is, in UTF-8."


class HeaderInvalidError(MessageRefusedError):
    """A request header is present and cannot be understood; it is never ignored."""

    code = "header-invalid"
    next_step = "Correct the named header, or leave it out."


class ParameterInvalidError(MessageRefusedError):
    """A parameter in the path or the query cannot be understood; it is never ignored."""

    code = "parameter-invalid"
    next_step = "Correct the named parameters, or leave them out."


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


class ContentErasedError(MessageRefusedError):
    """The content of the message is not kept any more."""

    code = "content-erased"
    next_step = "Send the call anew, with a new key, if it is wanted after all."


class UnknownReplayError(MessageRefusedError):
    """No such replay, or another caller's."""

    code = "replay-unknown"
    next_step = "Check the id, or see `GET /v1/replays`; a caller sees its own replays only."


class NotCorrectedError(MessageRefusedError):
    """The message corrects no other one, so there is nothing to compare it with."""

    code = "not-a-correction"
    next_step = "Compare a corrected copy; `correctedBy` of the original names it."


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


class UnknownChannelError(MessageRefusedError):
    """No channel of this name is configured and open."""

    code = "channel-unknown"
    next_step = "See `GET /v1/channels` for the channels; a faulty one is in `/health/ready`."


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


class ChannelClosedError(NoRouteError):
    """The channel to the authority is closed: its adapter or its settings are faulty."""

    code = "channel-closed"
    fault: ClassVar[Fault] = "configuration"
    retryable = True
    next_step = "Tell the operator; send the call again when `/health/ready` lists it as open."


class NoTestsTakenError(NoRouteError):
    """The channel to the authority takes no messages that are marked as tests."""

    code = "tests-not-taken"
    next_step = "Leave out `Test-Message`, or ask the operator for a recipient that takes tests."


class AnswerNotReadyError(MessageRefusedError):
    """The message exists and has no canonical answer, or not yet."""

    code = "answer-not-ready"
    next_step = "Read the message's state; ask again while it is not final."
