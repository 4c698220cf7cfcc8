"""Attachments from the caller to the authority: real server, store, folder and HTTP."""

import asyncio
import hashlib
import socket
import threading
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import apsw
import httpx
import pytest

from bench.deposits.authority import DepositAuthority, serving
from bench.deposits.house import PATH, RECIPIENT, write_config
from gateway.messaging.placeholder import placeholder_of
from gateway.security.tokens import new_token
from gateway.settings import load_settings
from tests.gateway.security.clamd_server import EICAR, Clamd
from tests.gateway.store.bucket_server import bucket_server
from tests.scenarios.live import live

PDF = {"Content-Type": "application/pdf"}
PLAN = b"%PDF-1.7\n" + bytes(range(256)) * 4096


@dataclass(frozen=True, kw_only=True, slots=True)
class Town:
    """A gateway with one caller, and the authority behind it."""

    http: httpx.Client
    authority: DepositAuthority
    folder: Path

    def send(
        self, content: bytes = PLAN, headers: Mapping[str, str] = MappingProxyType({})
    ) -> dict[str, Any]:
        response = self.http.post("/v1/attachments", content=content, headers={**PDF, **headers})
        assert response.status_code == 201, response.text
        document: dict[str, Any] = response.json()
        return document

    def hand_in(self, *attachments: str, **headers: str) -> httpx.Response:
        documents = [{"title": f"Plan {one[:4]}", "content": one} for one in attachments]
        return self.http.post(
            PATH,
            json={"documents": documents},
            headers={"Idempotency-Key": str(uuid4()), "Recipient": RECIPIENT} | headers,
        )

    def files(self) -> list[Path]:
        return sorted(p for p in (self.folder / "attachments").glob("??/*"))


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with town_in(tmp_path, "largest_megabytes = 8") as found:
        yield found


@contextmanager
def town_in(folder: Path, attachments: str, **store: str) -> Iterator[Town]:
    """A town with these settings of attachments, and of the message store."""
    token, authority = new_token(), DepositAuthority()
    with serving(authority) as url:
        config = write_config(folder, token, url, attachments=attachments)
        settings = load_settings(config)
        if store:
            kept = settings.store.model_validate(store)
            settings = settings.model_copy(update={"store": kept})
        with (
            live(settings, token.token) as running,
            running.client(Authorization=f"Bearer {token.token}") as http,
        ):
            yield Town(http=http, authority=authority, folder=folder)


def test_an_attachment_is_streamed_to_the_authority_as_base64(town: Town) -> None:
    sent = town.send()
    assert sent["sha256"] == hashlib.sha256(PLAN).hexdigest()
    assert sent["size"] == len(PLAN)
    answered = town.hand_in(sent["id"])
    assert answered.status_code == 200, answered.text
    (deposit,) = town.authority.seen
    assert deposit.sha256 == [sent["sha256"]]
    assert deposit.size == deposit.announced
    assert deposit.message_id == answered.headers["Message-Id"]


def test_several_attachments_stand_where_the_document_says(town: Town) -> None:
    contents = [b"%PDF-" + bytes([number]) * (number * 100_000 + number) for number in range(3)]
    ids = [town.send(content)["id"] for content in contents]
    assert town.hand_in(ids[2], ids[0], ids[1], ids[0]).status_code == 200
    (deposit,) = town.authority.seen
    expected = [hashlib.sha256(contents[number]).hexdigest() for number in (2, 0, 1, 0)]
    assert deposit.sha256 == expected


def test_an_attempt_that_failed_is_repeated_with_all_of_the_content(town: Town) -> None:
    town.authority.statuses = [503, 503]
    sent = town.send()
    assert town.hand_in(sent["id"]).status_code in (200, 202)
    deadline = threading.Event()
    while len(town.authority.seen) < 3 or not town.authority.seen[2].whole:
        deadline.wait(0.02)
    assert [deposit.sha256 for deposit in town.authority.seen] == [[sent["sha256"]]] * 3


def test_what_is_stored_of_the_message_is_its_form_without_the_content(town: Town) -> None:
    message_id = town.hand_in(town.send()["id"]).headers["Message-Id"]
    size = one(
        town,
        "SELECT length(body) FROM stages WHERE kind = 'wire_request' AND message_number ="
        " (SELECT number FROM messages WHERE id = ?)",
        message_id,
    )
    assert size < 1_000


