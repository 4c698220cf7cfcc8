"""What an operation or a map asks for when a message is accepted, and most do not. Values only."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What is settled in the transaction that accepts a message, beyond storing it.

    Attributes:
        order_key: Keyed digest of what the message is ordered by, 32 bytes; None: no order.
    """

    order_key: bytes | None = None
