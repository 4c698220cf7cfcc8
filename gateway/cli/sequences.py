"""``agency-gateway sequences``: look at the sequence numbers of a running gateway."""

from typing import Annotated

import typer

from gateway.cli.client import GatewayClient
from gateway.cli.options import LOCAL, Token, Url
from gateway.cli.show import print_json, print_table

COLUMNS = ("what", "sequence", "first", "last", "about")
"""Of a gap: whose, which sequence, from and to, since when or of which message."""


def sequences_cli() -> typer.Typer:
    """The group of commands."""
    group = typer.Typer(help="Look at sequence numbers.", no_args_is_help=True)
    group.callback()(_group)
    group.command("gaps")(gaps)
    return group


def gaps(
    channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="Name of the channel.")],
    *,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    url: Url = LOCAL,
    token: Token = "",
) -> None:
    """List sequence numbers of a channel that did not come, or may never have arrived."""
    found = GatewayClient(url, token).get(f"/v1/channels/{channel}/gaps")
    if json:
        print_json(found)
        return
    rows = [
        ("missing", one["sequence"], one["first"], one["last"], one["noticedAt"])
        for one in found["missing"]
    ]
    rows += [
        ("unsent", one["sequence"], one["number"], one["number"], one["messageId"])
        for one in found["unsent"]
    ]
    print_table(COLUMNS, ([str(cell) for cell in row] for row in rows))


def _group() -> None:
    """Keep the name of the only command."""
