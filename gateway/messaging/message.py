"""A message and everything the store keeps about it. Values only."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from gateway.messaging.lifecycle import Outcome, State
from gateway.messaging.operation import OperationKind

MessageId = NewType("MessageId", str)
"""UUID in lower case; also the wire form's message id where the standard has one."""


class StageKind(StrEnum):
    """One form of the content on its way; a message has at most one stage of a kind.

    What a map keeps beside the canonical answer is a stage of its own and never told to callers.
    A later answer is one that came when the message had settled; the last one is kept.
    """

    CANONICAL_REQUEST = "canonical_request"
    WIRE_REQUEST = "wire_request"
    WIRE_ANSWER = "wire_answer"
    KEPT_ANSWER = "kept_answer"
    CANONICAL_ANSWER = "canonical_answer"
    LATER_ANSWER = "later_answer"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """One form of the message's content, exactly as it was.

    Attributes:
        kind: Which form.
        body: The bytes; canonical stages are UTF-8 JSON.
        media_type: e.g. ``application/json``, ``application/xml``.
        map_version: Map that made or read it, ``xmeld/person-search@1``; None without a map.
        wire_schema: What it was checked against, ``official:<sha256>`` or ``profile:<sha256>``.
        ledger: The short ledger of the translation as JSON; None without a translation.
    """

    kind: StageKind
    body: bytes
    media_type: str
    map_version: str | None = None
    wire_schema: str | None = None
    ledger: bytes | None = None


class AttemptResult(StrEnum):
    """How one attempt to deliver ended."""

    ANSWERED = "answered"
    RECEIPT = "receipt"
    NOT_SENT = "not_sent"
    OUTCOME_UNKNOWN = "outcome_unknown"
    REFUSED = "refused"
    UNREADABLE = "unreadable"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One hand-over to the authority; ``number`` counts from 1, open while ``ended_at`` is None."""

    number: int
    started_at: datetime
    ended_at: datetime | None = None
    result: AttemptResult | None = None
    code: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryEvent:
    """One entry of the append-only list of steps.

    Attributes:
        number: Counted from 1 within the message, no gaps.
        at: When; aware, UTC.
        event: Stable name, e.g. ``message.accepted``; listed in ``docs/events.md``.
        state: State after the step.
        attempt: Attempt it belongs to; None if none.
        code: Public error code; None if nothing failed.
        detail: One sentence of ours without content; None if there is nothing to add.
        hash: Link of the chain, see ``gateway.messaging.history``.
    """

    number: int
    at: datetime
    event: str
    state: State
    attempt: int | None
    code: str | None
    detail: str | None
    hash: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One exchange with an authority, without its content.

    Attributes:
        id: See ``MessageId``.
        tenant: Owner of the caller; ``default`` where there is one only.
        caller: Name of the caller in the configuration.
        operation: ``residents/search``.
        operation_version: Counted from 1.
        kind: Copied from the operation, so that a restart needs no contract to decide.
        repeatable: Likewise.
        authority: Legal recipient, ``ags:09162000``.
        channel: Name of the channel the message leaves through.
        state: See ``gateway.messaging.lifecycle``.
        outcome: What the authority said; None before it said anything.
        test: Whether it is marked as a test.
        accepted_at: When it became durable; aware, UTC, like all times here.
        settled_at: When it reached a state the gateway does not leave by itself; None before.
        deadline_at: From then on nothing is sent any more.
        next_attempt_at: When a delivery is due; None while none is planned.
        attempts: Number of deliveries begun.
        code: Public code of the last failure; None if the last step succeeded.
        purpose: ``Exchange-Purpose`` of the call; None if not sent.
        case_reference: ``Case-Reference`` of the call; None if not sent.
        traceparent: W3C Trace Context of the call; None if not sent.
        in_line: Whether others of its key wait until it is finished, or given up; None: it has no
            order.
    """

    id: MessageId
    tenant: str
    caller: str
    operation: str
    operation_version: int
    kind: OperationKind
    repeatable: bool
    authority: str
    channel: str
    state: State
    accepted_at: datetime
    deadline_at: datetime
    next_attempt_at: datetime | None
    outcome: Outcome | None = None
    test: bool = False
    settled_at: datetime | None = None
    attempts: int = 0
    code: str | None = None
    purpose: str | None = None
    case_reference: str | None = None
    traceparent: str | None = None
    in_line: bool | None = None

    @property
    def waits_in_line(self) -> bool:
        """Whether it waits until another one of its key is finished."""
        return bool(self.in_line) and self.state is State.ACCEPTED and self.next_attempt_at is None

    @property
    def operation_key(self) -> str:
        """Key of the operation, ``residents/search/v1``."""
        return f"{self.operation}/v{self.operation_version}"
