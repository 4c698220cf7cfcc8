"""Idempotency keys: how a repeated call is recognised as the same call.

Source: draft-ietf-httpapi-idempotency-key-header-07. Kept out: what a repeat is answered
(``gateway.flow.repeat``).
"""

from dataclasses import dataclass

from gateway.messaging.message import Message


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Within what a key is unique; the same key elsewhere is another one.

    Attributes:
        tenant: Of the caller.
        caller: Name of the caller in the configuration.
        operation: ``residents/search``, in whichever version.
        key: What the caller chose, 1 to 255 visible ASCII characters.
    """

    tenant: str
    caller: str
    operation: str
    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A key with the call that claims it.

    Attributes:
        scope: See ``Scope``.
        fingerprint: Keyed digest of what was asked, 32 bytes; another one is another call.
    """

    scope: Scope
    fingerprint: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    """A key that is taken: by which call, and where its message is now."""

    fingerprint: bytes
    message: Message
