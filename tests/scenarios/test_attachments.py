"""Attachments from the caller to the authority: real server, store, folder and HTTP."""

import hashlib
import threading
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from gateway.security.tokens import new_token
from gateway.settings import load_settings
from tests.scenarios.deposits.authority import Deposit, DepositAuthority, serving
from tests.scenarios.deposits.house import PATH, RECIPIENT, write_config
from tests.scenarios.live import live

PDF = {"Content-Type": "application/pdf"}
PLAN = b"%PDF-1.7\n" + bytes(range(256)) * 4096


@dataclass(frozen=True, kw_only=True, slots=True)
class Town:
    """A gateway with one caller, and the authority behind it."""

    http: httpx.Client
    authority: DepositAuthority
    folder: Path

    def send(self, content: bytes = PLAN, **headers: str) -> dict[str, Any]:
        response = self.http.post("/v1/attachments", content=content, headers=PDF | headers)
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
    token, authority = new_token(), DepositAuthority()
    with serving(authority) as url:
        config = write_config(tmp_path, token, url, attachments="largest_megabytes = 8")
        with (
            live(load_settings(config), token.token) as running,
            running.client(Authorization=f"Bearer {token.token}") as http,
        ):
            yield Town(http=http, authority=authority, folder=tmp_path)


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
