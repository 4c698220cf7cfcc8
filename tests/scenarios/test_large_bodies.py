"""Large bodies: checked and read in workers, told the same, and never lost with one."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from typing_extensions import override

from bench import backend, beside, processes
from bench.inputs import write_settings
from bench.large import documents
from gateway.bootstrap import Gateway, build
from gateway.errors import GatewayError, WorkerUnavailableError
from gateway.flow.call import Call, Settled
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Stage, StageKind
from gateway.messaging.party import Caller
from gateway.messaging.ports import MessageFilter
from gateway.security.tokens import new_token
from gateway.settings import Settings
from gateway.workers.pool import WorkerPool

AUTHORITY = "ags:16099001"
SENDER = {"id": "dbs:010020030000", "directory": "DVDV", "name": "Office"}
SIZE = 300_000
TOKEN = new_token()
GRANT = {"operation": beside.OPERATION, "authorities": ["*"]}
REQUEST = documents.request(SIZE)
FAULTY = {
    "cut off": REQUEST[:-1],
    "named twice": REQUEST.replace(b'"entries"', b'"entries": [], "entries"'),
    "misspelt": REQUEST.replace(b'"name"', b'"nam"', 5),
    "not of the repertoire": REQUEST.replace(b"see the file", b"see \\u0001 file", 3),
    "own id": b'{"messageId":"22222222-3333-4444-8555-666666666666",' + REQUEST[1:],
}
"""Large documents with faults."""

Effect = Callable[[], None]


def settings_of(tmp_path: Path, url: str, **workers: Any) -> dict[str, Any]:
    caller = {"name": "office", "token_sha256": TOKEN.sha256, "party": SENDER["id"]}
    route = {"operation": beside.OPERATION, "channel": "registers", "authority": AUTHORITY}
    tmp_path.mkdir(exist_ok=True)
    return {
        "store": {"path": str(tmp_path / "messages.sqlite3")},
        "schemas": {"contracts": str(beside.LARGE / "schemas"), "path": str(tmp_path / "none")},
        "codelists": {"path": str(tmp_path / "none")},
        "adapters": {"paths": [str(beside.LARGE / "adapters")]},
        "parties": [SENDER],
        "authentication": {"callers": [{**caller, "grants": [GRANT]}]},
        "routes": [route],
        "channels": [{"name": "registers", "adapter": "register", "address": url}],
        "workers": {"count": 1, **workers},
    }


@asynccontextmanager
async def authority(effect: Effect = lambda: None, *, answer: bytes = b"") -> AsyncIterator[str]:
    """An authority that does something to the gateway before each answer; yields its URL."""

    class Desk(backend.Desk):
        @override
        def ask(self, request: bytes, send: Callable[[bytes], None]) -> None:
            effect()
            super().ask(request, send)

    desk = Desk(backend.Template(answer or documents.answer(SIZE)))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: backend.Backend(desk), "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


@asynccontextmanager
async def running(tmp_path: Path, url: str, **workers: Any) -> AsyncIterator[Gateway]:
    gateway = build(Settings(**settings_of(tmp_path, url, **workers)))
    assert gateway.closed == {}
    await gateway.desk.start()
    try:
        yield gateway
    finally:
        await gateway.desk.stop()


def caller_of(gateway: Gateway) -> Caller:
    party = gateway.settings.parties_by_id()[SENDER["id"]]
    (caller,) = gateway.settings.authentication.callers
    return caller.to_caller(party)


def call(gateway: Gateway, body: bytes) -> Call:
    return Call(
        caller=caller_of(gateway),
        operation="testing/register",
        version=1,
        body=body,
        recipient=AUTHORITY,
    )


def pool_of(gateway: Gateway) -> WorkerPool:
    assert isinstance(gateway.desk.workers, WorkerPool)
    return gateway.desk.workers


async def only_worker(gateway: Gateway) -> int:
    """The worker's process, once it is ready."""
    await gateway.desk.check(call(gateway, REQUEST))
    (pid,) = pool_of(gateway).pids
    return pid


async def stages_of(gateway: Gateway) -> tuple[dict[StageKind, Stage], bytes]:
    """Everything that is stored of one exchange, with its message id made the same for all."""
    told = await gateway.desk.ask(call(gateway, REQUEST))
    assert isinstance(told, Settled)
    assert told.message.state is State.ANSWERED
    assert told.answer is not None
    found = {}
    for kind in StageKind:
        stage = await gateway.desk.store.stage(told.message.id, kind)
        if stage is not None:
            body = stage.body.replace(told.message.id.encode(), b"ID")
            found[kind] = Stage(
                kind=kind,
                body=body,
                media_type=stage.media_type,
                map_version=stage.map_version,
                wire_schema=stage.wire_schema,
                ledger=stage.ledger,
            )
    return found, told.answer.replace(told.message.id.encode(), b"ID")


async def refusals_of(tmp_path: Path, **workers: Any) -> dict[str, tuple[type, str, object]]:
    """How each faulty document is refused."""
    refusals: dict[str, tuple[type, str, object]] = {}
    async with running(tmp_path, "http://127.0.0.1:9/", **workers) as gateway:
        for name, body in FAULTY.items():
            with pytest.raises(GatewayError) as caught:
                await gateway.desk.ask(call(gateway, body))
            refusals[name] = type(caught.value), caught.value.detail, caught.value.places
    return refusals