def test_unknown_attachments_are_refused_where_they_stand(town: Town) -> None:
    known, unknown = town.send()["id"], str(uuid4())
    refused = town.hand_in(known, unknown, unknown)
    assert refused.status_code == 422
    problem = refused.json()
    assert problem["code"] == "attachment-unusable"
    assert [one["pointer"] for one in problem["errors"]] == [
        "/documents/1/content",
        "/documents/2/content",
    ]
    assert town.authority.seen == []


def test_a_text_that_looks_like_an_attachment_sends_none(town: Town) -> None:
    sent = town.send()
    document = {"documents": [{"title": placeholder_of(sent["id"]), "content": sent["id"]}]}
    headers = {"Idempotency-Key": str(uuid4()), "Recipient": RECIPIENT}
    refused = town.http.post(PATH, json=document, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "not-expressible")
    assert town.authority.seen == []


def test_a_check_shows_the_form_and_refuses_as_the_call_would(town: Town) -> None:
    sent = town.send()
    documents = {"documents": [{"title": "Plan", "content": sent["id"]}]}
    headers = {"Idempotency-Key": str(uuid4()), "Recipient": RECIPIENT}
    preview = town.http.post(f"{PATH}/check", json=documents, headers=headers)
    assert placeholder_of(sent["id"]) in preview.json()["wire"]["text"]
    documents["documents"][0]["content"] = str(uuid4())
    refused = town.http.post(f"{PATH}/check", json=documents, headers=headers)
    assert refused.json()["code"] == "attachment-unusable"


def test_the_same_content_is_kept_once_and_goes_with_its_last_attachment(town: Town) -> None:
    first, second = town.send(), town.send()
    assert first["id"] != second["id"]
    assert len(town.files()) == 1
    assert town.http.delete(f"/v1/attachments/{first['id']}").status_code == 204
    assert town.http.get(f"/v1/attachments/{first['id']}").status_code == 404
    assert town.http.get(f"/v1/attachments/{second['id']}/content").content == PLAN
    assert town.http.delete(f"/v1/attachments/{second['id']}").status_code == 204
    assert town.files() == []


