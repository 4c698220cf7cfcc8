"""Bearer tokens."""

import pytest

from gateway.errors import NotAuthenticatedError
from gateway.messaging.party import Caller, Party
from gateway.security.tokens import TokenAuthentication, digest, new_token

PORTAL = Caller(name="portal", party=Party(id="dbs:1", directory="DVDV", name="City"))


def test_a_token_has_256_bits_and_is_new_each_time() -> None:
    first, second = new_token(), new_token()
    assert first.token != second.token
    assert len(first.token) >= 43
    assert first.sha256 == digest(first.token)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_the_owner_of_a_token_is_found(scheme: str) -> None:
    made = new_token()
    authenticate = TokenAuthentication({made.sha256: PORTAL})
    assert authenticate(f"{scheme} {made.token}") is PORTAL


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic cG9ydGFs", "Bearer another", "Bearer ÿ"]
)
def test_everybody_else_is_nobody(header: str | None) -> None:
    authenticate = TokenAuthentication({new_token().sha256: PORTAL})
    with pytest.raises(NotAuthenticatedError) as caught:
        authenticate(header)
    assert "another" not in str(caught.value)


def test_the_digest_of_a_token_is_no_token() -> None:
    made = new_token()
    with pytest.raises(NotAuthenticatedError):
        TokenAuthentication({made.sha256: PORTAL})(f"Bearer {made.sha256}")
