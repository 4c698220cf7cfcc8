"""``agency-gateway check-config``: find every fault, send nothing, start nothing."""

from collections.abc import Iterator

import typer

from gateway.bootstrap import (
    build,
    catalogue_of,
    faults_of,
    load_contracts,
    operations_of,
    require_orders,
)
from gateway.cli.options import Config
from gateway.cli.show import print_json
from gateway.errors import ConfigurationError, Place
from gateway.installation import (
    find_missing_adapters,
    find_missing_folders,
    find_missing_operations,
    find_usable_paths,
)
from gateway.registry import find_adapters, load_adapters
from gateway.settings import Settings, read_settings
from gateway.validation import CodeListCatalogue


def check_config(config: Config = None) -> None:
    """Check settings, contracts and adapters; print what is in force, without secrets."""
    reading = read_settings(config)
    faults = list(reading.faults)
    if reading.settings is not None:
        if not faults:
            print_json(printable(reading.settings))
        faults += reading.without_echoes(beyond_settings(reading.settings))
    if reading.settings is None or faults:
        raise ConfigurationError(f"Faults found: {len(faults)}.", places=faults)
    print_unchecked(reading.settings)
    typer.echo("No faults.", err=True)


def beyond_settings(settings: Settings) -> Iterator[Place]:
    """Faults in what the settings lead to: folders, contracts, adapters."""
    folders = find_missing_folders(settings)
    yield from folders
    if any(place.rule == "schemas.contracts" for place in folders):
        return  # without contracts every adapter is faulty
    catalogue = catalogue_of(settings)
    try:
        operations = operations_of(settings)
        require_orders(
            operations, load_contracts(operations, catalogue, settings.schemas.contracts)
        )
    except ConfigurationError as error:
        yield from faults_of(error, "schemas.contracts")
    else:
        yield from find_missing_operations(settings, operations)
    registry = load_adapters(
        find_adapters(find_usable_paths(settings)),
        catalogue,
        CodeListCatalogue(settings.codelists.path),
    )
    for fault in registry.faults:
        yield from faults_of(fault.error, f"adapter {fault.name}")
    yield from find_missing_adapters(settings, registry)


def print_unchecked(settings: Settings) -> None:
    """Name what passes unseen: codes without an edition of their list, and attachments."""
    if settings.attachments.scanner is None:
        typer.echo("Attachments are not scanned for malware: no scanner is configured.", err=True)
    used = build(settings).code_lists
    unchecked = sorted(used - CodeListCatalogue(settings.codelists.path).uris)
    if unchecked:
        typer.echo("Codes of these lists go unchecked, as no edition is installed:", err=True)
        for uri in unchecked:
            typer.echo(f"  {uri}", err=True)


def printable(settings: Settings) -> dict[str, object]:
    """The settings as a JSON document; of tokens, not even the digest."""
    document = settings.model_dump(
        mode="json",
        by_alias=True,
        exclude={
            "authentication": {"callers": {"__all__": {"token_sha256"}}},
            # One of them says where messages are kept.
            "store": {"url"} if settings.store.url is None else {"path", "url"},
        },
    )
    if settings.store.url is not None:
        document["store"]["url"] = settings.store.shown_url
    return document
