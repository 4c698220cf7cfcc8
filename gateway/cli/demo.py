"""``agency-gateway demo``: a gateway and a simulated authority on this machine, and one search.

Needs nothing but the installation: its configuration is ``demo.toml`` beside this module, its
data lie in a temporary folder that is deleted at the end.
"""

import asyncio
import socket
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from gateway.bootstrap import Gateway, SystemClock, build
from gateway.cli.demo_story import PATH, RECIPIENT, Story
from gateway.cli.logs import configure_logging
from gateway.cli.screen import Screen, readable_json
from gateway.cli.serve import run, run_gateway
from gateway.cli.simulate import DEFAULT_PORT as AUTHORITY_PORT
from gateway.cli.simulate import EXAMPLES
from gateway.cli.translate import find_adapter, pick_exchange
from gateway.security.tokens import Token, new_token
from gateway.settings import load_settings
from gateway.settings.model import LogSettings
from gateway.simulation import create_authority, load_plan
from gateway.simulation import serve as serve_authority

OPERATION = "residents/search/v1"
GATEWAY_PORT = 8080
NOBODY = "0" * 64
"""Digest in ``demo.toml``; replaced by that of a token made for this run."""


def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="End after the last step.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Show whole documents.")] = False,
) -> None:
    """Show one search through a gateway and a simulated authority, step by step."""
    configure_logging(LogSettings.model_validate({"level": "warning", "json": False}))
    screen = Screen(full=full)
    token = new_token()
    with tempfile.TemporaryDirectory(prefix="agency-gateway-demo-") as folder:
        port, authority_port = free_port(GATEWAY_PORT), free_port(AUTHORITY_PORT)
        ports = {"gateway": port, "authority": authority_port}
        settings = load_settings(write_config(Path(folder), token, ports))
        adapter = find_adapter("xmeld", settings)
        app = create_authority(
            pick_exchange(adapter, OPERATION),
            load_plan(),
            adapter.path / EXAMPLES,
            SystemClock(),
        )
        with serve_authority(app, port=authority_port) as authority_url:
            gateway = build(settings)
            search = gateway.app.contracts[OPERATION].example or {}
            story = Story(gateway=gateway, token=token.token, search=search, screen=screen)
            screen.say(f"Gateway {gateway.url} · simulated authority {authority_url}")
            run(run_gateway(gateway, meanwhile=lambda: _show(story, Path(folder), once=once)))


def write_config(folder: Path, token: Token, ports: dict[str, int]) -> Path:
    """Write the demo's configuration with this run's ports and token; returns its path."""
    text = files("gateway.cli").joinpath("demo.toml").read_text(encoding="utf-8")
    for old, new in (
        (NOBODY, token.sha256),
        (f"port = {GATEWAY_PORT}", f"port = {ports['gateway']}"),
        (f"127.0.0.1:{AUTHORITY_PORT}", f"127.0.0.1:{ports['authority']}"),
    ):
        text = text.replace(old, new)
    path = folder / "gateway.toml"
    path.write_text(text, encoding="utf-8")
    return path


def free_port(wanted: int) -> int:
    """The wanted port if nobody uses it, else any free one."""
    for port in (wanted, 0):
        try:
            with socket.create_server(("127.0.0.1", port)) as probe:
                found: int = probe.getsockname()[1]
                return found
        except OSError:
            continue
    return wanted


def curl_line(gateway: Gateway, token: str, document: Path) -> str:
    """A call that can be pasted into another terminal."""
    return (
        f"curl -s {gateway.url}{PATH} -H 'Authorization: Bearer {token}' "
        f"-H 'Content-Type: application/json' -H 'Recipient: {RECIPIENT}' -d @{document}"
    )


async def _show(story: Story, folder: Path, *, once: bool) -> None:
    await story.tell()
    if once:
        return
    document = folder / "search.json"
    document.write_text(readable_json(story.search), encoding="utf-8")
    url = story.gateway.url
    story.screen.say(
        f"\nAPI docs   {url}/docs\nHealth     {url}/health/ready\nMetrics    {url}/metrics\n"
        f"Settings   {folder / 'gateway.toml'}\n\nTry it from another terminal:\n"
        f"{curl_line(story.gateway, story.token, document)}\n\nCtrl-C ends the demo."
    )
    await asyncio.Event().wait()
