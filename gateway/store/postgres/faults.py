"""What PostgreSQL's errors mean to a caller; the one place where asyncpg's errors are translated.

The server's own texts may name values of a row, so none is passed on.
"""

import asyncpg

from gateway.errors import StoreUnavailableError, TransitionConflictError

FAILURES = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that breaks in the wrong moment confuses asyncpg
    OSError,
)
"""All that a call of asyncpg raises when the database cannot be used, or refuses something; the
time-outs are among the ``OSError``."""

_TEXTS: tuple[tuple[type[Exception], str], ...] = (
    (asyncpg.DiskFullError, "The disk of the database server is full."),
    (asyncpg.TooManyConnectionsError, "The database server takes no more connections."),
    (asyncpg.ReadOnlySQLTransactionError, "The database server takes no writes."),
    (asyncpg.InvalidAuthorizationSpecificationError, "The database server refuses the login."),
    (asyncpg.InvalidCatalogNameError, "The database server has no such database."),
    (asyncpg.InsufficientPrivilegeError, "The database refuses this user what it needs."),
    (asyncpg.OperatorInterventionError, "The database server starts or stops."),
    (TimeoutError, "The database server does not answer in time."),
    (OSError, "The database server cannot be reached."),
    (asyncpg.PostgresConnectionError, "The connection to the database server is lost."),
    (asyncpg.InternalClientError, "The connection to the database server is lost."),
    (asyncpg.InterfaceError, "The connection to the database server is lost."),
)

_REFUSALS = (asyncpg.IntegrityConstraintViolationError, asyncpg.CardinalityViolationError)


def unavailable(error: Exception) -> StoreUnavailableError:
    """The database cannot be used."""
    for kind, text in _TEXTS:
        if isinstance(error, kind):
            return StoreUnavailableError(text)
    return StoreUnavailableError(f"The message store cannot be used ({type(error).__name__}).")


def is_refusal(error: Exception) -> bool:
    """Whether the database works, and its own rules refuse what should be written."""
    return isinstance(error, _REFUSALS)


def refused(error: Exception) -> TransitionConflictError:
    """The error of a change that a rule of the database refuses."""
    if isinstance(error, asyncpg.UniqueViolationError):
        return TransitionConflictError("The message, or this part of it, is stored already.")
    return TransitionConflictError("A rule of the message store refuses this step.")


def is_certain(error: Exception) -> bool:
    """Whether the server said itself that it did not carry the statement out.

    A connection that broke, or an answer that did not come in time, leaves that open.
    """
    broken = (asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError)
    return isinstance(error, asyncpg.PostgresError) and not isinstance(error, broken)


def cannot_match(error: Exception) -> bool:
    """Whether a value has no place in a text of PostgreSQL, so that nothing stored is equal to it.

    These are NUL and halves of surrogate pairs.
    """
    return isinstance(error, (asyncpg.CharacterNotInRepertoireError, asyncpg.DataError))
