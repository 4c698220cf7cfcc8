"""Bearer tokens: make them, and find the caller one belongs to.

The gateway keeps SHA-256 digests only. Kept out: what a caller may do (``Caller.require``).

Source: RFC 6750 §2.1, the ``Authorization: Bearer`` header; tokens in the address or body are not
taken.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.errors import NotAuthenticatedError
from gateway.messaging.party import Caller

SIZE_BYTES = 32
"""256 random bits: nobody guesses one, so a plain digest needs no salt and no slow hash."""

LONGEST = 4096
"""Characters of an ``Authorization`` header that are looked at."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """A new bearer token and the digest that goes into the configuration."""

    token: str
    sha256: str


def new_token() -> Token:
    """Make a token; it is kept nowhere, so show it once."""
    token = secrets.token_urlsafe(SIZE_BYTES)
    return Token(token=token, sha256=digest(token))


def digest(token: str) -> str:
    """SHA-256 of a token in lower-case hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


class TokenAuthentication:
    """Finds the caller of a request by its bearer token; who has none is nobody.

    The table is keyed by digest: how long a look-up takes depends on the digest of what was sent,
    which says nothing about the tokens that exist.
    """

    def __init__(self, callers: Mapping[str, Caller]) -> None:
        """Take the callers by the SHA-256 of their token."""
        self._callers = dict(callers)

    def __call__(self, authorization: str | None) -> Caller:
        """Return the caller of an ``Authorization`` header.

        Raises:
            NotAuthenticatedError: No header, another scheme, or a token nobody owns.
        """
        if authorization is None:
            raise NotAuthenticatedError(
                "The header Authorization is missing: a call carries a bearer token."
            )
        scheme, _, token = authorization[:LONGEST].partition(" ")
        if scheme.lower() != "bearer":
            raise NotAuthenticatedError("The header Authorization is not of the scheme Bearer.")
        caller = self._callers.get(digest(token.strip()))
        if caller is None:
            raise NotAuthenticatedError(
                "The bearer token of the header Authorization belongs to no caller."
            )
        return caller
