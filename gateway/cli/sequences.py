"""``agency-gateway sequences``: gaps in sequence numbers, and where a sequence goes on."""

import asyncio
from typing import Annotated

import typer

from gateway.cli.client import GatewayClient
from gateway.cli.options import LOCAL, Config, Token, Url
from gateway.cli.show import print_json, print_table
from gateway.errors import UnknownChannelError
from gateway.messaging.sequence import LastNumber
from gateway.settings import Settings, load_settings
from gateway.store.choice import store_of

COLUMNS = ("what", "sequence", "first", "last", "about")
"""Of a gap: whose, which sequence, from and to, since when or of which message."""


def sequences_cli() -> typer.Typer:
    """The group of commands."""
    group = typer.Typer(
        help="Look at sequence numbers, and say where one goes on.", no_args_is_help=True
    )
    group.command("gaps")(gaps)
    group.command("set")(set_last)
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


def set_last(
    channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="Name of the channel.")],
    sequence: Annotated[
        str,
        typer.Argument(metavar="SEQUENCE", help="Its name in the map, `file` of sequence.file."),
    ],
    number: Annotated[
        int, typer.Argument(metavar="NUMBER", help="The last number that the authority has.")
    ],
    *,
    config: Config = None,
) -> None:
    """Let a sequence go on after a number; after a restore, with the gateway stopped."""
    last = LastNumber(channel=channel, sequence=sequence, number=number)
    settings = load_settings(config, to_serve=False)
    if channel not in {one.name for one in settings.channels}:
        raise UnknownChannelError("No channel of this name is configured; no number was set.")
    asyncio.run(_set_last(settings, last))
    typer.echo(f"The next message of {channel} gets the number after {number}.")


async def _set_last(settings: Settings, last: LastNumber) -> None:
    store, _ = store_of(settings.store)
    await store.open()
    try:
        await store.sequences.go_on_after(last)
    finally:
        await store.close()
