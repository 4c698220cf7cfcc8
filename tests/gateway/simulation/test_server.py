"""``gateway.simulation.server``: an authority on a socket, with its counters and its door."""

import json
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from gateway.errors import ConfigurationError
from gateway.messaging.ports import Clock
from gateway.simulation.certificate import Certificate, make_identity
from gateway.simulation.faults import Fault
from gateway.simulation.plan import Effect, Plan, Rule
from gateway.simulation.plan_file import load_plan
from gateway.simulation.server import SimulatedAuthority, create_authority, serve
from gateway.translation import Exchange
from tests.gateway.simulation.talk import Heard, post


def call(url: str, data: bytes | None = None, path: str = "/") -> tuple[int, bytes]:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request("GET" if data is None else "POST", path, data)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def named(data: bytes, family_name: str) -> bytes:
    """The request, asking for somebody whom the default plan treats in its own way."""
    return data.replace(b"<name>Quendel</name>", f"<name>{family_name}</name>".encode())


@pytest.fixture
def url(exchange: Exchange, examples: Path, clock: Clock) -> Iterator[str]:
    with serve(create_authority(exchange, load_plan(), examples, clock)) as address:
        yield address


def test_answers_over_a_socket(url: str, request_wire: bytes, exchange: Exchange) -> None:
    status, body = call(url, request_wire)
    assert status == 200
    assert exchange.read_answer(body).reading.document["outcome"] == "answered"


@pytest.mark.parametrize(
    ("family_name", "status"), [("Abgelehnt", 200), ("Serverfehler", 500), ("Unlesbar", 200)]
)
def test_default_plan_decides_by_family_name(
    url: str, request_wire: bytes, family_name: str, status: int
) -> None:
    assert call(url, named(request_wire, family_name))[0] == status


def test_repeat_fares_better_where_the_plan_says_so(url: str, request_wire: bytes) -> None:
    data = named(request_wire, "Erstfehler")
    assert [call(url, data)[0] for _ in range(2)] == [503, 200]


def test_dropped_connection_is_closed_without_a_byte(url: str, request_wire: bytes) -> None:
    assert post(url, named(request_wire, "Abbruch")) == Heard(data=b"", was_reset=False)
    assert list(json.loads(call(url, path="/seen")[1]).values()) == [1]


