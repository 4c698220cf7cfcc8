"""A gateway that listens on loopback, in a thread of its own: what its callers really get.

Real server, store, adapter and HTTP to a simulated authority; nothing is replaced.
"""

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from gateway.bootstrap import build
from gateway.cli.serve import Server, listen, server_of
from gateway.settings import Settings

START_LIMIT_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Live:
    """A gateway that answers.

    Attributes:
        port: Where it listens on 127.0.0.1.
        token: Of its first caller.
    """

    port: int
    token: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, **headers: str) -> httpx.Client:
        """An HTTP client that sends nothing by itself but what HTTP needs, and these headers."""
        return httpx.Client(base_url=self.url, headers=headers, trust_env=False, timeout=30)


@contextlib.contextmanager
def live(settings: Settings, token: str) -> Iterator[Live]:
    """Run a gateway while the block runs.

    Args:
        settings: What to build it from; its port must be free.
        token: Handed on in what is yielded.
    """
    gateway = build(settings)
    server = server_of(gateway)
    ended: list[BaseException] = []

    async def main(listener: Any) -> None:
        await gateway.desk.start()
        try:
            await server.serve([listener])
        finally:
            await gateway.desk.stop()

    def run() -> None:
        try:
            with contextlib.closing(listen(settings)) as listener:
                asyncio.run(main(listener))
        except BaseException as error:  # noqa: BLE001 - raised again where the test sees it
            ended.append(error)

    thread = threading.Thread(target=run, name="gateway")
    thread.start()
    try:
        _await_start(server, thread)
        yield Live(port=settings.server.port, token=token)
    finally:
        server.should_exit = True
        thread.join(START_LIMIT_SECONDS)
    for error in ended:
        raise error


def _await_start(server: Server, thread: threading.Thread) -> None:
    waiting = threading.Event()
    for _ in range(int(START_LIMIT_SECONDS / 0.01)):
        if server.started or not thread.is_alive():
            return
        waiting.wait(0.01)


def example_search(project: Path) -> dict[str, Any]:
    """The request that the contract shows."""
    path = project / "schemas/residents/search/v1/request.example.json"
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document
