"""``agency-gateway channels``: look at the channels of a running gateway, pause and resume them."""

from typing import Annotated, Any

import typer

from gateway.cli.client import GatewayClient
from gateway.cli.options import LOCAL, Token, Url
from gateway.cli.show import print_json, print_table

COLUMNS = ("name", "state", "until", "waiting", "reason")
"""What the list shows, in this order."""

HISTORY_COLUMNS = ("at", "event", "by", "reason")
"""Members of a line of the history that are shown, in this order."""

Name = Annotated[str, typer.Argument(metavar="NAME", help="The channel.")]


def channels_cli() -> typer.Typer:
    """The group of commands."""
    group = typer.Typer(help="Look at channels, pause and resume them.", no_args_is_help=True)
    group.command("list")(list_channels)
    group.command("pause")(pause)
    group.command("resume")(resume)
    group.command("history")(history)
    return group


def list_channels(
    *,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    url: Url = LOCAL,
    token: Token = "",
) -> None:
    """List every open channel and whether messages leave through it."""
    channels = GatewayClient(url, token).get("/v1/channels")
    if json:
        print_json(channels)
    else:
        print_table(COLUMNS, ([str(cell) for cell in row(channel)] for channel in channels))


def pause(
    name: Name,
    *,
    reason: Annotated[str, typer.Option(help="Why, for whoever looks next.")],
    url: Url = LOCAL,
    token: Token = "",
) -> None:
    """Let nothing leave through a channel until it is resumed; messages wait."""
    print_json(GatewayClient(url, token).act(f"/v1/channels/{name}/pause", reason=reason))


def resume(name: Name, *, url: Url = LOCAL, token: Token = "") -> None:
    """Let messages leave through a channel again."""
    print_json(GatewayClient(url, token).act(f"/v1/channels/{name}/resume"))


def history(
    name: Name,
    *,
    limit: Annotated[int, typer.Option(help="Most lines.", min=1, max=500)] = 50,
    url: Url = LOCAL,
    token: Token = "",
) -> None:
    """List a channel's outages and pauses, newest first."""
    lines = GatewayClient(url, token).get(f"/v1/channels/{name}/history", limit=limit)
    print_table(HISTORY_COLUMNS, ([line[one] or "-" for one in HISTORY_COLUMNS] for line in lines))


def row(channel: dict[str, Any]) -> tuple[Any, ...]:
    """The cells of one channel: its most telling state, and how long that lasts."""
    name, waiting = channel["name"], channel["waiting"]
    if channel["paused"]:
        return name, "paused", "-", waiting, channel["pauseReason"]
    if not channel["windowOpen"]:
        return name, "window closed", channel["windowOpensAt"], waiting, "-"
    if channel["breaker"] != "closed":
        return name, channel["breaker"], channel["breakerUntil"], waiting, "-"
    return name, "open", "-", waiting, "-"
