"""``agency-gateway codelists``: code lists of this installation, edition by edition."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.options import Config
from gateway.cli.show import print_json, print_table
from gateway.settings import load_settings
from gateway.validation import (
    CodeListCatalogue,
    CodeListDiff,
    compare_editions,
    install_code_lists,
)

_Uri = Annotated[str, typer.Argument(help="Canonical URI of the list.")]


def code_lists_cli() -> typer.Typer:
    """The group of commands."""
    group = typer.Typer(help="Code lists and their editions.", no_args_is_help=True)
    group.command("install")(install)
    group.command("list")(list_editions)
    group.command("show")(show)
    group.command("diff")(diff)
    return group


def install(
    source: Annotated[Path, typer.Argument(help="Genericode file (.xml, .xml.gz) or a folder.")],
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace editions whose content differs.")
    ] = False,
    config: Config = None,
) -> None:
    """Install editions of code lists, unchanged."""
    into = load_settings(config, to_serve=False).codelists.path
    for one in install_code_lists(source, into=into, replace=replace):
        typer.echo(f"{one.uri}, version {one.version}, is installed: {one.codes} codes")


def list_editions(config: Config = None) -> None:
    """List the installed editions, of each list the oldest first."""
    rows = [
        (one.uri, one.version, one.valid_from or "unknown", str(one.codes), one.checksum)
        for one in _catalogue(config).manifests
    ]
    print_table(("list", "version", "valid from", "codes", "sha256"), rows)


def show(
    uri: _Uri,
    version: Annotated[str, typer.Argument(help="Version, 2026-04-30.")],
    code: Annotated[str | None, typer.Argument(help="A code, to see what is known of it.")] = None,
    config: Config = None,
) -> None:
    """Show what is installed of one edition, after proving that it is unchanged."""
    catalogue = _catalogue(config)
    opened = catalogue.open(uri, version)
    if code is None:
        columns = {"columns": list(opened.columns), "key": opened.key}
        print_json({**asdict(catalogue.manifest(uri, version)), **columns})
        return
    status = catalogue.status(uri, version, code)
    print_json(
        {
            "code": code,
            "status": status.kind.value,
            "removed_in": status.removed_in,
            "row": opened.row(code) if status.in_edition else None,
        }
    )


def diff(
    uri: _Uri,
    old: Annotated[str, typer.Argument(help="Version in use.")],
    new: Annotated[str, typer.Argument(help="Version to compare it with.")],
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print every difference as JSON.")
    ] = False,
    config: Config = None,
) -> None:
    """Compare two installed editions of one list."""
    catalogue = _catalogue(config)
    before, after = catalogue.open(uri, old), catalogue.open(uri, new)
    found = compare_editions(before, after)
    if as_json:
        print_json(asdict(found))
        return
    typer.echo(
        f"{len(before.rows)} codes → {len(after.rows)}: {len(found.added)} added, "
        f"{len(found.removed)} removed, {found.codes_changed} changed"
    )
    for line in _lines(found):
        typer.echo(line)


def _lines(found: CodeListDiff) -> Iterator[str]:
    yield from (f"- column {column}" for column in found.columns_removed)
    yield from (f"+ column {column}" for column in found.columns_added)
    yield from (f"- {code}" for code in found.removed)
    yield from (f"+ {code}" for code in found.added)
    for one in found.changed:
        yield f"~ {one.code} {one.column}: {_quoted(one.before)} → {_quoted(one.after)}"


def _quoted(cell: str) -> str:
    # Cells may hold line ends, and blanks that nobody would see.
    return json.dumps(cell, ensure_ascii=False)


def _catalogue(config: Path | None) -> CodeListCatalogue:
    return CodeListCatalogue(load_settings(config, to_serve=False).codelists.path)
