"""Whether the gateway stays as fast and as small as it was when it has seen many messages.

``memory``: the process after a hundred thousand messages. ``growth``: what a message costs when a
thousand, a hundred thousand, a million are stored; the stored ones are copies of real ones with
short bodies, made by SQL, since sending a million would take an hour.
"""

import contextlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import apsw
import psutil

from bench import processes
from bench.cases import PROGRAM, READY, Bench, Target, gateway
from bench.inputs import PATH, write_configuration
from bench.pairs import Measured, spread

SETTLED = 10_000
"""Messages after which caches and allocators have found their size."""

MESSAGES = 100_000
STORED = {"1e3": 1_000, "1e5": 100_000, "1e6": 1_000_000}
SEED = 1_000
KEPT_BYTES = 200
MEBIBYTE = 2**20
LISTINGS = 20
CHUNK = 100


def memory(bench: Bench) -> Measured:
    """Growth of the gateway's memory over a hundred thousand answered searches, in MiB."""
    question = bench.inputs.questions["search-small"]
    with (
        processes.backend(bench.inputs.answer, bench.inputs.log("backend")) as backend,
        gateway(bench.inputs, backend) as target,
    ):
        failures: dict[str, int] = {}
        first = ""

        def until(number: int) -> float:
            nonlocal first
            while int(processes.fetch(backend)[1]) < number:
                measured = target.load(bench, question)
                first = first or measured["first_failure"]
                for kind, count in measured["failures"].items():
                    failures[kind] = failures.get(kind, 0) + count
            return _resident(target)

        before = until(SETTLED)
        after = until(SETTLED + MESSAGES)
    return {
        "growth_mib": round((after - before) / MEBIBYTE, 2),
        "before_mib": round(before / MEBIBYTE, 1),
        "after_mib": round(after / MEBIBYTE, 1),
        "messages": MESSAGES,
        "failures": failures,
        "first_failure": first,
    }


def growth(bench: Bench) -> Measured:
    """Cost of a message, and of a page of the list, by the number of messages stored."""
    question = bench.inputs.questions["search-small"]
    figures: Measured = {"failures": {}, "first_failure": ""}
    with processes.backend(bench.inputs.answer, bench.inputs.log("backend")) as backend:
        port = processes.free_port()
        configuration = write_configuration(bench.inputs, name="growth", port=port, backend=backend)
        database = bench.inputs.folder / "store-growth" / "messages.sqlite3"
        with _serving(bench, configuration, port, backend) as target:
            while int(processes.fetch(backend)[1]) < SEED:
                target.load(bench, question)
        shorten(database)
        for name, number in STORED.items():
            figures[f"fill_seconds_{name}"] = round(fill(database, number), 1)
            with _serving(bench, configuration, port, backend) as target:
                measured = [target.load(bench, question) for _ in range(bench.pairs)]
                searches = _searches(database)
                listed = {
                    kind: [_seconds(target, question.token, path) for _ in range(LISTINGS)]
                    for kind, path in searches.items()
                }
            for figure in ("cpu_us", "per_second", "p50_ms", "p99_ms"):
                figures |= spread(f"{figure}_{name}", [one[figure] for one in measured])
            for kind, seconds in listed.items():
                figures |= spread(f"{kind}_ms_{name}", [second * 1000 for second in seconds])
            figures[f"look_ms_{name}"] = max(figures[f"{kind}_ms_{name}"] for kind in listed)
            for one in measured:
                figures["failures"] |= one["failures"]
                figures["first_failure"] = figures["first_failure"] or one["first_failure"]
    figures["cost_ratio"] = round(figures["cpu_us_1e6"] / figures["cpu_us_1e3"], 3)
    return figures


@contextlib.contextmanager
def _serving(bench: Bench, configuration: Path, port: int, backend: str) -> Iterator[Target]:
    url = f"http://127.0.0.1:{port}"
    command = [str(PROGRAM), "serve", "--config", str(configuration)]
    log = bench.inputs.log("growth")
    with processes.running(command, ready=url + READY, log=log) as started:
        yield Target(url=url + PATH, started=started, backend=backend)


