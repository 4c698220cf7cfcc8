"""``agency-gateway serve``: run the gateway until it is told to stop."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any

import uvicorn
from typing_extensions import override

from gateway.bootstrap import Gateway, build
from gateway.cli.logs import configure_logging
from gateway.cli.one_write import OneWriteProtocol
from gateway.cli.options import Config
from gateway.errors import ConfigurationError, Place
from gateway.settings import Settings, load_settings

BACKLOG = 2048
"""Connections that wait while the process is busy; the kernel may allow fewer."""

NEW_OBJECTS = 20_000
"""Objects made before the collector looks for cycles; Python's 700 are made by a few messages."""

log = logging.getLogger(__name__)


class Server(uvicorn.Server):
    """uvicorn without its signal handling.

    It raises a signal again when it has ended, which would kill the process before the desk has
    waited for running attempts.
    """

    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to ``run_gateway``."""
        yield

    def end(self) -> None:
        """Take no more calls and finish those under way; the second time, drop them."""
        self.force_exit = self.should_exit
        self.should_exit = True


def serve(config: Config = None) -> None:
    """Run the gateway until SIGTERM or SIGINT; running attempts are waited for."""
    leave_when_told()
    settings = load_settings(config)
    configure_logging(settings.log)
    make_folder(settings)
    gateway = build(settings)
    spare_collector()
    run(run_gateway(gateway))


def leave_when_told() -> None:
    """End at once on SIGTERM, for as long as nothing runs yet.

    The first process of a container would otherwise not hear it before ``run_gateway``: for that
    one, the kernel drops signals that nobody handles.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


def spare_collector() -> None:
    """Keep maps, schemas and modules out of garbage collection: they live as long as the process.

    Messages hardly leave cycles behind; looking for them cost a tenth of each.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)


def make_folder(settings: Settings) -> None:
    """Make the folder of a store in a file, for its owner only, if it is not there yet.

    Raises:
        ConfigurationError: It cannot be made.
    """
    if settings.store.url is not None:
        return
    folder = settings.store.path.parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise ConfigurationError(
            f"The folder {folder} cannot be made: {reason}.",
            places=[Place(keyword="folder", detail=reason, rule="store.path")],
        ) from None


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine on uvloop where that exists.

    Raises:
        GatewayError: What a task of the coroutine ended with, without the group around it.
    """
    factory = uvicorn.Config(app="", loop="auto", log_config=None).get_loop_factory()
    with asyncio.Runner(loop_factory=factory) as runner:
        try:
            runner.run(work)
        except BaseExceptionGroup as group:
            raise innermost(group) from None


def innermost(error: BaseException) -> BaseException:
    """The first error within nested groups."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


async def run_gateway(
    gateway: Gateway, *, meanwhile: Callable[[], Awaitable[None]] | None = None
) -> None:
    """Start the desk, answer calls, and stop the desk when the server has ended.

    The desk is started here and not by the server, so that its faults end the process with their
    own exit code and text.

    Args:
        gateway: What to run.
        meanwhile: Run beside the server once it answers; the server ends when it returns.

    Raises:
        ConfigurationError: The address or the store is in use.
    """
    with contextlib.closing(listen(gateway.settings)) as listener:
        server = server_of(gateway)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, server.end)
        await gateway.desk.start()
        try:
            log.info("gateway started", extra={"event": "gateway.started", "url": gateway.url})
            await _serve_beside(server, listener, meanwhile or asyncio.Event().wait)
        finally:
            await gateway.desk.stop()
            log.info("gateway stopped", extra={"event": "gateway.stopped"})


def listen(settings: Settings) -> socket.socket:
    """Bind the address of the settings.

    Raises:
        ConfigurationError: It is in use, or not an address of this machine.
    """
    address = (settings.server.host, settings.server.port)
    family = socket.AF_INET6 if ":" in settings.server.host else socket.AF_INET
    try:
        return socket.create_server(address, family=family, backlog=BACKLOG)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "no such host"
        raise ConfigurationError(
            f"Cannot listen at {settings.server.host} port {settings.server.port}: {reason}.",
            places=[Place(keyword="listen", detail=reason, rule="server.port")],
        ) from None


def server_of(gateway: Gateway) -> Server:
    """The server of the API; an access log would show identifiers, so there is none."""
    return Server(
        uvicorn.Config(
            gateway.app,
            http=OneWriteProtocol,
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,  # nothing asks who is connected: callers are known by their token
        )
    )


async def _serve_beside(
    server: Server, listener: socket.socket, meanwhile: Callable[[], Awaitable[object]]
) -> None:
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(server.serve([listener]))
        while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event
            await asyncio.sleep(0.005)
        work = group.create_task(_outcome(meanwhile))
        await asyncio.wait({serving, work}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        if not work.done():
            work.cancel()
    failure = None if work.cancelled() else work.result()
    if failure is not None:
        raise failure


async def _outcome(meanwhile: Callable[[], Awaitable[object]]) -> BaseException | None:
    """What the work failed with, as a value: raised, it would cut the server off."""
    (result,) = await asyncio.gather(meanwhile(), return_exceptions=True)
    return result if isinstance(result, BaseException) else None
