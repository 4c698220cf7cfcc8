"""``agency-gateway operations``, ``openapi`` and ``schemas``: what this installation offers."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from gateway.bootstrap import build, catalogue_of, load_operations
from gateway.cli.options import Config
from gateway.cli.show import print_json, print_table
from gateway.settings import Settings, load_settings
from gateway.validation import install_schemas, show_installed


def operations(config: Config = None) -> None:
    """List the operations of this installation."""
    settings = load_settings(config, to_serve=False)
    found = load_operations(settings.schemas.contracts).values()
    rows = [(one.key, one.kind.value, f"POST {one.path}", one.title) for one in found]
    print_table(("operation", "kind", "call", "title"), rows)


def openapi(config: Config = None) -> None:
    """Print the OpenAPI document of this installation."""
    settings = load_settings(config, to_serve=False)
    # The contract does not depend on who calls and where messages go.
    bare = Settings.model_construct(schemas=settings.schemas, retention=settings.retention)
    print_json(build(bare).app.openapi())


def schemas_cli() -> typer.Typer:
    """The group of commands."""
    group = typer.Typer(help="Official schemas of standards.", no_args_is_help=True)
    group.command("list")(list_schemas)
    group.command("install")(install)
    group.command("show")(show)
    return group


def list_schemas(config: Config = None) -> None:
    """List wire schemas: official editions and the profiles of this release."""
    found = catalogue_of(load_settings(config, to_serve=False)).list()
    print_table(("schema", "kind", "sha256"), [(one.name, one.kind, one.checksum) for one in found])


def install(
    source: Annotated[Path, typer.Argument(help="Folder or ZIP file.")],
    standard: Annotated[str, typer.Option(help="Standard, xmeld.")],
    edition: Annotated[str, typer.Option(help="Edition, 25.11a.")],
    entry: Annotated[
        str | None, typer.Option(help="File to start at, where the files contradict each other.")
    ] = None,
    xsd: Annotated[
        Literal["1.0", "1.1"], typer.Option(help="Version of XML Schema; 1.1 is slow.")
    ] = "1.0",
    config: Config = None,
) -> None:
    """Install the official schemas of one edition; they outrank the profile of this release."""
    into = load_settings(config, to_serve=False).schemas.path
    installed = install_schemas(
        source, standard=standard, edition=edition, into=into, entry=entry, xsd=xsd
    )
    typer.echo(f"{installed.name} is installed in {installed.folder}")


def show(
    name: Annotated[str, typer.Argument(help="Standard and edition, xmeld/25.11a.")],
    config: Config = None,
) -> None:
    """Show what is installed of one edition, after proving that it is unchanged."""
    into = load_settings(config, to_serve=False).schemas.path
    typer.echo(show_installed(name, into=into).manifest.to_json(), nl=False)
