"""Who takes part: parties as a standard names them, callers as the gateway knows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.errors import PermissionDeniedError, Place
from gateway.messaging.quota import RateLimit


@dataclass(frozen=True, kw_only=True, slots=True)
class Party:
    """An authority or agency as it stands in a message's head.

    Attributes:
        id: ``ags:09162000``, ``dbs:060030010000``, ….
        directory: Directory the id is listed in, e.g. ``DVDV``.
        name: Its name as it signs.
        contacts: Ways to reach it, in the form of the operation's canonical schema.
        address: Postal address in the form of the operation's canonical schema; None: unknown.
    """

    id: str
    directory: str
    name: str
    contacts: Sequence[Mapping[str, Any]] = ()
    address: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """One thing a caller may do; ``*`` at the end of ``authorities`` entries is a prefix.

    Attributes:
        operation: ``residents/search/v1``.
        authorities: Recipients, exact or as prefix ``ags:09*``.
        purposes: Values of ``Exchange-Purpose`` allowed; empty: any, also none.
    """

    operation: str
    authorities: tuple[str, ...]
    purposes: tuple[str, ...] = ()

    def allows(self, operation: str, authority: str, purpose: str | None) -> bool:
        """Whether this grant covers the call."""
        if operation != self.operation or (self.purposes and purpose not in self.purposes):
            return False
        return any(_covers(pattern, authority) for pattern in self.authorities)


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """An agency system that calls the API.

    ``party`` is the agency it sends for: what ``sender.*`` is supplied from. ``rate_limit`` is its
    quota of calls; None: it has none. An ``operator`` may pause channels.
    """

    name: str
    party: Party
    tenant: str = "default"
    grants: tuple[Grant, ...] = field(default_factory=tuple)
    rate_limit: RateLimit | None = None
    operator: bool = False

    def require_operator(self) -> None:
        """Check that the caller is an operator.

        Raises:
            PermissionDeniedError: It is none.
        """
        if not self.operator:
            raise PermissionDeniedError(
                "Only operators may do this.",
                places=[Place(keyword="operator", detail="The caller is not set up as one.")],
            )

    def require(self, operation: str, authority: str, purpose: str | None) -> None:
        """Check that a grant covers the call; without one everything is denied.

        Raises:
            PermissionDeniedError: No grant covers it.
        """
        if not any(grant.allows(operation, authority, purpose) for grant in self.grants):
            raise PermissionDeniedError(
                f"This caller may not call {operation} for this recipient and purpose.",
                places=[self._not_granted(operation, authority)],
            )

    def _not_granted(self, operation: str, authority: str) -> Place:
        """What no grant covers: the operation, or else the recipient, or else the purpose."""
        grants = [grant for grant in self.grants if grant.operation == operation]
        if not grants:
            return Place(keyword="grant-operation", detail="Path: no grant is for the operation.")
        if not any(_covers(one, authority) for grant in grants for one in grant.authorities):
            return Place(keyword="grant-authority", detail="Recipient: no grant covers it.")
        return Place(keyword="grant-purpose", detail="Exchange-Purpose: no grant covers it.")


def _covers(pattern: str, authority: str) -> bool:
    if pattern.endswith("*"):
        return authority.startswith(pattern[:-1])
    return authority == pattern