def test_delay_holds_the_answer_back(
    exchange: Exchange, examples: Path, clock: Clock, request_wire: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text("answer: hit\nrules: [ { nth: 1, delay: 150ms } ]\n")
    with serve(create_authority(exchange, load_plan(path), examples, clock)) as url:
        began = time.monotonic()
        assert call(url, request_wire)[0] == 200
        assert time.monotonic() - began >= 0.15


def test_unreadable_request_is_refused_with_its_place_and_without_content(
    url: str, request_wire: bytes
) -> None:
    status, body = call(url, request_wire.replace(b"<code>w</code>", b"<code>geheim</code>"))
    assert status == 400
    assert b"geschlecht" in body
    assert b"geheim" not in body
    assert call(url, b"<geheim")[0] == 400
    assert json.loads(call(url, path="/seen")[1]) == {}


def test_seen_counts_by_message_id(url: str, request_wire: bytes) -> None:
    for _ in range(2):
        call(url, request_wire)
    other = request_wire.replace(b"6f1c9a54", b"00000000")
    call(url, other)
    assert sorted(json.loads(call(url, path="/seen")[1]).values()) == [1, 2]


def test_other_paths_are_not_found(url: str) -> None:
    assert call(url, path="/other")[0] == 404


def test_answer_that_cannot_be_written_is_an_error_with_its_place(
    exchange: Exchange, tmp_path: Path, clock: Clock, request_wire: bytes
) -> None:
    plan = Plan(otherwise=Effect(answer="hit"))
    (tmp_path / "answer-hit.api.json").write_text('{"outcome": "geheim"}')
    app = create_authority(exchange, plan, tmp_path, clock)
    reply = app.ask(request_wire)
    assert reply.status == 500
    assert b"geheim" not in reply.body
    assert reply.body.count(b"\n") >= 1


def planned(
    exchange: Exchange, examples: Path, clock: Clock, *rules: Rule, **settings: Any
) -> SimulatedAuthority:
    plan = Plan(otherwise=Effect(answer="hit"), rules=rules, **settings)
    return create_authority(exchange, plan, examples, clock)


def is_refused(url: str) -> bool:
    try:
        call(url, path="/seen")
    except ConnectionRefusedError:
        return True
    return False


def await_open(url: str) -> None:
    limit = time.monotonic() + 10
    while is_refused(url):
        assert time.monotonic() < limit, "it did not come back"
        time.sleep(0.01)


def test_rule_that_may_decide_twice_is_counted(
    exchange: Exchange, examples: Path, clock: Clock, request_wire: bytes
) -> None:
    rule = Rule(effect=Effect(answer="hit", status=500), times=2)
    with serve(planned(exchange, examples, clock, rule)) as url:
        assert [call(url, request_wire)[0] for _ in range(3)] == [500, 500, 200]


def test_requests_that_were_never_read_are_counted_and_not_seen(
    exchange: Exchange, examples: Path, clock: Clock, request_wire: bytes
) -> None:
    rules = (
        Rule(effect=Effect(answer="hit", fault=Fault.RESET_AT_ONCE), nth=frozenset({1}), times=1),
        Rule(effect=Effect(answer="hit", status=503), nth=frozenset({2})),
    )
    with serve(planned(exchange, examples, clock, *rules)) as url:
        assert post(url, request_wire) == Heard(data=b"", was_reset=True)
        assert [call(url, request_wire)[0] for _ in range(2)] == [503, 200]
        assert list(json.loads(call(url, path="/seen")[1]).values()) == [2]


def test_authority_that_goes_away_refuses_connections_and_comes_back(
    exchange: Exchange, examples: Path, clock: Clock, request_wire: bytes
) -> None:
    away = Effect(answer="hit", fault=Fault.AWAY, lasts=timedelta(milliseconds=300))
    with serve(planned(exchange, examples, clock, Rule(effect=away, times=1))) as url:
        assert post(url, request_wire).was_reset
        assert is_refused(url)
        await_open(url)
        assert call(url, request_wire)[0] == 200


def test_authority_that_ends_while_it_is_away_frees_its_port(
    exchange: Exchange, examples: Path, clock: Clock, request_wire: bytes
) -> None:
    away = Effect(answer="hit", fault=Fault.AWAY, lasts=timedelta(hours=1))
    app = planned(exchange, examples, clock, Rule(effect=away))
    with serve(app) as url:
        assert post(url, request_wire).was_reset
    port = urlsplit(url).port or 0
    with serve(planned(exchange, examples, clock), port=port) as again:
        assert call(again, request_wire)[0] == 200


def test_authority_takes_its_port_again_while_its_old_connections_linger(
    exchange: Exchange, examples: Path, clock: Clock, request_wire: bytes
) -> None:
    with serve(planned(exchange, examples, clock)) as url:
        # The side that closes first keeps the connection for a minute (TIME_WAIT).
        assert post(url, request_wire).data.startswith(b"HTTP/1.1 200")
    with serve(planned(exchange, examples, clock), port=urlsplit(url).port or 0) as again:
        assert call(again, request_wire)[0] == 200


def test_connections_are_refused_until_it_opens(
    exchange: Exchange, examples: Path, clock: Clock, request_wire: bytes
) -> None:
    app = planned(exchange, examples, clock, opens_after=timedelta(milliseconds=300))
    with serve(app) as url:
        assert is_refused(url)
        await_open(url)
        assert call(url, request_wire)[0] == 200


def test_authority_that_never_opened_can_be_ended(
    exchange: Exchange, examples: Path, clock: Clock
) -> None:
    with serve(planned(exchange, examples, clock, opens_after=timedelta(hours=1))) as url:
        assert is_refused(url)


def test_port_that_is_taken_is_named(exchange: Exchange, examples: Path, clock: Clock) -> None:
    app = planned(exchange, examples, clock)
    with (
        serve(app) as url,
        pytest.raises(ConfigurationError, match="in use"),
        serve(app, port=urlsplit(url).port or 0),
    ):
        pytest.fail("two servers share a port")


def test_it_speaks_tls_with_the_certificate_it_is_given(
    exchange: Exchange, examples: Path, clock: Clock, request_wire: bytes
) -> None:
    identity = make_identity(Certificate.RIGHT, datetime.now(UTC))
    trust = ssl.create_default_context(cadata=identity.trust_pem.decode())
    with serve(planned(exchange, examples, clock), tls=identity.context) as url:
        assert url.startswith("https://127.0.0.1:")
        answer = httpx.post(url, content=request_wire, verify=trust, trust_env=False)
    assert answer.status_code == 200


def test_request_handed_over_without_a_server_is_counted(
    exchange: Exchange, examples: Path, clock: Clock, request_wire: bytes
) -> None:
    rule = Rule(effect=Effect(answer="hit", status=500), nth=frozenset({2}))
    app = planned(exchange, examples, clock, rule)
    assert [app.ask(request_wire).status for _ in range(3)] == [200, 500, 200]


def test_every_request_is_told_in_one_line_without_content(
    exchange: Exchange, examples: Path, clock: Clock, request_wire: bytes
) -> None:
    told: list[str] = []
    rules = (
        Rule(effect=Effect(answer="hit", fault=Fault.RESET_AT_ONCE), nth=frozenset({1})),
        Rule(effect=Effect(answer="hit", status=503), nth=frozenset({2})),
        Rule(effect=Effect(answer="hit", fault=Fault.HALF), nth=frozenset({3})),
    )
    plan = Plan(otherwise=Effect(answer="hit"), rules=rules)
    app = create_authority(exchange, plan, examples, clock, tell=told.append)
    with serve(app) as url:
        for _ in range(4):
            post(url, request_wire)
        post(url, b"<geheim>")
    (message_id,) = app.seen()
    assert told[:4] == [
        "Request 1: reset-at-once",
        f"Request 2, message {message_id}, attempt 1: status 503",
        f"Request 3, message {message_id}, attempt 2: half",
        f"Request 4, message {message_id}, attempt 3: hit",
    ]
    assert told[4].startswith("Request 5: refused. ")
    assert "geheim" not in told[4]