def test_an_attachment_of_a_message_is_not_removed_before_the_message(town: Town) -> None:
    sent = town.send()
    assert sent["expiresAt"] is not None
    town.hand_in(sent["id"])
    refused = town.http.delete(f"/v1/attachments/{sent['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "attachment-in-use")
    assert town.http.get(f"/v1/attachments/{sent['id']}").json()["expiresAt"] is None
    assert len(town.files()) == 1


def test_content_comes_back_as_it_was_sent(town: Town) -> None:
    headers = {"Content-Disposition": "attachment; filename*=UTF-8''Pl%C3%A4ne.pdf"}
    sent = town.send(headers=headers)
    assert sent["fileName"] == "Pläne.pdf"
    read = town.http.get(f"/v1/attachments/{sent['id']}/content")
    assert read.content == PLAN
    assert read.headers["Content-Type"] == "application/pdf"
    assert read.headers["Content-Disposition"] == "attachment; filename*=UTF-8''Pl%C3%A4ne.pdf"
    digest = b64encode(bytes.fromhex(sent["sha256"])).decode()
    assert read.headers["Repr-Digest"] == f"sha-256=:{digest}:"


REFUSED: list[tuple[bytes, dict[str, str], int, str]] = [
    (b"%PDF-" + bytes(9 * 2**20), {}, 413, "body-too-large"),
    (PLAN, {"Content-Type": "application/x-dosexec"}, 415, "attachment-type-unsupported"),
    (b"MZ" + bytes(100), {}, 415, "attachment-type-unsupported"),
    (b"", {}, 415, "attachment-type-unsupported"),
    (PLAN, {"Content-Encoding": "gzip"}, 415, "attachment-type-unsupported"),
    (PLAN, {"Repr-Digest": f"sha-256=:{'A' * 43}=:"}, 422, "digest-mismatch"),
    (PLAN, {"Content-Digest": "sha-512=:AAAA:"}, 400, "header-invalid"),
    (PLAN, {"Content-Disposition": 'attachment; filename="../x"'}, 400, "header-invalid"),
    (PLAN, {"Authorization": "Bearer nobody"}, 401, "not-authenticated"),
]


def test_what_is_refused_leaves_nothing(town: Town) -> None:
    for content, headers, status, code in REFUSED:
        announced = town.http.post("/v1/attachments", content=content, headers=PDF | headers)
        pieces = iter([content[:1000], content[1000:]])
        chunked = town.http.post("/v1/attachments", content=pieces, headers=PDF | headers)
        for refused in (announced, chunked):
            assert (refused.status_code, refused.json()["code"]) == (status, code)
        assert town.files() == []
        assert rows(town, "attachments") == rows(town, "attachment_contents") == 0


def test_a_digest_that_fits_is_taken(town: Town) -> None:
    digest = b64encode(hashlib.sha256(PLAN).digest()).decode()
    sent = town.send(headers={"Repr-Digest": f"sha-512=:AAAA:, sha-256=:{digest}:"})
    assert sent["size"] == len(PLAN)


def test_half_an_upload_leaves_nothing(town: Town) -> None:
    url = town.http.base_url
    with socket.create_connection((url.host, url.port or 0)) as half:
        head = (
            f"POST /v1/attachments HTTP/1.1\r\nHost: x\r\nContent-Type: application/pdf\r\n"
            f"Authorization: {town.http.headers['Authorization']}\r\n"
            f"Content-Length: {len(PLAN)}\r\n\r\n"
        )
        half.sendall(head.encode() + PLAN[:600_000])
        waits = threading.Event()
        while rows(town, "attachments") == 0:
            waits.wait(0.01)
    while rows(town, "attachments") or town.files():
        waits.wait(0.01)


def rows(town: Town, table: str) -> int:
    return int(one(town, f"SELECT count(*) FROM {table}"))  # noqa: S608 - a name of ours


def one(town: Town, query: str, *bindings: str) -> Any:
    """A value of the database; by the same library as the gateway's, whose locks it shares."""
    with closing(apsw.Connection(str(town.folder / "messages.sqlite3"))) as database:
        return database.execute(query, bindings).get


BUCKET = """
[attachments.s3]
bucket = "files"
endpoint = "{url}"
access_key_id = "tests"
secret_access_key = "tests"
"""


def test_a_bucket_keeps_attachments_too(tmp_path: Path) -> None:
    with bucket_server() as url:
        httpx.put(f"{url}/files", trust_env=False).raise_for_status()
        with town_in(tmp_path, BUCKET.format(url=url)) as town:
            sent = town.send(PLAN * 12)
            assert town.hand_in(sent["id"]).status_code == 200
            assert town.authority.seen[0].sha256 == [sent["sha256"]]
            assert town.http.get(f"/v1/attachments/{sent['id']}/content").content == PLAN * 12
            assert town.files() == []


def test_messages_in_postgresql_have_attachments_too(tmp_path: Path, postgres_url: str) -> None:
    with town_in(tmp_path, "", url=postgres_url) as town:
        sent = town.send()
        assert town.hand_in(sent["id"]).status_code == 200
        assert town.authority.seen[0].sha256 == [sent["sha256"]]
        assert town.hand_in(str(uuid4())).json()["code"] == "attachment-unusable"
        assert town.http.delete(f"/v1/attachments/{sent['id']}").status_code == 409


async def test_with_a_scanner_a_virus_goes_nowhere(tmp_path: Path) -> None:
    clamd = Clamd()
    async with clamd.over_file(tmp_path / "clamd.ctl") as address:
        folder = tmp_path / "town"
        folder.mkdir()
        await asyncio.to_thread(send_a_virus, folder, f'scanner = "{address}"')
    assert clamd.scanned == [len(PLAN), len(EICAR) + 5]
    with pytest.raises(AssertionError, match="scanner-unavailable"):
        await asyncio.to_thread(send_again, tmp_path / "town", f'scanner = "{address}"')


def send_a_virus(folder: Path, attachments: str) -> None:
    with town_in(folder, attachments) as town:
        sent = town.send()
        refused = town.http.post("/v1/attachments", content=b"%PDF-" + EICAR, headers=PDF)
        assert (refused.status_code, refused.json()["code"]) == (422, "attachment-infected")
        assert [path.name for path in town.files()] == [sent["id"]]


def send_again(folder: Path, attachments: str) -> None:
    again = folder.with_name("again")
    again.mkdir()
    with town_in(again, attachments) as town:
        town.send()
