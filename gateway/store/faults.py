"""What the database's errors mean to a caller; the one place where apsw's errors are translated.

apsw's own texts may name values of a row, so none is passed on.
"""

import apsw

from gateway.errors import StoreUnavailableError, TransitionConflictError

_TEXTS: dict[type[apsw.Error], str] = {
    apsw.FullError: "The disk of the message store is full.",
    apsw.IOError: "The disk of the message store reports an error.",
    apsw.CantOpenError: "The file of the message store cannot be opened.",
    apsw.ReadOnlyError: "The file of the message store cannot be written.",
    apsw.CorruptError: "The file of the message store is damaged; restore a backup.",
    apsw.NotADBError: "The file of the message store is not a database.",
}
_UNIQUE = (apsw.SQLITE_CONSTRAINT_UNIQUE, apsw.SQLITE_CONSTRAINT_PRIMARYKEY)


def unavailable(error: apsw.Error) -> StoreUnavailableError:
    """The database cannot be used."""
    text = _TEXTS.get(type(error))
    return StoreUnavailableError(
        text or f"The message store cannot be used ({type(error).__name__})."
    )


def refused(error: apsw.ConstraintError) -> TransitionConflictError:
    """The database works, and its own rules refuse what should be written."""
    kind = error.extendedresult  # type: ignore[attr-defined]  # documented, missing in stubs
    if kind in _UNIQUE:
        return TransitionConflictError("The message, or this part of it, is stored already.")
    return TransitionConflictError("A rule of the message store refuses this step.")
