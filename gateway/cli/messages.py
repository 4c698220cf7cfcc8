"""``agency-gateway messages``: look at messages of a running gateway."""

from typing import Annotated

import typer

from gateway.cli.client import GatewayClient
from gateway.cli.options import LOCAL, Token, Url
from gateway.cli.show import print_json, print_table

COLUMNS = (
    "id",
    "state",
    "outcome",
    "operation",
    "authority",
    "acceptedAt",
    "attempts",
    "code",
)
"""Members of a message that the list shows, in this order."""


def messages_cli() -> typer.Typer:
    """The group of commands."""
    group = typer.Typer(help="Look at messages.", no_args_is_help=True)
    group.command("list")(list_messages)
    group.command("show")(show_message)
    return group


def list_messages(  # noqa: PLR0913 - one parameter an option
    state: Annotated[str | None, typer.Option(help="Only in this state.")] = None,
    operation: Annotated[str | None, typer.Option(help="Only this operation.")] = None,
    authority: Annotated[str | None, typer.Option(help="Only to this recipient.")] = None,
    limit: Annotated[int, typer.Option(help="Most messages.", min=1, max=500)] = 50,
    *,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    url: Url = LOCAL,
    token: Token = "",
) -> None:
    """List your messages, newest first."""
    page = GatewayClient(url, token).get(
        "/v1/messages", state=state, operation=operation, authority=authority, limit=limit
    )
    if json:
        print_json(page)
        return
    rows = ([_shown(one[name]) for name in COLUMNS] for one in page["messages"])
    print_table(COLUMNS, rows)


def show_message(
    message_id: Annotated[str, typer.Argument(metavar="ID", help="The message.")],
    *,
    url: Url = LOCAL,
    token: Token = "",
) -> None:
    """Show state, history, attempts and ledger of one message as JSON."""
    client = GatewayClient(url, token)
    path = f"/v1/messages/{message_id}"
    parts = {part: client.get(f"{path}/{part}") for part in ("history", "attempts", "ledger")}
    print_json({"message": client.get(path), **parts})


def _shown(value: object) -> str:
    return "-" if value is None else str(value)
