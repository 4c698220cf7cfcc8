"""From errors to the exit of the process: one table, looked up by nearest ancestor.

The numbers are those of ``sysexits.h``, so that scripts and service managers know them.
"""

import traceback

import typer

from gateway import errors
from gateway.errors import GatewayError

USAGE = 64
UNFORESEEN = 70

EXIT: dict[type[GatewayError], int] = {
    GatewayError: 70,
    errors.ConfigurationError: 78,
    errors.MessageRefusedError: 65,
    errors.ChannelClosedError: 78,
    errors.ChannelHeldError: 75,
    errors.DeliveryError: 75,
    errors.AuthorityRefusedError: 69,
    errors.AnswerUnreadableError: 65,
    errors.MessageExpiredError: 75,
    errors.TransitionConflictError: 75,
    errors.WorkerUnavailableError: 75,
    errors.ScannerUnavailableError: 75,
    errors.StoreUnavailableError: 75,
    errors.BusyError: 75,
    errors.BackupError: 65,
}
"""65 bad input, 69 refused by the other side, 70 a bug, 75 try again, 78 configuration."""


def exit_code_of(kind: type[GatewayError]) -> int:
    """Exit code of an error class."""
    return next(EXIT[ancestor] for ancestor in kind.__mro__ if ancestor in EXIT)


def class_of(code: str) -> type[GatewayError]:
    """The error class of a public code; ``GatewayError`` if there is none."""
    waiting: list[type[GatewayError]] = [GatewayError]
    while waiting:
        kind = waiting.pop()
        if kind.code == code:
            return kind
        waiting.extend(kind.__subclasses__())
    return GatewayError


def print_error(error: GatewayError) -> None:
    """Print an error with all its places and what to do next to standard error."""
    typer.echo(f"{error.code}: {error}", err=True)
    typer.echo(f"Next step: {error.next_step}", err=True)


def print_unforeseen(error: BaseException) -> None:
    """Print type and frames of an error nobody foresaw; its text may quote a message."""
    typer.echo(f"The gateway failed: {type(error).__qualname__}", err=True)
    for frame in traceback.extract_tb(error.__traceback__):
        typer.echo(f"  {frame.filename}:{frame.lineno} {frame.name}", err=True)
