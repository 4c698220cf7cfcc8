"""What the demo shows: one search from the caller's JSON to the authority's XML and back.

Everything goes through the gateway's REST API, except the two wire messages: those are read from
its store, because no API hands them out.
"""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import httpx

from gateway.bootstrap import Gateway
from gateway.cli.client import error_of
from gateway.cli.screen import Screen, readable_json, readable_xml
from gateway.errors import GatewayError
from gateway.messaging.message import MessageId, StageKind

PATH = "/v1/residents/search"
RECIPIENT = "ags:16099001"
REJECTED_NAME = "Abgelehnt"
"""Family name that the simulated authority's plan answers with a rejection."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """The demo's steps; any that does not turn out as it should raises."""

    gateway: Gateway
    token: str
    search: Mapping[str, Any]
    screen: Screen

    async def tell(self) -> None:
        """Show a search that finds a person, then one that the authority rejects."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with httpx.AsyncClient(
            base_url=self.gateway.url, headers=headers, trust_env=False, timeout=60
        ) as http:
            await self._found(http)
            await self._rejected(http)

    async def _found(self, http: httpx.AsyncClient) -> None:
        self.screen.document(
            "What the caller sends",
            readable_json(self.search),
            note=f"POST {PATH} · Recipient: {RECIPIENT}",
        )
        answer, message_id = await self._ask(http, self.search, outcome="answered")
        wire = await self._wire(message_id, StageKind.WIRE_REQUEST)
        self.screen.document(
            "What the authority gets", wire, language="xml", note="XMeld 1330, schema-checked"
        )
        wire = await self._wire(message_id, StageKind.WIRE_ANSWER)
        self.screen.document(
            "What the authority answers", wire, language="xml", note="XMeld 1331, schema-checked"
        )
        self.screen.document("What the caller gets", _essence(answer), note="200 OK")
        path = f"/v1/messages/{message_id}"
        ledger = await _get(http, f"{path}/ledger")
        self.screen.document(
            "The ledger: what became of every value", readable_json(ledger), note=f"{path}/ledger"
        )
        history = await _get(http, f"{path}/history")
        rows = [
            [event["at"][11:23], event["event"], event["state"], event["hash"][:16]]
            for event in history
        ]
        headings = ("time (UTC)", "event", "state", "chained hash")
        self.screen.table("The history", headings, rows, note=f"{path}/history")

    async def _rejected(self, http: httpx.AsyncClient) -> None:
        search = deepcopy(dict(self.search))
        search["search"]["name"]["familyName"]["text"] = REJECTED_NAME
        answer, _ = await self._ask(http, search, outcome="rejected")
        self.screen.document(
            "A search that the authority rejects",
            _essence(answer),
            note="200 OK, outcome rejected: never mistaken for `no such person`",
        )

    async def _ask(
        self, http: httpx.AsyncClient, search: Mapping[str, Any], *, outcome: str
    ) -> tuple[dict[str, Any], MessageId]:
        response = await http.post(
            PATH,
            content=json.dumps(search).encode(),
            headers={"Content-Type": "application/json", "Recipient": RECIPIENT},
        )
        if response.status_code != httpx.codes.OK:
            raise error_of(response)
        answer: dict[str, Any] = response.json()
        if answer.get("outcome") != outcome:
            raise GatewayError(f"The demo expected an answer with the outcome {outcome}.")
        return answer, MessageId(response.headers["message-id"])

    async def _wire(self, message_id: MessageId, kind: StageKind) -> str:
        stage = await self.gateway.desk.store.stage(message_id, kind)
        if stage is None:
            raise GatewayError(f"The demo expected the stage {kind} in the store.")
        return readable_xml(stage.body)


def _essence(answer: Mapping[str, Any]) -> str:
    """An answer with what was said before who said it."""
    head = ("messageId", "createdAt", "sender", "recipient", "inReplyTo")
    said = {name: value for name, value in answer.items() if name not in head}
    return readable_json({**said, **{name: answer[name] for name in head if name in answer}})


async def _get(http: httpx.AsyncClient, path: str) -> Any:
    response = await http.get(path)
    if response.is_error:
        raise error_of(response)
    return response.json()
