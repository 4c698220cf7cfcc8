"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[
    Path | None,
    typer.Option("--config", help="TOML file with the settings.", envvar="AGENCY_GATEWAY_CONFIG"),
]
Url = Annotated[str, typer.Option("--url", help="Where it runs.", envvar="AGENCY_GATEWAY_URL")]
Token = Annotated[
    str,
    typer.Option(
        "--token",
        help="Bearer token; better set AGENCY_GATEWAY_TOKEN, other users see arguments.",
        envvar="AGENCY_GATEWAY_TOKEN",
        show_default=False,
    ),
]

LOCAL = "http://127.0.0.1:8080"
"""Where a gateway with default settings runs."""
