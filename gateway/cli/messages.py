"""``agency-gateway messages``: look at messages of a running gateway."""

from typing import Annotated

import typer

from gateway.cli.client import GatewayClient
from gateway.cli.options import LOCAL, Token, Url
from gateway.cli.show import print_json, print_table
from gateway.cli.watch import watch

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

REFUSED_COLUMNS = ("at", "operation", "recipient", "code", "sizeBytes")
"""The same of a refused call."""

Id = Annotated[str, typer.Argument(metavar="ID", help="The message.")]

NotTaken = Annotated[
    bool,
    typer.Option(
        "--not-taken", help="The authority was asked and does not have it: despite doubt."
    ),
]


def messages_cli() -> typer.Typer:
    """The group of commands."""
    group = typer.Typer(help="Look at messages, withdraw or replay them.", no_args_is_help=True)
    group.command("list")(list_messages)
    group.command("show")(show_message)
    group.command("cancel")(cancel)
    group.command("replay")(replay)
    group.command("resolve")(resolve)
    group.command("reread")(reread)
    group.command("watch")(watch)
    return group


def list_messages(  # noqa: PLR0913 - one parameter an option
    *,
    state: Annotated[
        str | None, typer.Option(help="Only in this state; refused: calls that were refused.")
    ] = None,
    operation: Annotated[str | None, typer.Option(help="Only this operation.")] = None,
    authority: Annotated[str | None, typer.Option(help="Only to this recipient.")] = None,
    channel: Annotated[str | None, typer.Option(help="Only through this channel.")] = None,
    code: Annotated[str | None, typer.Option(help="Only with this last failure.")] = None,
    case: Annotated[
        str | None, typer.Option(help="Only with this reference of yours (Case-Reference).")
    ] = None,
    since: Annotated[str | None, typer.Option(help="From then on, 2026-01-31T08:00:00Z.")] = None,
    until: Annotated[str | None, typer.Option(help="Before then.")] = None,
    blocked: Annotated[
        bool, typer.Option("--blocked", help="Only those that wait in an order.")
    ] = False,
    cursor: Annotated[str | None, typer.Option(help="Go on where a page ended.")] = None,
    limit: Annotated[int, typer.Option(help="Most messages.", min=1, max=500)] = 50,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    url: Url = LOCAL,
    token: Token = "",
) -> None:
    """List your messages, newest first."""
    page = GatewayClient(url, token).get(
        "/v1/messages",
        state=state,
        operation=operation,
        authority=authority,
        channel=channel,
        code=code,
        caseReference=case,
        since=since,
        until=until,
        blocked="true" if blocked else None,
        cursor=cursor,
        limit=limit,
    )
    if json:
        print_json(page)
        return
    columns, listed = (
        (REFUSED_COLUMNS, page["refused"]) if state == "refused" else (COLUMNS, page["messages"])
    )
    print_table(columns, ([_shown(one[name]) for name in columns] for one in listed))
    if page["nextCursor"]:
        typer.echo(f"There are more: --cursor {page['nextCursor']}", err=True)


def show_message(
    message_id: Id,
    *,
    url: Url = LOCAL,
    token: Token = "",
) -> None:
    """Show state, history, attempts and ledger of one message as JSON."""
    client = GatewayClient(url, token)
    path = f"/v1/messages/{message_id}"
    parts = {part: client.get(f"{path}/{part}") for part in ("history", "attempts", "ledger")}
    print_json({"message": client.get(path), **parts})


def cancel(message_id: Id, *, url: Url = LOCAL, token: Token = "") -> None:
    """Withdraw a message that is not on its way."""
    print_json(GatewayClient(url, token).act(f"/v1/messages/{message_id}/cancel"))


def replay(
    message_id: Id,
    *,
    not_taken: NotTaken = False,
    mode: Annotated[
        str | None, typer.Option(help="same-bytes, or retranslate: with the present map.")
    ] = None,
    url: Url = LOCAL,
    token: Token = "",
) -> None:
    """Deliver a dead message once more."""
    said = "true" if not_taken else None
    path = f"/v1/messages/{message_id}/replay"
    print_json(GatewayClient(url, token).act(path, notTaken=said, mode=mode))


def resolve(
    message_id: Id,
    *,
    finding: Annotated[
        str,
        typer.Option(
            "--as", help="taken: the authority has it; given-up: also lets others of its order go."
        ),
    ],
    url: Url = LOCAL,
    token: Token = "",
) -> None:
    """End the doubt about a message without sending it."""
    given = {"as": finding}
    print_json(GatewayClient(url, token).act(f"/v1/messages/{message_id}/resolve", **given))


def reread(message_id: Id, *, url: Url = LOCAL, token: Token = "") -> None:
    """Read an unreadable answer once more, with the present map; nothing is sent."""
    print_json(GatewayClient(url, token).act(f"/v1/messages/{message_id}/reread"))


def _shown(value: object) -> str:
    return "-" if value is None else str(value)
