"""``agency-gateway hold-back``: what ``restore`` does for SQLite, for a restored PostgreSQL."""

import asyncio
from datetime import timedelta

import typer

from gateway.bootstrap import SystemClock
from gateway.cli.options import Config
from gateway.errors import BackupError
from gateway.flow.hold import hold_back
from gateway.messaging.lifecycle import State
from gateway.messaging.peers import Peers
from gateway.settings import load_settings
from gateway.settings.store import StoreSettings
from gateway.store.choice import store_of

_PAUSE_SECONDS = 0.2


def hold_back_messages(config: Config = None) -> None:
    """Put in doubt what a restored PostgreSQL would send twice; no gateway may run."""
    settings = load_settings(config, to_serve=False).store
    if settings.url is None:
        raise BackupError("The messages are in a file; `agency-gateway restore` does this there.")
    count = asyncio.run(_hold_back(settings))
    typer.echo(f"{count} messages may have been sent since the backup and are in doubt.")
    if count:
        typer.echo(
            "They are not sent again. Ask their authorities:"
            " agency-gateway messages list --state in_doubt"
        )


async def _hold_back(settings: StoreSettings) -> int:
    store, peers = store_of(settings)
    await store.open()
    try:
        if peers is not None:
            await _be_alone(peers, settings.dead_after + 4 * settings.heartbeat)
        return (await hold_back(store, SystemClock()))[State.IN_DOUBT]
    finally:
        await store.close()


async def _be_alone(peers: Peers, patience: timedelta) -> None:
    """Wait until those are dead that ran when the backup was taken, and are in it."""
    until = asyncio.get_running_loop().time() + patience.total_seconds()
    while peers.are_there():
        if asyncio.get_running_loop().time() > until:
            raise BackupError(
                "Gateways run on this database. Stop them first; nothing was changed."
            )
        await asyncio.sleep(_PAUSE_SECONDS)