async def test_a_worker_makes_the_same_of_request_and_answer(tmp_path: Path) -> None:
    async with authority() as url:
        async with running(tmp_path / "in-worker", url) as gateway:
            there = await stages_of(gateway)
            assert len(pool_of(gateway).pids) == 1
        async with running(tmp_path / "in-gateway", url, count=0) as gateway:
            assert gateway.desk.workers is None
            here = await stages_of(gateway)
    assert there == here
    assert there[0].keys() == set(StageKind) - {StageKind.KEPT_ANSWER, StageKind.LATER_ANSWER}
    assert len(there[1]) > SIZE / 2


async def test_refused_documents_have_the_same_places(tmp_path: Path) -> None:
    there = await refusals_of(tmp_path / "in-worker")
    here = await refusals_of(tmp_path / "in-gateway", count=0)
    assert there == here
    assert all(places for _, _, places in there.values())


async def test_a_worker_that_is_killed_refuses_its_call_and_the_next_one_is_taken(
    tmp_path: Path,
) -> None:
    async with authority() as url, running(tmp_path, url) as gateway:
        pid = await only_worker(gateway)
        with frozen(pid):
            asked = asyncio.ensure_future(gateway.desk.ask(call(gateway, REQUEST)))
            await asyncio.sleep(0.2)
            os.kill(pid, signal.SIGKILL)
            with pytest.raises(WorkerUnavailableError):
                await asked
        page, _ = await gateway.desk.messages(caller_of(gateway), MessageFilter(), limit=10)
        assert page == []
        told = await gateway.desk.ask(call(gateway, REQUEST))
        assert told.message.state is State.ANSWERED
        assert pid not in pool_of(gateway).pids


async def test_the_caller_is_told_503_and_when_to_come_again(tmp_path: Path) -> None:
    async with authority() as url, running(tmp_path, url) as gateway:
        pid = await only_worker(gateway)
        transport = httpx.ASGITransport(gateway.app)
        headers = {
            "Authorization": f"Bearer {TOKEN.token}",
            "Recipient": AUTHORITY,
            "Content-Type": "application/json",
        }
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
            with frozen(pid):
                asked = asyncio.ensure_future(
                    http.post(beside.PATH, content=REQUEST, headers=headers)
                )
                await asyncio.sleep(0.2)
                os.kill(pid, signal.SIGKILL)
                response = await asked
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    problem = response.json()
    assert (problem["code"], problem["retryable"]) == ("worker-unavailable", True)


async def test_an_answer_whose_worker_is_killed_is_read_once_more(tmp_path: Path) -> None:
    pids: list[int] = []

    def freeze() -> None:
        os.kill(pids[0], signal.SIGSTOP)

    async with authority(freeze) as url, running(tmp_path, url) as gateway:
        pids.append(await only_worker(gateway))
        asked = asyncio.ensure_future(gateway.desk.ask(call(gateway, REQUEST)))
        await is_frozen(pids[0])
        await asyncio.sleep(0.2)
        os.kill(pids[0], signal.SIGKILL)
        told = await asked
        assert told.message.state is State.ANSWERED
        attempts = await gateway.desk.attempts(caller_of(gateway), told.message.id)
        assert len(attempts) == 1


async def test_an_answer_that_kills_every_worker_is_kept_and_can_be_read_later(
    tmp_path: Path,
) -> None:
    deadly = asyncio.Event()

    async with authority(deadly.set) as url, running(tmp_path, url) as gateway:
        await only_worker(gateway)
        async with asyncio.TaskGroup() as group:
            killer = group.create_task(kill_all(pool_of(gateway), deadly))
            told = await gateway.desk.ask(call(gateway, REQUEST))
            killer.cancel()
        assert told.message.state is State.INVALID
        kept = await gateway.desk.store.stage(told.message.id, StageKind.WIRE_ANSWER)
        assert kept is not None
        assert len(kept.body) > SIZE / 2
        after = await gateway.desk.reread(caller_of(gateway), told.message.id)
        assert after.state is State.ANSWERED


def test_workers_go_with_a_gateway_that_is_killed(tmp_path: Path) -> None:
    port = processes.free_port()
    settings = {**settings_of(tmp_path, "http://127.0.0.1:9/"), "server": {"port": port}}
    config = write_settings(tmp_path / "gateway.toml", settings)
    program = Path(sys.executable).with_name("agency-gateway")
    command = [str(program), "serve", "--config", str(config)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as gateway:  # noqa: S603 - ours
        try:
            worker = first_child(gateway.pid)
        finally:
            gateway.kill()
    assert is_gone(worker)


@contextlib.contextmanager
def frozen(pid: int) -> Iterator[None]:
    """Stop a worker in whatever it does; it is killed within the block."""
    os.kill(pid, signal.SIGSTOP)
    yield


async def is_frozen(pid: int) -> None:
    async with asyncio.timeout(20):
        while psutil.Process(pid).status() != psutil.STATUS_STOPPED:  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.01)


async def kill_all(pool: WorkerPool, begin: asyncio.Event) -> None:
    await begin.wait()
    while True:
        for pid in pool.pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.01)


def first_child(pid: int) -> psutil.Process:
    """The worker of a gateway that starts it with itself."""
    limit = time.monotonic() + 30
    while time.monotonic() < limit:
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(pid).children():
                return child
        time.sleep(0.02)
    raise TimeoutError("no worker was started")


def is_gone(process: psutil.Process) -> bool:
    limit = time.monotonic() + 15
    while time.monotonic() < limit:
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False
