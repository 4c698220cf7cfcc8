"""``agency-gateway retention``: how long messages are kept, and what is due."""

import asyncio
from collections.abc import Iterable, Sequence
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
from gateway.store.retention import SqliteRetention
from gateway.store.retention_view import RetentionView, retention_view
from gateway.store.sqlite import SqliteStore


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
    """Erase what is due now. A gateway that runs does so by itself; this needs it stopped."""
    settings = load_settings(config, to_serve=False)
    operations = operations_of(settings)
    if not dry_run:
        erased = asyncio.run(_erase(settings, operations))
        typer.echo(f"Erased: {erased}. The space is used again; the file keeps its size.")
        return
    with retention_view(settings.store.path) as view:
        due = plan(view.holdings(), operations, now=SystemClock().now())
        print_table(("operation", "part", "settled before", "messages"), _rows(view, due))


async def _erase(settings: Settings, operations: dict[str, Operation]) -> int:
    store = SqliteStore(settings.store.path)
    await store.open()
    try:
        return await Pruner(SqliteRetention(store), SystemClock(), operations).round()
    finally:
        await store.close()


def _rows(view: RetentionView, due: Plan) -> Iterable[Sequence[str]]:
    for one in due.dues:
        part = f"{one.part} ({_states(one)})" if one.part is Part.PAYLOAD else str(one.part)
        key = f"{one.operation}/v{one.operation_version}"
        yield key, part, f"{one.settled_before:%Y-%m-%dT%H:%M:%SZ}", str(view.count_due(one))
    before = due.refusals_before
    yield "-", "refused calls", f"{before:%Y-%m-%dT%H:%M:%SZ}", str(view.count_refusals(before))


def _states(due: Due) -> str:
    return ", ".join(sorted(due.states))


def _periods(operation: Operation) -> Sequence[str]:
    kept = retention_of(operation)
    return [in_words(one) for one in (kept.key, kept.payload, kept.resting, kept.record)]
