"""``agency-gateway backup`` and ``agency-gateway restore``."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from gateway.bootstrap import SystemClock, gateway_version
from gateway.cli.options import Config
from gateway.errors import BackupError
from gateway.flow.hold import hold_back, stop_replays
from gateway.messaging.lifecycle import State
from gateway.messaging.sequence import LastNumber
from gateway.settings import Settings, load_settings
from gateway.store.archive import ATTACHMENTS, CODE_LISTS, SCHEMAS
from gateway.store.backup import Places, back_up
from gateway.store.choice import letters_of
from gateway.store.restore import Placed, Unpacked, put_in_place, unpacked
from gateway.store.sqlite import SqliteStore

Replace = Annotated[bool, typer.Option("--replace", help="Also if there is one already.")]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Held:
    """What a restored store cannot know: messages that may have been sent, numbers given since."""

    in_doubt: int = 0
    sequences: Sequence[LastNumber] = ()


def backup(
    target: Annotated[Path, typer.Argument(help="File to make, or folder to put it into.")],
    *,
    replace: Replace = False,
    with_config: Annotated[
        bool, typer.Option("--with-config", help="With the configuration file.")
    ] = False,
    config: Config = None,
) -> None:
    """Back up messages, attachments, schemas and code lists, also while the gateway runs."""
    if with_config and config is None:
        raise typer.BadParameter("--with-config needs --config or AGENCY_GATEWAY_CONFIG.")
    places = places_of(load_settings(config, to_serve=False), config if with_config else None)
    file, manifest = back_up(
        places, target, version=gateway_version(), now=SystemClock().now(), replace=replace
    )
    size = file.stat().st_size
    typer.echo(f"{file}: {manifest.messages} messages, {size} bytes, readable for you only.")


def restore(
    archive: Annotated[Path, typer.Argument(help="File that `backup` made.")],
    *,
    replace: Replace = False,
    nothing_sent_since: Annotated[
        bool,
        typer.Option(
            "--nothing-sent-since",
            help="The gateway was stopped before the backup and has not run since.",
        ),
    ] = False,
    config: Config = None,
) -> None:
    """Put a backup in place of the database; the gateway must not run.

    Messages that may have been sent since the backup was taken, and that must not be sent twice,
    rest as in_doubt afterwards.
    """
    places = places_of(load_settings(config, to_serve=False), None)
    clock = SystemClock()
    with unpacked(archive, places.database, replace=replace) as found:
        held = _Held() if nothing_sent_since else asyncio.run(_hold(found.database, clock))
        placed = put_in_place(found, places, now=clock.now())
    _tell(found, placed, places, held)


def places_of(settings: Settings, config: Path | None) -> Places:
    """What these settings make part of a backup.

    Raises:
        BackupError: The messages are on a database server.
    """
    if settings.store.url is not None:
        raise BackupError(
            "The messages are in PostgreSQL: back it up with pg_dump; after pg_restore, run"
            " `agency-gateway hold-back`. docs/operations.md says more."
        )
    folders = {SCHEMAS: settings.schemas.path, CODE_LISTS: settings.codelists.path}
    if settings.attachments.s3 is None:
        folders[ATTACHMENTS] = settings.attachments_folder()
    return Places(
        database=settings.store.path,
        folders=folders,
        config=config,
    )


async def _hold(database: Path, clock: SystemClock) -> _Held:
    store = SqliteStore(database)
    await store.open()
    try:
        await stop_replays(letters_of(store), clock)
        counts = await hold_back(store, clock)
        sequences = await store.sequences.last_numbers()
    finally:
        await store.close()
    return _Held(in_doubt=counts[State.IN_DOUBT], sequences=sequences)


def _tell(found: Unpacked, placed: Placed, places: Places, held: _Held) -> None:
    manifest = found.manifest
    taken = manifest.created_at.isoformat(timespec="seconds")
    typer.echo(f"{places.database}: {manifest.messages} messages as of {taken}.")
    if placed.aside is not None:
        typer.echo(f"The database that was there is now {placed.aside}.")
    for folder in placed.kept:
        typer.echo(f"{folder} was left as it is: something is installed there.")
    if held.in_doubt:
        typer.echo(
            f"{held.in_doubt} messages may have been sent since and are in doubt; they are not sent"
            " again. Ask their authorities: agency-gateway messages list --state in_doubt"
        )
    for last in held.sequences:
        typer.echo(
            f"The sequence {last.sequence} of {last.channel} would go on after {last.number}. Ask"
            " the authority for the last number that it has, before the gateway is started, and"
            f" say it: agency-gateway sequences set {last.channel} {last.sequence} NUMBER"
        )
    typer.echo("What was accepted after that moment is not in the backup: tell the callers.")
