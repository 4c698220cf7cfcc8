"""``agency-gateway check-config``: find every fault, send nothing, start nothing."""

import typer

from gateway.bootstrap import build, faults_of
from gateway.cli.options import Config
from gateway.cli.show import print_json
from gateway.errors import ConfigurationError
from gateway.settings import Settings, load_settings
from gateway.validation import CodeListCatalogue


def check_config(config: Config = None) -> None:
    """Check settings, contracts and adapters; print what is in force, without secrets."""
    settings = load_settings(config)
    gateway = build(settings)
    print_json(printable(settings))
    faults = [
        place
        for channel, error in gateway.closed.items()
        for place in faults_of(error, f"channel {channel}")
    ]
    if faults:
        closed = ", ".join(sorted(gateway.closed))
        raise ConfigurationError(f"Adapters are faulty; closed channels: {closed}.", places=faults)
    unchecked = sorted(gateway.code_lists - CodeListCatalogue(settings.codelists.path).uris)
    if unchecked:
        typer.echo("Codes of these lists go unchecked, as no edition is installed:", err=True)
        for uri in unchecked:
            typer.echo(f"  {uri}", err=True)
    typer.echo("No faults.", err=True)


def printable(settings: Settings) -> dict[str, object]:
    """The settings as a JSON document; of tokens, not even the digest."""
    return settings.model_dump(
        mode="json",
        by_alias=True,
        exclude={"authentication": {"callers": {"__all__": {"token_sha256"}}}},
    )
