"""Names of what happens to a message: the same in its history and in the logs.

One log record a transition, without content. ``docs/events.md`` is written from the table here.
"""

import logging
from enum import StrEnum
from time import time

from gateway.errors import MessageRefusedError
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message

_log = logging.getLogger(__name__)
_BLANK = vars(
    logging.LogRecord(__name__, logging.INFO, "", 0, msg="", args=(), exc_info=None, func=None)
)


class Event(StrEnum):
    """Stable names of history entries and log records."""

    REFUSED = "call.refused"
    ACCEPTED = "message.accepted"
    DELIVERY_STARTED = "delivery.started"
    DELIVERY_FAILED = "delivery.failed"
    DELIVERY_INTERRUPTED = "delivery.interrupted"
    RECEIPT_TAKEN = "receipt.taken"
    ANSWERED = "message.answered"
    ANSWER_LATE = "answer.late"
    INVALID = "message.invalid"
    DEAD = "message.dead"
    IN_DOUBT = "message.in_doubt"
    UNANSWERED = "message.unanswered"
    EXPIRED = "message.expired"
    CANCELLED = "message.cancelled"
    REPLAYED = "message.replayed"
    CORRECTED = "message.corrected"
    RESOLVED = "message.resolved"
    REREAD = "answer.reread"
    RESTORED = "message.restored"
    ERASED = "message.erased"
    WAITS = "order.waits"
    HELD_UP = "order.held_up"
    GIVEN_UP = "order.given_up"
    GAP = "sequence.gap"
    LATE_NUMBER = "sequence.late"
    REPEATED_NUMBER = "sequence.repeated"


MEANINGS: dict[Event, str] = {
    Event.REFUSED: "A call was refused; nothing was accepted. In no history.",
    Event.ACCEPTED: "The message was checked, translated and made durable.",
    Event.DELIVERY_STARTED: "An attempt to hand it over began; after a crash it counts as sent.",
    Event.DELIVERY_FAILED: "An attempt failed; the next one is planned unless the state is final.",
    Event.DELIVERY_INTERRUPTED: "A crash cut an attempt off; repeating it does no harm.",
    Event.RECEIPT_TAKEN: "The authority took the message and answers later.",
    Event.ANSWERED: "The authority's answer was read; the outcome says what it answered.",
    Event.ANSWER_LATE: "An answer came after the message had settled; see its history.",
    Event.INVALID: "The authority's answer cannot be read; its bytes are kept.",
    Event.DEAD: "The message will not be delivered unless an operator acts.",
    Event.IN_DOUBT: "Nobody knows whether the authority acted; the gateway does not repeat it.",
    Event.UNANSWERED: "The authority took the message and did not answer in time.",
    Event.EXPIRED: "The time is over; nothing will be sent.",
    Event.CANCELLED: "The message was withdrawn; nothing will be sent.",
    Event.REPLAYED: "The same message is delivered once more, at somebody's request.",
    Event.CORRECTED: "A corrected copy stands for the message; it is not sent again itself.",
    Event.RESOLVED: "Somebody ended the doubt about the message; its state says how.",
    Event.REREAD: "The kept bytes of an unreadable answer were read with the present map.",
    Event.RESTORED: "It came back from a backup; what happened to it since then is not known.",
    Event.ERASED: "Its time was over: documents, translations and key are gone; this record stays.",
    Event.WAITS: "It waits until an earlier message of its key is finished. In no history.",
    Event.HELD_UP: "Others of its key wait until somebody decides about it. In no history.",
    Event.GIVEN_UP: "It gave up its place: others of its key go on, and it is not sent again.",
    Event.GAP: "Its answer's sequence number leaves out others. In no history.",
    Event.LATE_NUMBER: "Its answer's sequence number had been missing. In no history.",
    Event.REPEATED_NUMBER: "Its answer's sequence number came before, of another. In no history.",
}
"""What each event says, one sentence each."""

RESTS_AS: dict[State, Event] = {
    State.ANSWERED: Event.ANSWERED,
    State.INVALID: Event.INVALID,
    State.DEAD: Event.DEAD,
    State.IN_DOUBT: Event.IN_DOUBT,
    State.UNANSWERED: Event.UNANSWERED,
    State.EXPIRED: Event.EXPIRED,
    State.CANCELLED: Event.CANCELLED,
}
"""The event that says a message came to rest in a state."""


def record(event: str, message: Message) -> None:
    """Write the log record of one transition.

    Three are written for each message. They are put together here and not by ``Logger.info``,
    which takes twice as long to look for what no record of ours has: a caller's place, arguments,
    an exception.
    """
    if not _log.isEnabledFor(logging.INFO):
        return
    now = time()
    made = logging.LogRecord.__new__(logging.LogRecord)
    vars(made).update(
        _BLANK,
        created=now,
        msecs=now % 1 * 1000,
        msg=event.replace(".", " "),
        event=str(event),
        message_id=message.id,
        operation=message.operation,
        channel=message.channel,
        state=str(message.state),
        attempt=message.attempts,
        code=message.code,
    )
    _log.handle(made)


def record_refusal(
    error: MessageRefusedError, *, operation: str | None, caller: str | None, size_bytes: int
) -> None:
    """Write the log record of a call that was refused before acceptance.

    Args:
        error: Why.
        operation: Key of the operation; None if it is none of ours: its name is a caller's word.
        caller: Name of the caller; None if nobody knows who called.
        size_bytes: Length of the body, as far as it was read.
    """
    extra = {
        "event": str(Event.REFUSED),
        "caller": caller,
        "operation": operation,
        "code": error.code,
        "places": len(error.places),
        "size_bytes": size_bytes,
    }
    _log.info("call refused", extra=extra)
