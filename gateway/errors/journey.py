"""What goes wrong with an accepted message: on its way, in its answer, between its states."""

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

from gateway.errors.error import Fault, GatewayError, Place


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
    next_step = "Read the message's state again; `docs/states.md` says what can be done in it."


class KeyTakenError(TransitionConflictError):
    """An idempotency key belongs to another message already; nothing was stored."""

    code = "idempotency-key-taken"
    retryable = True
    next_step = "Send the same call again; its first result is returned."


class MessageCorrectedError(TransitionConflictError):
    """Another one of an original and its corrected copies is on its way, or may have arrived."""

    code = "message-corrected"
    next_step = "Look at the message that is named; cancel it, or give it up, and this one may go."


class SelectionChangedError(TransitionConflictError):
    """Something happened to the messages since the dry run; nothing was done."""

    code = "selection-changed"
    retryable = True
    next_step = "Make the dry run again, look at what it shows, and send its new digest."


class MessageCancelledError(TransitionConflictError):
    """The message was cancelled before it was delivered."""

    code = "message-cancelled"
    fault: ClassVar[Fault] = "caller"
    next_step = "Nothing was sent. Ask anew with a new key if it is wanted after all."
