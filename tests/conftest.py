"""What every test may use: the official standards, and the rule that nothing leaves loopback."""

import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.postgres_server import TestServer, running_server

PROJECT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def standards() -> Path:
    """The folder with the official schemas and real messages; never part of the project."""
    folder = PROJECT.parent / "shared" / "standards"
    if not folder.is_dir():
        if os.environ.get("REQUIRE_STANDARDS"):
            pytest.fail(f"REQUIRE_STANDARDS is set and {folder} is missing")
        pytest.skip("needs the official schemas in ../shared/standards")
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[TestServer]:
    """A PostgreSQL server for all tests that do not stop it."""
    with running_server() as server:
        # These tests kill gateways, never the machine.
        server.run("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        yield server


@pytest.fixture(scope="session")
def shared_postgres_url(postgres: TestServer) -> str:
    """A database that one test after the other uses."""
    return postgres.new_database()


@pytest.fixture
def postgres_url(postgres: TestServer, shared_postgres_url: str) -> Iterator[str]:
    """An empty database, for one test."""
    yield shared_postgres_url
    postgres.empty(shared_postgres_url)


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Undo what a command under test does to logging, so that later tests see their records."""
    root, ours = logging.getLogger(), logging.getLogger("gateway")
    handlers, level, our_level = list(root.handlers), root.level, ours.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    ours.setLevel(our_level)


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that would leave this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in (
            "127.0.0.1",
            "::1",
            "localhost",
        ):
            pytest.fail("a test tried to leave loopback")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
