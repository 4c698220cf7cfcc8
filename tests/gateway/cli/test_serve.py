"""Running the gateway."""

import asyncio
import gc
import os
import signal
import socket
from pathlib import Path

import httpx
import pytest

from gateway.bootstrap import Gateway, build
from gateway.cli.demo import free_port, write_config
from gateway.cli.serve import (
    innermost,
    leave_when_told,
    listen,
    make_folder,
    run,
    run_gateway,
    spare_collector,
)
from gateway.errors import ConfigurationError
from gateway.security.tokens import new_token
from gateway.settings import Settings, load_settings


@pytest.fixture
def gateway(data_home: Path, tmp_path: Path) -> Gateway:
    ports = {"gateway": free_port(0), "authority": 9}
    return build(load_settings(write_config(tmp_path, new_token(), ports)))


def test_it_answers_until_the_work_beside_it_is_done(gateway: Gateway) -> None:
    seen: list[int] = []

    async def look() -> None:
        async with httpx.AsyncClient(base_url=gateway.url, trust_env=False) as http:
            seen.append((await http.get("/health/ready")).status_code)

    run(run_gateway(gateway, meanwhile=look))
    assert seen == [200]


def test_a_signal_ends_it_in_good_order(gateway: Gateway) -> None:
    async def wait() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()

    run(run_gateway(gateway, meanwhile=wait))


def test_a_signal_before_it_runs_ends_the_process_without_a_fault() -> None:
    before = signal.getsignal(signal.SIGTERM)
    try:
        leave_when_told()
        with pytest.raises(SystemExit) as ended:
            signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert ended.value.code == 0


def test_faults_beside_it_come_out_as_they_are(gateway: Gateway) -> None:
    async def fails() -> None:
        raise ConfigurationError("Wrong.")

    with pytest.raises(ConfigurationError, match=r"Wrong\."):
        run(run_gateway(gateway, meanwhile=fails))


def test_the_collector_leaves_alone_what_lives_as_long_as_the_process() -> None:
    before = gc.get_threshold()
    try:
        spare_collector()
        assert gc.get_freeze_count() > 0
        assert gc.isenabled()
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


def test_a_port_in_use_is_a_configuration_fault(gateway: Gateway) -> None:
    address = ("127.0.0.1", gateway.settings.server.port)
    with (
        socket.create_server(address),
        pytest.raises(ConfigurationError, match="in use"),
    ):
        listen(gateway.settings)


def test_the_first_error_within_groups_is_found() -> None:
    error = ValueError()
    assert innermost(ExceptionGroup("a", [ExceptionGroup("b", [error])])) is error


def test_the_folder_of_the_store_is_made_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "data" / "messages.sqlite3"
    make_folder(Settings.model_validate({"store": {"path": str(path)}}))
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_a_configuration_fault(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "data" / "messages.sqlite3"
    with pytest.raises(ConfigurationError, match="cannot be made"):
        make_folder(Settings.model_validate({"store": {"path": str(path)}}))
