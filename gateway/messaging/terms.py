"""What an operation or a map asks for when a message is accepted, and most do not. Values only."""

from dataclasses import dataclass

from gateway.messaging.attachment import AttachmentId
from gateway.messaging.sequence import Numbering


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What is settled in the transaction that accepts a message, beyond storing it.

    Attributes:
        order_key: Keyed digest of what the message is ordered by, 32 bytes; None: no order.
        numbering: How the message gets its sequence numbers; None: it has none.
        attachments: What the message refers to, each once.
    """

    order_key: bytes | None = None
    numbering: Numbering | None = None
    attachments: tuple[AttachmentId, ...] = ()
