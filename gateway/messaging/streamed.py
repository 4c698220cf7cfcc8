"""Wire messages that are longer than memory, and the transports that carry them."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from gateway.messaging.message import MessageId
from gateway.messaging.ports import Receipt, Transport, WireAnswer


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamedMessage:
    """Bytes on their way out that are made while they are sent.

    Attributes:
        message_id: As in ``WireMessage``.
        content_type: As in ``WireMessage``.
        size_bytes: How many bytes ``chunks`` yields.
        chunks: Begins to yield them, from the first one each time it is called. What it raises
            means that the rest cannot be had: the transport must then break off, so that the
            authority never takes a part for the whole.
    """

    message_id: MessageId
    content_type: str
    size_bytes: int
    chunks: Callable[[], AsyncGenerator[bytes, None]]


@runtime_checkable
class StreamingTransport(Transport, Protocol):
    """A transport that sends a message without holding all of it."""

    async def exchange_stream(
        self, outgoing: StreamedMessage, *, deadline: datetime
    ) -> WireAnswer | Receipt:
        """As ``exchange``; at no time more than a few chunks are in memory."""
        ...
