"""``agency-gateway translate``: one translation, without server, store or network."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from gateway.bootstrap import catalogue_of, registry_of
from gateway.cli.options import Config
from gateway.cli.send import read_file
from gateway.cli.show import print_json
from gateway.errors import ConfigurationError, MalformedBodyError, Place, UnknownOperationError
from gateway.registry import MANIFEST, Adapter, load_adapter
from gateway.settings import Settings, load_settings
from gateway.translation import Exchange, Ledger, Map, origin
from gateway.translation.exchange import choose_by_root
from gateway.translation.origin import Origin
from gateway.validation import CodeListCatalogue, parse_json


def translate(  # noqa: PLR0913 - one parameter an option
    adapter: Annotated[str, typer.Option(help="Name of an adapter, or its folder.")],
    read: Annotated[Path | None, typer.Option(help="Wire message to read.")] = None,
    write: Annotated[Path | None, typer.Option(help="Canonical document to write.")] = None,
    operation: Annotated[str, typer.Option(help="Operation, residents/search or …/v1.")] = "",
    message: Annotated[str, typer.Option(help="To write: request or answer.")] = "request",
    *,
    ledger: Annotated[
        bool, typer.Option("--ledger", help="Print the ledger as JSON to standard error.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Print the origin of every value to standard error.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --explain: as JSON, with --ledger in one object.")
    ] = False,
    config: Config = None,
) -> None:
    """Read a wire message (prints the canonical document) or write one (prints its bytes)."""
    if (read is None) == (write is None):
        raise typer.BadParameter("give either --read or --write")
    if as_json and not explain:
        raise typer.BadParameter("--json goes with --explain")
    found = find_adapter(adapter, load_settings(config, to_serve=False))
    if read is not None:
        used, origins = _read(found, read_file(read), explained=explain)
    else:
        side = _side(message)
        exchange = pick_exchange(found, operation)
        used, origins = _write(exchange, side, read_file(write or Path()), explained=explain)
    told: dict[str, Any] = {"ledger": json.loads(used.to_json())} if ledger else {}
    if as_json:
        told["origins"] = [asdict(found) for found in origins]
    if told:
        # One kind alone stands for itself.
        only = next(iter(told.values())) if len(told) == 1 else told
        typer.echo(json.dumps(only, indent=2, ensure_ascii=False), err=True)
    if explain and not as_json:
        typer.echo("\n".join(map(_line, origins)), err=True)


def find_adapter(name: str, settings: Settings) -> Adapter:
    """Find an adapter by its name or folder.

    Raises:
        ConfigurationError: There is none, or it is broken; every fault is listed.
    """
    catalogue = catalogue_of(settings)
    if (Path(name) / MANIFEST).is_file():
        return load_adapter(Path(name), catalogue, CodeListCatalogue(settings.codelists.path))
    registry = registry_of(settings, catalogue)
    if name in registry.adapters:
        return registry.adapters[name]
    for fault in registry.faults:
        if fault.name == name:
            raise fault.error
    known = ", ".join(sorted(registry.adapters)) or "none"
    raise ConfigurationError(
        f"There is no adapter {name}.",
        places=[Place(keyword="unknown-adapter", detail=f"Known adapters: {known}.")],
    )


def _read(adapter: Adapter, data: bytes, *, explained: bool) -> tuple[Ledger, tuple[Origin, ...]]:
    maps = list(_maps(adapter))
    chosen = maps[0] if len(maps) == 1 else choose_by_root(maps, data)
    reading = chosen.read(data)
    print_json(reading.document)
    return reading.ledger, origin.explain(chosen, data) if explained else ()


def _write(
    exchange: Exchange, side: Literal["request", "answer"], data: bytes, *, explained: bool
) -> tuple[Ledger, tuple[Origin, ...]]:
    document = parse_json(data)
    if not isinstance(document, dict):
        raise MalformedBodyError("A canonical document is a JSON object.")
    write = exchange.write_request if side == "request" else exchange.write_answer
    written = write(document, {})
    sys.stdout.buffer.write(written.writing.data)
    sys.stdout.flush()
    found = origin.explain(written.map, written.writing.data) if explained else ()
    return written.writing.ledger, found


def _maps(adapter: Adapter) -> Iterator[Map]:
    seen: set[str] = set()
    for exchange in adapter.exchanges.values():
        for choosable in (*exchange.requests, *exchange.answers):
            if choosable.map.name not in seen:
                seen.add(choosable.map.name)
                yield choosable.map


def pick_exchange(adapter: Adapter, operation: str) -> Exchange:
    """The translations of one operation; ``""`` if the adapter has one only."""
    fitting = [
        exchange
        for key, exchange in adapter.exchanges.items()
        if operation in (key, key.rpartition("/")[0])
    ]
    if not operation and len(adapter.exchanges) == 1:
        fitting = list(adapter.exchanges.values())
    if len(fitting) != 1:
        offered = ", ".join(sorted(adapter.exchanges))
        raise UnknownOperationError(f"Name one operation of {adapter.name}: {offered}.")
    return fitting[0]


def _side(message: str) -> Literal["request", "answer"]:
    match message:
        case "request" | "answer":
            return message
        case _:
            raise typer.BadParameter("--message is request or answer")


def _line(found: Origin) -> str:
    why = f"  ({found.reason})" if found.reason else ""
    return f"{found.kind:10}  {found.wire}  {found.pointer or '-'}  {found.rule}{why}"
