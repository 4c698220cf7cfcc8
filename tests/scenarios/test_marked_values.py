"""Values of a message are found in its stages and its answer, and nowhere else, whatever happens.

Kept out: maps and validators by themselves; here is what a caller, an operator and a log collector
get to see.
"""

import asyncio
import contextlib
import logging
import tomllib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.bootstrap import Gateway, MakeTransport, build
from gateway.flow.fault_points import FaultHook, FaultPoint, no_fault
from gateway.messaging.message import MessageId, StageKind
from gateway.security.tokens import Token, new_token
from gateway.settings import Settings
from tests.scenarios.marked import (
    MARK,
    Answer,
    BuggyTransport,
    answer_to,
    answering,
    body_of,
    everything_logged,
    http,
    marked_search,
)

PATH = "/v1/residents/search"
RECIPIENT = "ags:16099001"
MARKED = MARK.encode()
UNUSUAL = frozenset({StageKind.KEPT_ANSWER, StageKind.LATER_ANSWER})
"""Stages that a plain search has none of."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One call, how the authority answers it, and the status the caller gets."""

    status: int
    code: str = ""
    body: bytes = body_of(marked_search())
    headers: Mapping[str, str] = field(default_factory=dict)
    answer: Answer = lambda request: http(answer_to(request))
    delay: float = 0
    make_transport: MakeTransport | None = None
    hit: FaultHook = no_fault
    prefer: str = "wait=5"


def quoting(point: FaultPoint) -> FaultHook:
    """A bug at a fault point that quotes a value."""

    def hook(reached: FaultPoint) -> None:
        if reached is point:
            raise ValueError(f"{MARK} at {reached}")

    return hook


def marked_search_in(part: str, value: Any) -> bytes:
    """A search with another value below ``search``."""
    document = marked_search()
    document["search"][part] = value
    return body_of(document)


REFUSED = {
    "unknown property": Case(
        status=422, code="schema-violation", body=body_of(marked_search(unknown=MARK))
    ),
    "marked property": Case(
        status=422, code="schema-violation", body=body_of(marked_search(**{MARK: 1}))
    ),
    "marked property twice": Case(status=400, body=b'{"' + MARKED + b'": 1, "' + MARKED + b'": 2}'),
    "marked record reference too long": Case(
        status=422,
        code="schema-violation",
        body=body_of(
            marked_search(search={"by": "recordReference", "recordReference": MARK * 1000})
        ),
    ),
    "marked address": Case(
        status=422, code="schema-violation", body=marked_search_in("address", {MARK: MARK})
    ),
    "wrong type": Case(
        status=422, code="schema-violation", body=body_of(marked_search(officer=[MARK, MARK]))
    ),
    "too long": Case(
        status=422, code="schema-violation", body=body_of(marked_search(purpose=MARK * 1000))
    ),
    "unknown branch": Case(
        status=422, code="schema-violation", body=marked_search_in("by", f"{MARK}By")
    ),
    "no date": Case(
        status=422,
        code="schema-violation",
        body=marked_search_in("dateOfBirth", {"kind": "date", "date": MARK}),
    ),
    "not in the repertoire": Case(
        status=422, body=body_of(marked_search(purpose=f"{MARK}\u2603\u4e2d"))
    ),
    "not in XML": Case(status=422, body=body_of(marked_search(purpose=f"{MARK}\x01"))),
    "no JSON": Case(status=400, code="body-malformed", body=b'{"a": ' + MARKED),
    "key twice": Case(status=400, body=b'{"a": "' + MARKED + b'", "a": "' + MARKED + b'"}'),
    "no UTF-8": Case(status=400, body=b'{"a": "' + MARKED + b'\xff"}'),
    "no object": Case(status=422, body=b'"' + MARKED + b'"'),
    "number": Case(status=422, body=body_of(marked_search()).replace(b'"Zxq7Marker0"', b"1e999")),
    "too large": Case(status=413, code="body-too-large", body=MARKED * 200_000),
    "no route": Case(status=422, code="no-route", headers={"Recipient": "ags:16000000"}),
    "not permitted": Case(status=403, headers={"Recipient": "ags:09162000"}),
    "recipient mismatch": Case(
        status=422, code="recipient-mismatch", body=body_of(marked_search(recipient={"id": MARK}))
    ),
    "another sender": Case(
        status=403,
        body=body_of(
            marked_search(sender={"id": "dbs:060030010000", "directory": MARK, "name": MARK})
        ),
    ),
    "own message id": Case(status=422, body=body_of(marked_search(messageId=MARK))),
    "marked recipient": Case(status=400, headers={"Recipient": MARK}),
    "marked content type": Case(status=415, headers={"Content-Type": f"text/{MARK}"}),
    "marked token": Case(status=401, headers={"Authorization": f"Bearer {MARK}"}),
    "test message": Case(status=422, headers={"Test-Message": "true"}),
}

REFUSED_BY_AUTHORITY = b"HTTP/1.1 400 " + MARKED
BROKEN = b"HTTP/1.1 500 " + MARKED

