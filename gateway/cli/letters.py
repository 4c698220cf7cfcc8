"""``agency-gateway messages`` for those that rest: why, one in one look, corrected copies."""

from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer

from gateway.cli.client import GatewayClient
from gateway.cli.messages import Id, NotTaken
from gateway.cli.options import LOCAL, Token, Url
from gateway.cli.send import read_file
from gateway.cli.show import print_json, print_table
from gateway.errors import OutcomeUnknownError

CAUSE_COLUMNS = (
    "count",
    "state",
    "code",
    "fault",
    "operation",
    "channel",
    "oldestAt",
    "newestAt",
)
"""Members of a cause that the list shows, in this order."""


def add_letters(group: typer.Typer) -> None:
    """Add the commands to those about messages."""
    group.command("causes")(causes)
    group.command("diagnose")(diagnose)
    group.command("request")(request)
    group.command("correct")(correct)
    group.command("diff")(diff)


def causes(  # noqa: PLR0913 - one parameter an option
    *,
    state: Annotated[
        list[str] | None, typer.Option(help="dead, in_doubt, invalid, unanswered; repeatable.")
    ] = None,
    operation: Annotated[str | None, typer.Option(help="Only this operation.")] = None,
    authority: Annotated[str | None, typer.Option(help="Only to this recipient.")] = None,
    channel: Annotated[str | None, typer.Option(help="Only through this channel.")] = None,
    since: Annotated[str | None, typer.Option(help="From then on, 2026-01-31T08:00:00Z.")] = None,
    until: Annotated[str | None, typer.Option(help="Before then.")] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    url: Url = LOCAL,
    token: Token = "",
) -> None:
    """Count your messages that wait for somebody, by cause, and say what to do."""
    found = GatewayClient(url, token).get(
        "/v1/messages/causes",
        state=state,
        operation=operation,
        authority=authority,
        channel=channel,
        since=since,
        until=until,
    )
    if json:
        print_json(found)
        return
    print_table(CAUSE_COLUMNS, ([_shown(one[name]) for name in CAUSE_COLUMNS] for one in found))
    for code, step in {one["code"]: one["nextStep"] for one in found if one["code"]}.items():
        typer.echo(f"{code}: {step}")


def diagnose(message_id: Id, *, url: Url = LOCAL, token: Token = "") -> None:
    """Show what is wrong with a message and what can be done, as JSON."""
    print_json(GatewayClient(url, token).get(f"/v1/messages/{message_id}/diagnosis"))


def request(message_id: Id, *, url: Url = LOCAL, token: Token = "") -> None:
    """Print the request of a message, with its content, as it was accepted."""
    print_json(GatewayClient(url, token).get(f"/v1/messages/{message_id}/request"))


def correct(  # noqa: PLR0913 - one parameter an option
    message_id: Id,
    file: Annotated[Path, typer.Argument(help="The document as it should have been (JSON).")],
    *,
    recipient: Annotated[str | None, typer.Option(help="Authority, if it is another one.")] = None,
    key: Annotated[
        str | None,
        typer.Option(help="Idempotency key of a call that is repeated; a fresh one without it."),
    ] = None,
    not_taken: NotTaken = False,
    url: Url = LOCAL,
    token: Token = "",
) -> None:
    """Send a corrected copy in place of a dead message, which is kept."""
    key = key or str(uuid4())
    headers = {"Idempotency-Key": key} | ({"Recipient": recipient} if recipient else {})
    path = f"/v1/messages/{message_id}/correct" + ("?notTaken=true" if not_taken else "")
    try:
        response = GatewayClient(url, token).post(path, read_file(file), headers)
    except OutcomeUnknownError:
        typer.echo(f"To repeat this very call, add --key {key}", err=True)
        raise
    print_json(response.json())


def diff(
    message_id: Id,
    *,
    values: Annotated[
        bool, typer.Option("--values", help="With the values, which are content.")
    ] = False,
    url: Url = LOCAL,
    token: Token = "",
) -> None:
    """Show where a corrected copy differs from its original."""
    shown = "true" if values else None
    found = GatewayClient(url, token).get(f"/v1/messages/{message_id}/diff", values=shown)
    if values:
        print_json(found)
        return
    print_table(
        ("change", "pointer"), ([one["change"], one["pointer"]] for one in found["changes"])
    )


def _shown(value: Any) -> str:
    return "-" if value is None else str(value)
