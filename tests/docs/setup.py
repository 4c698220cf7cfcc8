"""The gateway of the tutorial, for pages that go on from there."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.cli.demo import free_port
from tests.docs.console import Console
from tests.docs.pages import DOCS


@contextmanager
def as_in_the_tutorial(folder: Path, *, runs: bool = True) -> Iterator[Console]:
    """A console in a folder as the tutorial leaves it.

    Args:
        folder: Where it is.
        runs: Whether the simulated authority and the gateway are running.
    """
    ports = {port: str(free_port(0)) for port in ("8080", "8090")}
    with Console(folder, replaced=ports) as console:
        console.take_files(DOCS / "tutorial.md")
        for command in (
            "agency-gateway token new > token.txt",
            'sed -i "s/^token_sha256 = .*/$(tail -n 1 token.txt)/" gateway.toml',
            "export AGENCY_GATEWAY_CONFIG=gateway.toml",
        ):
            status, output = console.run(command)
            assert status == 0, output
        if runs:
            authority = f"agency-gateway simulate xmeld --port {ports['8090']}"
            console.begin(authority, ["The simulated authority answers at …"])
            console.begin("agency-gateway serve", ["… gateway started …"])
        yield console
