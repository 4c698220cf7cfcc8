"""``agency-gateway simulate``: run a simulated authority on loopback, as a plan or options say."""

import contextlib
import signal
import ssl
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.bootstrap import SystemClock
from gateway.cli.options import Config
from gateway.cli.translate import find_adapter, pick_exchange
from gateway.settings import load_settings
from gateway.simulation import (
    Certificate,
    Fault,
    Plan,
    create_authority,
    load_plan,
    make_identity,
    quick_plan,
)
from gateway.simulation import serve as serve_authority

EXAMPLES = "examples"
DEFAULT_PORT = 8090
WHAT = "What happens"
WHEN = "When it happens (always, if nothing is said)"


def simulate(  # noqa: PLR0913 - the options of a command
    adapter: Annotated[str, typer.Argument(help="Name of an adapter, or its folder.")] = "xmeld",
    *,
    operation: Annotated[str, typer.Option(help="Operation, residents/search/v1.")] = "",
    port: Annotated[int, typer.Option(help="TCP port; 0 takes a free one.")] = DEFAULT_PORT,
    plan: Annotated[
        Path | None,
        typer.Option(help="Plan of answers and faults (YAML), instead of what follows."),
    ] = None,
    fault: Annotated[
        Fault | None, typer.Option(help="How the exchange goes wrong.", rich_help_panel=WHAT)
    ] = None,
    status: Annotated[
        int | None, typer.Option(help="HTTP status sent without an answer.", rich_help_panel=WHAT)
    ] = None,
    retry_after: Annotated[
        int | None, typer.Option(help="Retry-After of --status, seconds.", rich_help_panel=WHAT)
    ] = None,
    delay: Annotated[
        str | None, typer.Option(help="Wait before anything is sent, 500ms.", rich_help_panel=WHAT)
    ] = None,
    answer: Annotated[
        str | None,
        typer.Option(help="Example answered, of answer-NAME.api.json.", rich_help_panel=WHAT),
    ] = None,
    every: Annotated[
        int | None, typer.Option(help="To every Nth request.", rich_help_panel=WHEN)
    ] = None,
    share: Annotated[
        str | None, typer.Option(help="To a share of the requests, 20%.", rich_help_panel=WHEN)
    ] = None,
    times: Annotated[
        int | None, typer.Option(help="So many times, then never again.", rich_help_panel=WHEN)
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="What --share is drawn from.", rich_help_panel=WHEN)
    ] = None,
    tls: Annotated[
        Certificate | None, typer.Option(help="Speak TLS, with a certificate made on the spot.")
    ] = None,
    config: Config = None,
) -> None:
    """Answer wire messages as an authority would, rightly or wrongly, until stopped.

    Example: agency-gateway simulate xmeld --fault drop --every 3 --delay 500ms

    All faults, and the plan file: docs/simulation.md
    """
    options = {
        "fault": fault,
        "status": status,
        "retry_after": retry_after,
        "delay": delay,
        "answer": answer,
        "every": every,
        "share": share,
        "times": times,
        "seed": seed,
    }
    given = {name: value for name, value in options.items() if value is not None}
    chosen = _plan(plan, given)
    if tls is not None:
        chosen = replace(chosen, tls=tls)
    found = find_adapter(adapter, load_settings(config, to_serve=False))
    app = create_authority(
        pick_exchange(found, operation),
        chosen,
        found.path / EXAMPLES,
        SystemClock(),
        tell=partial(typer.echo, err=True),
    )
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with _context(chosen.tls) as context, serve_authority(app, port=port, tls=context) as url:
        typer.echo(f"The simulated authority answers at {url}", err=True)
        stopped.wait()


def _plan(path: Path | None, options: dict[str, Any]) -> Plan:
    """The plan of a file, or of options; both at once would hide which of them decides."""
    if path is None:
        return quick_plan(options) if options else load_plan()
    if options:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in options)
        raise typer.BadParameter(f"--plan says everything; leave out {names}.")
    return load_plan(path)


@contextlib.contextmanager
def _context(kind: Certificate | None) -> Iterator[ssl.SSLContext | None]:
    """TLS of the server; the authority that clients have to trust lies in a file meanwhile."""
    if kind is None:
        yield None
        return
    identity = make_identity(kind, SystemClock().now())
    with tempfile.TemporaryDirectory(prefix="agency-gateway-simulation-") as folder:
        trust = Path(folder) / "ca.pem"
        trust.write_bytes(identity.trust_pem)
        typer.echo(f"Certificate: {kind}. To trust its authority: SSL_CERT_FILE={trust}", err=True)
        yield identity.context
