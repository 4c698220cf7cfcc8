"""What the simulated authority answers: request bytes in, reply out.

The adapter's maps are used in reverse, its example answers are the content. Pure: no clock, no
counters, no network (``gateway.simulation.server`` holds them).
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from gateway.errors import ConfigurationError, Place
from gateway.simulation.plan import Effect, Fault, Plan, value_at
from gateway.translation import Exchange

PREFIX = "answer-"
SUFFIX = ".api.json"
PARTY_FIELDS = ("id", "directory", "name", "contacts", "address")
"""Fields of a party that the gateway supplies, and that therefore may be swapped."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A request that could be read."""

    message_id: str
    document: Mapping[str, Any]
    wire: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """What the server knows about one request beside its bytes.

    Attributes:
        number: Which request this is, counted from 1.
        attempt: How often the same message has come, this time included.
        at: When; aware, UTC.
        answer_id: Message id for the answer.
    """

    number: int
    attempt: int
    at: datetime
    answer_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What is sent back; ``drops`` closes the connection without a byte."""

    status: int
    body: bytes
    content_type: str
    delay: timedelta = timedelta(0)
    drops: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Authority:
    """One operation of one authority: its maps, its plan and its answers by name."""

    exchange: Exchange
    plan: Plan
    answers: Mapping[str, Mapping[str, Any]]

    def read(self, data: bytes) -> Asked:
        """Read a wire request.

        Raises:
            MessageRefusedError: It is malformed, breaks the wire schema, or no map takes it.
        """
        read = self.exchange.read_request(data)
        document = read.reading.document
        joined_on = [*read.map.correlates, "/messageId"]
        return Asked(message_id=str(value_at(document, joined_on[0])), document=document, wire=data)

    def reply(self, asked: Asked, sighting: Sighting) -> Reply:
        """Choose by the plan and write the answer.

        Raises:
            MessageRefusedError: The chosen example cannot be written.
        """
        effect = self.plan.choose(asked.document, number=sighting.number, attempt=sighting.attempt)
        if effect.fault is Fault.DROP:
            return Reply(
                status=HTTPStatus.OK, body=b"", content_type="", delay=effect.delay, drops=True
            )
        if effect.status is not None:
            text = f"The simulated authority was told to answer {effect.status}."
            return plain(effect.status, text, delay=effect.delay)
        return self._answer(asked, sighting, effect)

    def _answer(self, asked: Asked, sighting: Sighting, effect: Effect) -> Reply:
        document = address(self.answers[effect.answer], asked.document)
        supplies = {
            "message.id": sighting.answer_id,
            "message.createdAt": sighting.at.isoformat(timespec="milliseconds"),
            "rejected.message": b64encode(asked.wire).decode(),
        }
        body = self.exchange.write_answer(document, supplies).writing.data
        if effect.fault is Fault.MALFORMED:
            body = body[: len(body) // 2]
        return Reply(
            status=HTTPStatus.OK, body=body, content_type="application/xml", delay=effect.delay
        )


def address(example: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """Turn an example into the answer to one request.

    The answer goes to who asked, comes from who was asked, and refers to the request: fields of
    ``inReplyTo`` are those of the same name in the request's head. Its own id and time, and the
    message it rejects, are left out, so that they are supplied.
    """
    answer = deepcopy(dict(example))
    for field in ("messageId", "createdAt", "test", "rejectedMessage"):
        answer.pop(field, None)
    if "test" in request:
        answer["test"] = request["test"]
    for side, other in (("recipient", "sender"), ("sender", "recipient")):
        party = _as_party(answer.get(side, {}), request.get(other, {}))
        if party:  # not every operation has parties in its documents
            answer[side] = party
    reference = answer.get("inReplyTo")
    if isinstance(reference, dict):
        reference.update({name: request[name] for name in reference if name in request})
    return answer


def _as_party(example: Mapping[str, Any], party: Mapping[str, Any]) -> dict[str, Any]:
    return {**example, **{name: party[name] for name in PARTY_FIELDS if name in party}}


def plain(status: int, text: str, *, delay: timedelta = timedelta(0)) -> Reply:
    """A reply that is a sentence."""
    return Reply(
        status=status,
        body=text.encode(),
        content_type="text/plain; charset=utf-8",
        delay=delay,
    )


def load_answers(examples: Path, wanted: frozenset[str]) -> dict[str, Mapping[str, Any]]:
    """Read the example answers ``answer-<name>.api.json`` that a plan names.

    Raises:
        ConfigurationError: Lists every one that is missing or no JSON object.
    """
    answers: dict[str, Mapping[str, Any]] = {}
    faults = []
    for name in sorted(wanted):
        path = examples / f"{PREFIX}{name}{SUFFIX}"
        try:
            document = json.loads(path.read_bytes())
        except (OSError, ValueError):
            document = None
        if isinstance(document, dict):
            answers[name] = document
        else:
            detail = "This example answer is missing or no JSON object."
            faults.append(Place(keyword="example", detail=detail, rule=path.name))
    if faults:
        raise ConfigurationError("The plan names answers that cannot be given.", places=faults)
    return answers
