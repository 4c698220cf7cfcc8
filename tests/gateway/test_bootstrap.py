"""Putting the gateway together."""

import pickle
import shutil
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.bootstrap import (
    SystemClock,
    build,
    build_directory,
    faults_of,
    gateway_version,
    load_operations,
)
from gateway.errors import ConfigurationError
from gateway.flow.directory import Directory
from gateway.flow.fault_points import FaultPoint
from gateway.settings import Settings
from gateway.transports.http import HttpTransport
from gateway.validation import DocumentSchema, shipped_schemas
from gateway.workers.pool import WorkerPool

CHANNEL = {"name": "tannau", "adapter": "xmeld", "address": "http://127.0.0.1:9/"}
ROUTE = {"operation": "residents/search/v1", "authority": "ags:16099001", "channel": "tannau"}


def settings(tmp_path: Path, **sections: Any) -> Settings:
    store = {"path": str(tmp_path / "messages.sqlite3")}
    return Settings(**{"store": store, "channels": [CHANNEL], "routes": [ROUTE], **sections})


def test_the_clock_tells_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


def test_a_gateway_offers_the_operations_of_its_schemas(data_home: Path, tmp_path: Path) -> None:
    gateway = build(settings(tmp_path))
    assert "residents/search/v1" in gateway.desk.operations
    assert gateway.closed == {}
    assert gateway.url == "http://127.0.0.1:8080"


def test_the_published_example_meets_the_published_schema(data_home: Path, tmp_path: Path) -> None:
    for key, contract in build(settings(tmp_path)).app.contracts.items():
        schema = DocumentSchema(contract.request, name=key)
        assert schema.check(contract.example) == ()


def test_the_fault_hook_reaches_desk_and_transport(data_home: Path, tmp_path: Path) -> None:
    def hook(_point: FaultPoint) -> None:
        raise AssertionError

    desk = build(settings(tmp_path), hit=hook).desk
    transport = desk.directory.lanes["tannau"].transport
    assert isinstance(transport, HttpTransport)
    assert desk.hit is transport._hit is hook


def test_workers_find_the_directory_of_the_gateway(data_home: Path, tmp_path: Path) -> None:
    ours = build(settings(tmp_path)).desk.directory
    build_there = pickle.loads(pickle.dumps(partial(build_directory, settings(tmp_path))))  # noqa: S301 - our own
    theirs: Directory = build_there()
    assert theirs.operations == ours.operations
    assert theirs.routes == ours.routes
    assert {name: lane.channel for name, lane in theirs.lanes.items()} == {
        name: lane.channel for name, lane in ours.lanes.items()
    }
    assert theirs.authorities == ours.authorities


def test_workers_are_made_as_the_settings_say(data_home: Path, tmp_path: Path) -> None:
    workers = build(settings(tmp_path)).desk.workers
    assert workers is not None
    assert [workers.takes(size) for size in (65_536, 65_537)] == [False, True]
    assert build(settings(tmp_path, workers={"count": 0})).desk.workers is None


def test_they_start_early_only_where_large_bodies_are_announced(
    data_home: Path, tmp_path: Path
) -> None:
    for limit, early in ((1_048_576, False), (1_048_577, True)):
        contracts = tmp_path / str(limit)
        shutil.copytree(shipped_schemas(), contracts)
        contract = contracts / "residents" / "search" / "v1" / "operation.yaml"
        text = contract.read_text("utf-8")
        contract.write_text(text.replace("body_limit: 1048576", f"body_limit: {limit}"), "utf-8")
        workers = build(settings(tmp_path, schemas={"contracts": str(contracts)})).desk.workers
        assert isinstance(workers, WorkerPool)
        assert workers.starts_early is early


def test_building_opens_and_writes_nothing(data_home: Path, tmp_path: Path) -> None:
    build(settings(tmp_path))
    assert list(tmp_path.iterdir()) == []


async def test_it_starts_until_its_desk_has_started(data_home: Path, tmp_path: Path) -> None:
    gateway = build(settings(tmp_path))
    transport = httpx.ASGITransport(gateway.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
        before = await http.get("/health/ready")
        await gateway.desk.start()
        running = await http.get("/health/ready")
        await gateway.desk.stop()
        after = await http.get("/health/ready")
    assert [one.json()["status"] for one in (before, running, after)] == [
        "starting",
        "ready",
        "starting",
    ]
    assert [one.status_code for one in (before, running, after)] == [503, 200, 503]


def test_an_unknown_adapter_closes_its_channel_only(data_home: Path, tmp_path: Path) -> None:
    other = {**CHANNEL, "name": "other", "adapter": "none"}
    gateway = build(settings(tmp_path, channels=[CHANNEL, other]))
    assert list(gateway.closed) == ["other"]
    assert list(gateway.desk.directory.lanes) == ["tannau"]


def test_a_broken_adapter_closes_its_channels_and_says_why(data_home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "adapters" / "broken"
    folder.mkdir(parents=True)
    (folder / "adapter.yaml").write_text("adapter: broken\n")
    gateway = build(
        settings(
            tmp_path,
            adapters={"paths": [str(folder.parent)]},
            channels=[CHANNEL, {**CHANNEL, "name": "other", "adapter": "broken"}],
        )
    )
    assert gateway.closed["other"].places


def test_a_route_to_an_unknown_operation_stops_the_start(data_home: Path, tmp_path: Path) -> None:
    routes = [{**ROUTE, "operation": "residents/none/v1"}]
    with pytest.raises(ConfigurationError) as caught:
        build(settings(tmp_path, routes=routes))
    assert caught.value.places[0].rule == "routes[0].operation"


def test_contracts_with_faults_are_all_listed(tmp_path: Path) -> None:
    for name in ("one", "two"):
        folder = tmp_path / "residents" / name / "v1"
        folder.mkdir(parents=True)
        (folder / "operation.yaml").write_text("operation: x\n")
    with pytest.raises(ConfigurationError) as caught:
        load_operations(tmp_path)
    assert len(caught.value.places) == 2


def test_an_example_that_is_no_object_is_refused(data_home: Path, tmp_path: Path) -> None:
    schemas = tmp_path / "schemas"
    shutil.copytree(shipped_schemas(), schemas)
    (schemas / "residents/search/v1/request.example.json").write_text("[")
    with pytest.raises(ConfigurationError, match="example"):
        build(settings(tmp_path, schemas={"contracts": str(schemas)}))


def test_an_error_without_places_is_one_place() -> None:
    (place,) = faults_of(ConfigurationError("Wrong."), "here")
    assert (place.detail, place.rule) == ("Wrong.", "here")


def test_addresses_of_version_6_stand_in_brackets(data_home: Path, tmp_path: Path) -> None:
    gateway = build(settings(tmp_path, server={"host": "::1", "port": 1}))
    assert gateway.url == "http://[::1]:1"


def test_the_version_is_that_of_the_installation() -> None:
    assert gateway_version()[0].isdigit()
