"""``agency-gateway simulate``: run a simulated authority on loopback."""

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from gateway.bootstrap import SystemClock
from gateway.cli.options import Config
from gateway.cli.translate import find_adapter, pick_exchange
from gateway.settings import load_settings
from gateway.simulation import create_authority, load_plan
from gateway.simulation import serve as serve_authority

EXAMPLES = "examples"
DEFAULT_PORT = 8090


def simulate(
    adapter: Annotated[str, typer.Argument(help="Name of an adapter, or its folder.")] = "xmeld",
    operation: Annotated[str, typer.Option(help="Operation, residents/search/v1.")] = "",
    plan: Annotated[Path | None, typer.Option(help="Plan of answers and faults (YAML).")] = None,
    port: Annotated[int, typer.Option(help="TCP port; 0 takes a free one.")] = DEFAULT_PORT,
    config: Config = None,
) -> None:
    """Answer wire messages as an authority would, until stopped."""
    found = find_adapter(adapter, load_settings(config, to_serve=False))
    chosen = load_plan(plan) if plan is not None else load_plan()
    app = create_authority(
        pick_exchange(found, operation), chosen, found.path / EXAMPLES, SystemClock()
    )
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with serve_authority(app, port=port) as url:
        typer.echo(f"The simulated authority answers at {url}", err=True)
        stopped.wait()
