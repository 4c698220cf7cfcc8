import asyncpg
import pytest

from gateway.errors import StoreUnavailableError
from gateway.store.postgres.faults import (
    FAILURES,
    cannot_match,
    is_certain,
    is_refusal,
    refused,
    unavailable,
)

TOLD = "streng geheim"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (asyncpg.DiskFullError(TOLD), "disk of the database server is full"),
        (asyncpg.InvalidPasswordError(TOLD), "refuses the login"),
        (asyncpg.AdminShutdownError(TOLD), "starts or stops"),
        (asyncpg.CannotConnectNowError(TOLD), "starts or stops"),
        (asyncpg.ConnectionDoesNotExistError(TOLD), "is lost"),
        (asyncpg.InternalClientError(TOLD), "is lost"),
        (ConnectionRefusedError(TOLD), "cannot be reached"),
        (TimeoutError(TOLD), "in time"),
        (asyncpg.UndefinedTableError(TOLD), "UndefinedTableError"),
    ],
)
def test_the_cause_is_named_and_the_servers_text_is_not(error: Exception, text: str) -> None:
    found = unavailable(error)
    assert isinstance(error, FAILURES)
    assert isinstance(found, StoreUnavailableError)
    assert text in found.detail
    assert TOLD not in found.detail


@pytest.mark.parametrize(
    ("error", "certain"),
    [
        (asyncpg.DiskFullError(""), True),
        (asyncpg.DeadlockDetectedError(""), True),
        (asyncpg.ConnectionDoesNotExistError(""), False),
        (asyncpg.AdminShutdownError(""), False),
        (asyncpg.InterfaceError(""), False),
        (asyncpg.InternalClientError(""), False),
        (ConnectionResetError(), False),
        (TimeoutError(), False),
    ],
)
def test_only_what_the_server_said_is_certain(error: Exception, *, certain: bool) -> None:
    assert is_certain(error) is certain


def test_a_rule_that_refuses_is_no_failure() -> None:
    error = asyncpg.UniqueViolationError(TOLD)
    assert is_refusal(error)
    assert "stored already" in refused(error).detail
    assert "A rule" in refused(asyncpg.CheckViolationError(TOLD)).detail
    assert not is_refusal(asyncpg.DiskFullError(""))


def test_a_text_that_postgresql_cannot_hold_matches_nothing() -> None:
    assert cannot_match(asyncpg.CharacterNotInRepertoireError(""))
    assert not cannot_match(asyncpg.DiskFullError(""))
