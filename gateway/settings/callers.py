"""Callers and parties: who may ask what, and for whom.

Kept out: checking a token (``gateway.security``).
"""

from typing import Any

from pydantic import Field

from gateway.messaging.party import Caller, Grant, Party
from gateway.messaging.quota import RateLimit
from gateway.settings.section import Identifier, Name, OperationKey, Section, Text


class GrantSettings(Section):
    """One thing a caller may do; everything else is denied."""

    operation: OperationKey
    """Operation with version, ``residents/search/v1``."""

    authorities: tuple[str, ...] = Field(min_length=1)
    """Recipients, exact (``ags:09162000``) or as a prefix with ``*`` at the end (``ags:09*``)."""

    purposes: tuple[str, ...] = ()
    """Values of ``Exchange-Purpose`` allowed; empty: any, also none."""

    def to_grant(self) -> Grant:
        """The same as a value."""
        return Grant(operation=self.operation, authorities=self.authorities, purposes=self.purposes)


class RateLimitSettings(Section):
    """A quota of calls; told in the fields ``RateLimit-Policy`` and ``RateLimit`` of answers."""

    calls: int = Field(ge=1, le=10_000_000)
    """Most calls within a window; one more is answered with 429 ``rate-limited``. Calls of every
    path that needs a token count. Each gateway process counts for itself."""

    seconds: int = Field(default=60, ge=1, le=86_400)
    """Length of a window in whole seconds; it begins with the first call after the last one."""

    def to_rate_limit(self) -> RateLimit:
        """The same as a value."""
        return RateLimit(calls=self.calls, seconds=self.seconds)


class CallerSettings(Section):
    """One agency system that calls the API."""

    name: Name
    """Stands in messages, logs and metrics."""

    tenant: Name = "default"
    """Owner of the caller; ``default`` where there is one owner only."""

    token_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the caller's bearer token, in lower-case hexadecimal. The token itself is shown
    once by ``agency-gateway token new`` and is nowhere kept; the digest of a random token of 256
    bits does not lead back to it, so it may stand in this file."""

    party: Identifier
    """Party the caller sends for: what ``sender.*`` is supplied from; one of ``parties``."""

    grants: tuple[GrantSettings, ...] = ()
    """What the caller may do; empty: nothing."""

    rate_limit: RateLimitSettings | None = None
    """How many calls it may make in a time. Absent: as many as it likes; ``[limits]`` holds for
    all."""
    operator: bool = False
    """Whether the caller may see, pause and resume channels. Off: an agency system has no business
    with those of others."""

    def to_caller(self, party: Party) -> Caller:
        """The same as a value, with its party looked up."""
        return Caller(
            name=self.name,
            tenant=self.tenant,
            party=party,
            grants=tuple(grant.to_grant() for grant in self.grants),
            rate_limit=None if self.rate_limit is None else self.rate_limit.to_rate_limit(),
            operator=self.operator,
        )


class AuthenticationSettings(Section):
    """Who may call. Without a caller the gateway does not start: it could answer nobody."""

    callers: tuple[CallerSettings, ...] = ()
    """Every caller; names and tokens are unique."""


class PartySettings(Section):
    """An agency or authority as it stands in a message's head."""

    id: Identifier
    """Identifier with its scheme, ``ags:09162000``."""

    directory: Text
    """Directory the identifier is listed in, in the standard's own words or codes."""

    name: Text
    """Its name as it signs."""

    contacts: tuple[dict[str, Any], ...] = ()
    """Ways to reach it, in the form of the operation's canonical schema."""

    address: dict[str, Any] | None = None
    """Postal address in the form of the operation's canonical schema; absent: unknown."""

    def to_party(self) -> Party:
        """The same as a value."""
        return Party(
            id=self.id,
            directory=self.directory,
            name=self.name,
            contacts=self.contacts,
            address=self.address,
        )
