"""What a caller asks of the desk, and what it is told. Values only.

Kept out: HTTP. ``gateway.api`` makes a ``Call`` of a request and a response of what comes back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from gateway.errors import Place
from gateway.messaging.message import Message
from gateway.messaging.party import Caller


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One request of an authenticated caller.

    Attributes:
        caller: Who asks.
        operation: Domain and operation, ``residents/search``.
        version: Version of the operation, counted from 1.
        body: The canonical document as sent; UTF-8 JSON.
        recipient: Header ``Recipient``; None: the document names the authority.
        purpose: Header ``Exchange-Purpose``; None if not sent.
        case_reference: Header ``Case-Reference``; None if not sent.
        test: Whether the message is marked as a test (header ``Test-Message``).
        traceparent: W3C Trace Context of the request; None if not sent.
        respond_async: Whether the caller prefers not to wait.
        wait: How long the caller waits; None, or longer: the operation's deadline.
        idempotency_key: Header ``Idempotency-Key``; None if not sent.
    """

    caller: Caller
    operation: str
    version: int
    body: bytes
    recipient: str | None = None
    purpose: str | None = None
    case_reference: str | None = None
    test: bool = False
    traceparent: str | None = None
    respond_async: bool = False
    wait: timedelta | None = None
    idempotency_key: str | None = None

    @property
    def key(self) -> str:
        """Key of the operation, ``residents/search/v1``."""
        return f"{self.operation}/v{self.version}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """The gateway will do nothing more with the message by itself.

    Attributes:
        message: The message in the state it rests in.
        answer: The canonical answer, UTF-8 JSON; None unless the state is ``answered``.
        places: Where the authority's answer is wrong; empty unless the state is ``invalid``.
        replayed: Whether this is what became of an earlier call with the same idempotency key.
    """

    message: Message
    answer: bytes | None = None
    places: Sequence[Place] = ()
    replayed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Pending:
    """The gateway has the message, it is durable, and goes on with it after the caller is told.

    Attributes:
        message: The message as it is now.
        replayed: As in ``Settled``.
    """

    message: Message
    replayed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """What a call would send; nothing was stored or sent.

    Attributes:
        authority: Legal recipient.
        channel: Name of the channel it would leave through.
        map: The map that translated it, ``xmeld/person-search@1``.
        wire_schema: What the wire form was checked against, ``official:…`` or ``profile:…``.
        completed: The caller's document with everything the gateway supplies; UTF-8 JSON.
        wire: The bytes that would be sent.
        media_type: Their media type.
        ledger: What became of every value; the short ledger as JSON.
    """

    authority: str
    channel: str
    map: str
    wire_schema: str
    completed: bytes
    wire: bytes
    media_type: str
    ledger: bytes
