"""``agency-gateway replays``: replay, or read again, many messages of a running gateway.

Without ``--yes`` nothing is done; the digest that is shown then binds the order that follows.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import orjson
import typer

from gateway.cli.client import GatewayClient
from gateway.cli.options import LOCAL, Token, Url
from gateway.cli.show import print_json, print_table

COLUMNS = ("id", "verb", "state", "chosen", "moved", "skipped", "refused", "createdAt")
"""Members of a replay that the list shows, in this order."""

LEFT_COLUMNS = ("position", "messageId", "result", "code")
"""The same of a message that was not moved."""

Id = Annotated[str, typer.Argument(metavar="ID", help="The replay.")]
States = Annotated[list[str] | None, typer.Option("--state", help="Only these; repeatable.")]
Ids = Annotated[list[str] | None, typer.Option("--id", help="Only these messages; repeatable.")]
OfOperation = Annotated[str | None, typer.Option("--operation", help="Only this operation.")]
OfAuthority = Annotated[str | None, typer.Option("--authority", help="Only to this recipient.")]
OfChannel = Annotated[str | None, typer.Option("--channel", help="Only through this channel.")]
OfCode = Annotated[str | None, typer.Option("--code", help="Only with this last failure.")]
Since = Annotated[str | None, typer.Option(help="Accepted from then on, 2026-01-31T08:00:00Z.")]
Until = Annotated[str | None, typer.Option(help="Accepted before then.")]
Limit = Annotated[int, typer.Option(help="Most messages.", min=1, max=10_000)]
Rate = Annotated[float, typer.Option(help="Most messages a second.", min=0.001, max=1000)]
Digest = Annotated[str | None, typer.Option(help="Of the dry run that you looked at.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without it, only show what would be.")]


def replays_cli() -> typer.Typer:
    """The group of commands."""
    group = typer.Typer(help="Replay many messages, or read many again.", no_args_is_help=True)
    group.command("start")(start)
    group.command("reread")(reread)
    group.command("list")(list_replays)
    group.command("show")(show)
    group.command("left")(left)
    group.command("stop")(stop)
    return group


def start(  # noqa: PLR0913 - one parameter an option
    *,
    state: States = None,
    ids: Ids = None,
    operation: OfOperation = None,
    authority: OfAuthority = None,
    channel: OfChannel = None,
    code: OfCode = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 1000,
    rate: Rate = 10.0,
    digest: Digest = None,
    mode: Annotated[
        str, typer.Option(help="same-bytes, or retranslate: with the present map.")
    ] = "same-bytes",
    not_taken: Annotated[
        bool,
        typer.Option("--not-taken", help="The authority was asked and has none of them."),
    ] = False,
    yes: Yes = False,
    url: Url = LOCAL,
    token: Token = "",
) -> None:
    """Deliver dead messages once more, the longest accepted first."""
    order = {
        "state": state or [],
        "ids": ids or None,
        "operation": operation,
        "authority": authority,
        "channel": channel,
        "code": code,
        "since": since,
        "until": until,
        "limit": limit,
        "ratePerSecond": rate,
        "digest": digest,
        "mode": mode,
        "notTaken": not_taken,
        "dryRun": not yes,
    }
    _order(GatewayClient(url, token), "replay", order)


def reread(  # noqa: PLR0913 - one parameter an option
    *,
    ids: Ids = None,
    operation: OfOperation = None,
    authority: OfAuthority = None,
    channel: OfChannel = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 1000,
    rate: Rate = 10.0,
    digest: Digest = None,
    yes: Yes = False,
    url: Url = LOCAL,
    token: Token = "",
) -> None:
    """Read unreadable answers once more with the present map; nothing is sent."""
    order = {
        "ids": ids or None,
        "operation": operation,
        "authority": authority,
        "channel": channel,
        "since": since,
        "until": until,
        "limit": limit,
        "ratePerSecond": rate,
        "digest": digest,
        "dryRun": not yes,
    }
    _order(GatewayClient(url, token), "reread", order)


def list_replays(
    *,
    limit: Annotated[int, typer.Option(help="Most replays.", min=1, max=500)] = 50,
    url: Url = LOCAL,
    token: Token = "",
) -> None:
    """List your replays, newest first."""
    found = GatewayClient(url, token).get("/v1/replays", limit=limit)
    _print_rows(COLUMNS, found)


def show(replay_id: Id, *, url: Url = LOCAL, token: Token = "") -> None:
    """Show how far a replay has come, as JSON."""
    print_json(GatewayClient(url, token).get(f"/v1/replays/{replay_id}"))


def left(
    replay_id: Id,
    *,
    after: Annotated[int, typer.Option(help="Go on behind this position.", min=-1)] = -1,
    limit: Annotated[int, typer.Option(help="Most messages.", min=1, max=500)] = 50,
    url: Url = LOCAL,
    token: Token = "",
) -> None:
    """List messages that a replay did not move, and why."""
    found = GatewayClient(url, token).get(f"/v1/replays/{replay_id}/left", after=after, limit=limit)
    _print_rows(LEFT_COLUMNS, found)


def stop(replay_id: Id, *, url: Url = LOCAL, token: Token = "") -> None:
    """End a replay before its time; what it has moved stays moved."""
    print_json(GatewayClient(url, token).act(f"/v1/replays/{replay_id}/stop"))


def _order(client: GatewayClient, verb: str, order: Mapping[str, Any]) -> None:
    told = client.post(f"/v1/messages/{verb}", orjson.dumps(order), {}).json()
    print_json(told)
    if told.get("dryRun"):
        typer.echo(f"Nothing was done. To do it: --yes --digest {told['digest']}", err=True)


def _print_rows(columns: Sequence[str], found: Sequence[Mapping[str, Any]]) -> None:
    print_table(columns, ([str(one[name]) for name in columns] for one in found))