def _searches(database: Path) -> dict[str, str]:
    """What a person looks for, each a path: a message from the middle, and pages of lists."""
    connection = apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY)
    message_id, accepted_at, case = connection.execute(
        "SELECT id, accepted_at, coalesce(case_reference, 'none') FROM messages"
        " WHERE number >= (SELECT max(number) / 2 FROM messages) ORDER BY number LIMIT 1"
    ).get
    connection.close()
    at = datetime.fromtimestamp(accepted_at / 1e6, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "id": f"/v1/messages/{message_id}",
        "list": "/v1/messages?limit=50&state=answered",
        "dead": "/v1/messages?limit=50&state=dead",
        "expired": "/v1/messages?limit=50&state=expired",
        "open": "/v1/messages?limit=50&state=retrying",
        "authority": "/v1/messages?limit=50&authority=ags:00000000",
        "case": f"/v1/messages?limit=50&caseReference={case}",
        "time": f"/v1/messages?limit=50&until={at}",
    }


def _seconds(target: Target, token: str, path: str) -> float:
    began = time.perf_counter()
    status, _ = processes.fetch(target.url.removesuffix(PATH) + path, token=token)
    if status != 200:  # noqa: PLR2004 - the one status that a look has
        raise processes.BenchError(f"{path.partition('?')[0]} answered {status}")
    return time.perf_counter() - began


def shorten(database: Path) -> None:
    """Keep a little of each body, so that a million messages fit on the disk."""
    connection = apsw.Connection(str(database))
    connection.execute("UPDATE stages SET body = substr(body, 1, ?), ledger = NULL", (KEPT_BYTES,))
    connection.execute("VACUUM")
    connection.close()


def fill(database: Path, number: int) -> float:
    """Copy the stored messages until there are so many; returns the seconds it took."""
    began = time.perf_counter()
    connection = apsw.Connection(str(database))
    connection.pragma("synchronous", "off")
    stored, last = connection.execute("SELECT count(*), max(number) FROM messages").get
    columns = _columns(connection)
    base = min(stored, SEED)
    while stored < number:
        with connection:
            for _ in range(CHUNK):
                count = min(base, number - stored)
                if count <= 0:
                    break
                _copy(connection, columns, offset=last, count=count)
                last, stored = last + base, stored + count
    connection.pragma("wal_checkpoint(truncate)")
    connection.close()
    return time.perf_counter() - began


def _columns(connection: apsw.Connection) -> dict[str, list[str]]:
    tables = ("messages", "stages", "events", "attempts")
    return {
        table: [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        for table in tables
    }


def _copy(
    connection: apsw.Connection, columns: dict[str, list[str]], *, offset: int, count: int
) -> None:
    """Copy the first ``count`` messages with everything under them, ``offset`` numbers on."""
    changed = {
        ("messages", "number"): "number + :offset",
        ("messages", "id"): "lower(hex(randomblob(16)))",
        ("messages", "case_reference"): "'case-' || (number + :offset)",
        # A message may not start as answered; the trigger that says so is about new ones.
        ("stages", "message_number"): "message_number + :offset",
        ("events", "message_number"): "message_number + :offset",
        ("attempts", "message_number"): "message_number + :offset",
    }
    trigger = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'messages_start'").get
    connection.execute("DROP TRIGGER messages_start")
    for table, names in columns.items():
        selected = ", ".join(changed.get((table, name), name) for name in names)
        key = "number" if table == "messages" else "message_number"
        connection.execute(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {selected} FROM {table}"
            f" WHERE {key} <= :count",
            {"offset": offset, "count": count},
        )
    connection.execute(trigger)


def _resident(target: Target) -> float:
    return float(psutil.Process(target.started.process.pid).memory_info().rss)
