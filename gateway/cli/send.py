"""``agency-gateway send``: ask an authority through a running gateway."""

from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from gateway.cli.client import GatewayClient
from gateway.cli.options import LOCAL, Token, Url
from gateway.cli.show import print_json
from gateway.errors import MalformedBodyError, OutcomeUnknownError


def send(  # noqa: PLR0913 - one parameter an option
    operation: Annotated[str, typer.Argument(help="Operation, residents/search.")],
    file: Annotated[Path, typer.Argument(help="Canonical document (JSON).")],
    *,
    recipient: Annotated[str | None, typer.Option(help="Authority, ags:09162000.")] = None,
    purpose: Annotated[str | None, typer.Option(help="Purpose of the exchange.")] = None,
    case: Annotated[str | None, typer.Option(help="Your own reference.")] = None,
    key: Annotated[
        str | None,
        typer.Option(help="Idempotency key of a call that is repeated; a fresh one without it."),
    ] = None,
    prefer: Annotated[str | None, typer.Option(help="respond-async, wait=10.")] = None,
    version: Annotated[int, typer.Option(help="Version of the operation.")] = 1,
    test: Annotated[bool, typer.Option("--test", help="Mark as a test.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only show what would be sent.")] = False,
    url: Url = LOCAL,
    token: Token = "",
) -> None:
    """Send a document to an authority and print the answer."""
    key = key or str(uuid4())
    headers = {
        "Recipient": recipient,
        "Idempotency-Key": key,
        "Exchange-Purpose": purpose,
        "Case-Reference": case,
        "Prefer": prefer,
        "Test-Message": "true" if test else None,
    }
    path = f"/v{version}/{operation}" + ("/check" if check else "")
    sent = {name: value for name, value in headers.items() if value is not None}
    body = read_file(file)
    try:
        response = GatewayClient(url, token).post(path, body, sent)
    except OutcomeUnknownError:
        typer.echo(f"To repeat this very call, add --key {key}", err=True)
        raise
    print_json(response.json())


def read_file(path: Path) -> bytes:
    """Bytes of a file that a command was given.

    Raises:
        MalformedBodyError: It cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise MalformedBodyError(f"{path} cannot be read: {error.strerror}.") from None
