"""``agency-gateway retention``: how long messages are kept, and what is due."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

import typer

from gateway.bootstrap import SystemClock, operations_of
from gateway.cli.options import Config
from gateway.cli.show import print_table
from gateway.flow.prune import Plan, Pruner, plan
from gateway.messaging.operation import Operation
from gateway.messaging.periods import in_words
from gateway.messaging.retention import REFUSED, Due, Part, retention_of
from gateway.settings import Settings, load_settings
from gateway.store.beside import retention_in
from gateway.store.choice import store_of
from gateway.store.retention_view import retention_view

Operations = Mapping[str, Operation]


def retention_cli() -> typer.Typer:
    """The group of commands."""
    group = typer.Typer(help="How long messages are kept.", no_args_is_help=True)
    group.command("show")(show)
    group.command("run")(run)
    return group


def show(config: Config = None) -> None:
    """Show how long the parts of a message are kept after it settled."""
    operations = operations_of(load_settings(config, to_serve=False))
    rows = [(one.key, *_periods(one)) for one in operations.values()]
    print_table(("operation", "key", "payload", "resting", "record"), rows)
    typer.echo(f"Refused calls: {in_words(REFUSED)}.", err=True)


def run(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what is due; the gateway may run.")
    ] = False,
    config: Config = None,
) -> None:
    """Erase what is due now. A gateway that runs does so by itself; SQLite needs it stopped."""
    settings = load_settings(config, to_serve=False)
    operations = operations_of(settings)
    if dry_run:
        rows = _look(settings, operations)
        print_table(("operation", "part", "settled before", "messages"), rows)
        return
    erased = asyncio.run(_erase(settings, operations))
    typer.echo(f"Erased: {erased}.")


async def _erase(settings: Settings, operations: Operations) -> int:
    store, _ = store_of(settings.store)
    await store.open()
    try:
        return await Pruner(retention_in(store), SystemClock(), operations).round()
    finally:
        await store.close()


def _look(settings: Settings, operations: Operations) -> list[Sequence[str]]:
    now = SystemClock().now()
    if settings.store.url is None:
        with retention_view(settings.store.path) as view:
            due = plan(view.holdings(), operations, now=now)
            counts = [view.count_due(one) for one in due.dues]
            return _rows(due, [*counts, view.count_refusals(due.refusals_before)])
    return asyncio.run(_look_at_server(settings, operations, now))


async def _look_at_server(
    settings: Settings, operations: Operations, now: datetime
) -> list[Sequence[str]]:
    store, _ = store_of(settings.store)
    await store.open()
    try:
        retention = retention_in(store)
        due = plan(await retention.holdings(), operations, now=now)
        counts = [await retention.count_due(one) for one in due.dues]
        refusals = await retention.count_refusals(before=due.refusals_before)
        return _rows(due, [*counts, refusals])
    finally:
        await store.close()


def _rows(due: Plan, counts: Sequence[int]) -> list[Sequence[str]]:
    """One row for each part that is due, and one for refused calls."""
    kinds = [(f"{one.operation}/v{one.operation_version}", _part(one)) for one in due.dues]
    moments = [*(one.settled_before for one in due.dues), due.refusals_before]
    return [
        (operation, part, f"{before:%Y-%m-%dT%H:%M:%SZ}", str(count))
        for (operation, part), before, count in zip(
            [*kinds, ("-", "refused calls")], moments, counts, strict=True
        )
    ]


def _part(due: Due) -> str:
    """What goes, and of which messages, where it depends on that."""
    return f"{due.part} ({', '.join(sorted(due.states))})" if due.part is Part.PAYLOAD else due.part


def _periods(operation: Operation) -> Sequence[str]:
    kept = retention_of(operation)
    return [in_words(one) for one in (kept.key, kept.payload, kept.resting, kept.record)]