FAILED = {
    "authority refuses": Case(
        status=502,
        code="authority-refused",
        answer=lambda request: http(request, head=REFUSED_BY_AUTHORITY),
    ),
    "authority fails": Case(status=502, answer=lambda request: http(request, head=BROKEN)),
    "authority is busy": Case(
        status=502,
        answer=lambda request: http(
            request, head=b"HTTP/1.1 503 " + MARKED, more=b"Retry-After: " + MARKED + b"\r\n"
        ),
    ),
    "answer is no XML": Case(status=502, code="answer-unreadable", answer=lambda _: http(MARKED)),
    "answer is cut off": Case(
        status=502, code="answer-unreadable", answer=lambda request: http(answer_to(request)[:-200])
    ),
    "answer breaks its schema": Case(
        status=502,
        code="answer-unreadable",
        answer=lambda request: http(answer_to(request).replace(b"<code>", b"<code>" + MARKED)),
    ),
    "answer has an unknown element": Case(
        status=502,
        code="answer-unreadable",
        answer=lambda request: http(
            answer_to(request).replace(
                b"</nachrichtenkopf.g2g>", b"<x>" + MARKED + b"</x></nachrichtenkopf.g2g>"
            )
        ),
    ),
    "answer is the request": Case(status=502, code="answer-unreadable", answer=http),
    "answer has an entity": Case(
        status=502,
        code="answer-unreadable",
        answer=lambda _: http(
            b'<!DOCTYPE a [<!ENTITY b "' + MARKED + b'">]><a>&b;</a>',
            more=b"Content-Type: text/" + MARKED + b"\r\n",
        ),
    ),
    "answer to another message": Case(
        status=502,
        code="answer-unreadable",
        answer=lambda _: http(answer_to(b"<nachrichtenUUID>00000000-0000-4000-8000-000000000000<")),
    ),
    "answer ends too early": Case(
        status=502, answer=lambda request: http(answer_to(request))[:-500]
    ),
    "answer is no HTTP": Case(status=502, answer=lambda _: MARKED + b"\r\n\r\n" + MARKED),
    "answer has a bad header": Case(
        status=502, answer=lambda _: http(MARKED, more=MARKED + b"\x00\r\n")
    ),
    "connection is dropped": Case(status=502, answer=lambda _: None),
    "answer is late": Case(status=504, code="message-expired", delay=1.5, prefer="wait=1"),
    "bug in a transport": Case(
        status=502, make_transport=lambda _channel, _clock: BuggyTransport()
    ),
    "bug before acceptance": Case(
        status=500, code="internal-error", hit=quoting(FaultPoint.ACCEPT_BEFORE_COMMIT)
    ),
    "bug before the delivery": Case(status=502, hit=quoting(FaultPoint.DELIVER_BEFORE_EXCHANGE)),
    "bug after the answer": Case(status=502, hit=quoting(FaultPoint.DELIVER_AFTER_ANSWER)),
    "bug before the response": Case(
        status=500, code="internal-error", hit=quoting(FaultPoint.ASK_BEFORE_RESPONSE)
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """A started gateway and a way to call it."""

    gateway: Gateway
    http: httpx.AsyncClient
    database: Path


@contextlib.asynccontextmanager
async def running(folder: Path, case: Case) -> AsyncIterator[Running]:
    """The demo's configuration, a real store, and an authority that answers as the case says."""
    token = new_token()
    async with answering(case.answer, case.delay) as url:
        settings = settings_of(folder, token, url)
        gateway = build(settings, make_transport=case.make_transport, hit=case.hit)
        await gateway.desk.start()
        try:
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(gateway.app),
                base_url="http://gateway",
                headers={
                    "Authorization": f"Bearer {token.token}",
                    "Content-Type": "application/json",
                    "Recipient": RECIPIENT,
                    "Prefer": case.prefer,
                },
            ) as client:
                yield Running(gateway=gateway, http=client, database=settings.store.path)
        finally:
            await gateway.desk.stop()


def settings_of(folder: Path, token: Token, url: str) -> Settings:
    """The demo's settings for this authority."""
    text = files("gateway.cli").joinpath("demo.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text.replace("0" * 64, token.sha256))
    data["store"]["path"] = str(folder / "messages.sqlite3")
    data["schemas"] = {"path": str(folder / "installed")}
    data["channels"][0]["address"] = url
    data["channels"][0]["retry"] = {"first_wait": 0.02, "longest_wait": 0.05, "max_attempts": 2}
    return Settings(**data)


async def said_about(house: Running, message_id: str) -> list[str]:
    """Everything the API tells about a message, except its answer."""
    paths = ("", "/history", "/attempts", "/ledger")
    return [(await house.http.get(f"/v1/messages/{message_id}{path}")).text for path in paths]


async def said_about_all(house: Running) -> list[str]:
    """Everything the API tells about messages and itself."""
    page = await house.http.get("/v1/messages")
    said = [page.text, (await house.http.get("/metrics")).text]
    said.append((await house.http.get("/health/ready")).text)
    for message in page.json()["messages"]:
        said += await said_about(house, message["id"])
    return said


def told(response: httpx.Response) -> str:
    """Head and body of a response."""
    return f"{response.headers} {response.text}"


async def ask(house: Running, case: Case) -> httpx.Response:
    return await house.http.post(PATH, content=case.body, headers=dict(case.headers))


async def stages(house: Running) -> dict[StageKind, bytes]:
    """The content that is kept of the only message."""
    (message,) = (await house.http.get("/v1/messages")).json()["messages"]
    found = {
        kind: await house.gateway.desk.store.stage(MessageId(message["id"]), kind)
        for kind in StageKind
    }
    return {kind: stage.body for kind, stage in found.items() if stage is not None}


@pytest.mark.parametrize(
    "body",
    [
        body_of(marked_search()),
        body_of(marked_search(search={"by": "recordReference", "recordReference": MARK})),
    ],
    ids=["criteria", "record reference"],
)
async def test_an_answered_search_is_found_in_its_stages_and_its_answer_only(
    tmp_path: Path, body: bytes
) -> None:
    case = Case(status=200, body=body)
    with everything_logged() as net:
        async with running(tmp_path, case) as house:
            response = await ask(house, case)
            kept = await stages(house)
            said = await said_about_all(house)
    assert response.status_code == case.status, response.text
    assert MARK in response.text
    assert kept.keys() == set(StageKind) - UNUSUAL
    assert all(MARKED in body for body in kept.values())
    assert net.texts
    assert_unmarked([*net.texts, *said])


@pytest.mark.parametrize("name", REFUSED)
async def test_a_refusal_quotes_nothing(tmp_path: Path, name: str) -> None:
    case = REFUSED[name]
    with everything_logged() as net:
        async with running(tmp_path, case) as house:
            response = await ask(house, case)
            preview = await house.http.post(
                f"{PATH}/check", content=case.body, headers=dict(case.headers)
            )
            said = await said_about_all(house)
            page = await house.http.get("/v1/messages")
    assert response.status_code == preview.status_code == case.status, response.text
    assert response.json()["code"] == (case.code or response.json()["code"])
    assert page.json()["messages"] == []
    assert_unmarked([told(response), told(preview), *net.texts, *said])


@pytest.mark.parametrize("name", FAILED)
async def test_a_failure_quotes_nothing(tmp_path: Path, name: str) -> None:
    case = FAILED[name]
    with everything_logged() as net:
        async with running(tmp_path, case) as house:
            response = await ask(house, case)
            await asyncio.sleep(case.delay)
            said = await said_about_all(house)
    said += await after_restart(tmp_path, case)
    assert response.status_code == case.status, response.text
    assert response.json()["code"] == (case.code or response.json()["code"])
    assert_unmarked([told(response), *net.texts, *said])


async def after_restart(folder: Path, case: Case) -> list[str]:
    """What a gateway tells that finds what the one before left."""
    with everything_logged() as net:
        async with running(folder, replace(case, hit=no_fault)) as house:
            said = await said_about_all(house)
    return [*net.texts, *said]


def test_a_leak_into_a_log_would_be_found() -> None:
    log = logging.getLogger("gateway.test")
    with everything_logged() as net:
        log.info("%s", MARK)
        log.info("said", extra={"said": MARK})
        try:
            raise ValueError(MARK)  # noqa: TRY301 - what is logged here is the point
        except ValueError:
            log.exception("failed")
    for number in range(0, len(net.texts), 4):
        with pytest.raises(AssertionError):
            assert_unmarked(net.texts[number : number + 4])


async def test_a_store_that_is_gone_quotes_nothing(tmp_path: Path) -> None:
    case = Case(status=503, code="store-unavailable")
    with everything_logged() as net:
        async with running(tmp_path, case) as house:
            aside = house.database.with_name("aside")
            house.database.rename(aside)
            response = await ask(house, case)
            aside.rename(house.database)
            said = await said_about_all(house)
    assert (response.status_code, response.json()["code"]) == (case.status, case.code)
    assert_unmarked([told(response), *net.texts, *said])


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/messages/{MARK}",
        f"/v1/messages/{MARK}/answer",
        f"/v1/messages?state={MARK}",
        f"/v1/messages?cursor={MARK}",
        f"/v1/messages?since={MARK}",
        f"/v1/{MARK}/{MARK}",
        f"/problems/{MARK}",
    ],
)
async def test_a_marked_path_is_not_repeated(tmp_path: Path, path: str) -> None:
    with everything_logged() as net:
        async with running(tmp_path, Case(status=404)) as house:
            response = await house.http.get(path)
            said = await said_about_all(house)
    assert response.is_client_error
    assert_unmarked([told(response), *net.texts, *said])


def assert_unmarked(texts: list[str]) -> None:
    """No text holds a marker; says where the first one does, with what surrounds it."""
    for text in texts:
        at = text.find(MARK)
        assert at < 0, f"marked: …{text[max(at - 200, 0) : at + 60]}…"
