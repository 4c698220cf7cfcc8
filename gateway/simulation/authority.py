"""What the simulated authority answers: request bytes in, reply out.

The adapter's maps are used in reverse, its example answers are the content. Pure: no clock, no
counters, no network (``gateway.simulation.server`` and ``sending`` hold them).
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from gateway.errors import ConfigurationError, Place
from gateway.simulation.faults import Fault
from gateway.simulation.plan import Effect, Plan, value_at
from gateway.simulation.spoil import spoil
from gateway.translation import Exchange

PREFIX = "answer-"
SUFFIX = ".api.json"
RIGHTLY = Effect(answer="")
"""Nothing was chosen: sent at once, and rightly."""

_PLAIN = "text/plain; charset=utf-8"
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
        answers: How many answers were written before, for their sequence numbers.
    """

    number: int
    attempt: int
    at: datetime
    answer_id: str
    answers: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What is sent back.

    Attributes:
        status: HTTP status.
        body: The whole body as it would be sent if nothing went wrong on the way.
        content_type: Media type; empty: none is declared.
        headers: Further headers.
        effect: How it is sent; without a fault and without delay where nothing was chosen.
    """

    status: int
    body: bytes
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    effect: Effect = RIGHTLY


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

    def reply(self, asked: Asked, sighting: Sighting, effect: Effect) -> Reply:
        """Write what was chosen for this request.

        Raises:
            MessageRefusedError: The chosen example cannot be written.
        """
        if effect.status is not None:
            return _refusal(effect.status, effect)
        if effect.fault in _WITHOUT_ANSWER:
            headers = {"Location": effect.location} if effect.fault is Fault.REDIRECT else {}
            return Reply(
                status=_WITHOUT_ANSWER[effect.fault],
                body=b"",
                content_type="",
                headers=headers,
                effect=effect,
            )
        body = self._answer(asked, sighting, effect)
        return Reply(
            status=HTTPStatus.OK,
            body=spoil(effect.fault, body, seed=f"{self.plan.seed}/{sighting.number}"),
            content_type=effect.content_type or "application/xml",
            effect=effect,
        )

    def _answer(self, asked: Asked, sighting: Sighting, effect: Effect) -> bytes:
        request = asked.document
        if effect.fault is Fault.FOREIGN:
            request = {**request, "messageId": str(uuid5(NAMESPACE_OID, asked.message_id))}
        document = address(self.answers[effect.answer], request)
        supplies: dict[str, str | int] = {
            "message.id": sighting.answer_id,
            "message.createdAt": sighting.at.isoformat(timespec="milliseconds"),
            "rejected.message": b64encode(asked.wire).decode(),
        }
        for counted in self.exchange.answer_numbers:
            leave_out(document, counted.pointer)
            size = counted.last - counted.first + 1
            supplies[counted.supply] = counted.first + sighting.answers % size
        return self.exchange.write_answer(document, supplies).writing.data


def writes_answer(effect: Effect) -> bool:
    """Whether an answer is written, however it is sent."""
    return effect.status is None and effect.fault not in _WITHOUT_ANSWER


_WITHOUT_ANSWER: dict[Fault | None, int] = {
    Fault.DROP: HTTPStatus.OK,
    Fault.RESET: HTTPStatus.OK,
    Fault.AWAY: HTTPStatus.OK,
    Fault.EMPTY: HTTPStatus.OK,
    Fault.RECEIPT: HTTPStatus.ACCEPTED,
    Fault.REDIRECT: HTTPStatus.TEMPORARY_REDIRECT,
}
"""Faults for which no answer is written, and the status where one is sent."""


def address(example: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """Turn an example into the answer to one request.

    The answer goes to who asked, comes from who was asked, and refers to the request: fields of
    ``inReplyTo`` are those of the same name in the request's head. Its own id and time, and the
    message it rejects, are left out, so that they are supplied.
    """
    answer = deepcopy(dict(example))
    for name in ("messageId", "createdAt", "test", "rejectedMessage"):
        answer.pop(name, None)
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


def leave_out(document: dict[str, Any], pointer: str) -> None:
    """Take a field out of a document, if it is there, so that it is supplied."""
    parent, _, name = pointer.rpartition("/")
    holder = value_at(document, parent)
    if isinstance(holder, dict):
        holder.pop(name.replace("~1", "/").replace("~0", "~"), None)


def _as_party(example: Mapping[str, Any], party: Mapping[str, Any]) -> dict[str, Any]:
    return {**example, **{name: party[name] for name in PARTY_FIELDS if name in party}}


def plain(status: int, text: str) -> Reply:
    """A reply that is a sentence."""
    return Reply(status=status, body=text.encode(), content_type=_PLAIN)


def _refusal(status: int, effect: Effect) -> Reply:
    text = effect.body
    if text is None:
        text = f"The simulated authority was told to answer {status}."
    after = effect.retry_after
    return Reply(
        status=status,
        body=text.encode(),
        content_type=effect.content_type or _PLAIN,
        headers={} if after is None else {"Retry-After": str(after)},
        effect=effect,
    )


def load_answers(examples: Path, wanted: Mapping[str, str]) -> dict[str, Mapping[str, Any]]:
    """Read the example answers ``answer-<name>.api.json`` that a plan names.

    Args:
        examples: Their folder.
        wanted: Names, each with the place where the plan has it.

    Raises:
        ConfigurationError: Lists every one that is missing or no JSON object.
    """
    answers: dict[str, Mapping[str, Any]] = {}
    faults = []
    for name, place in sorted(wanted.items()):
        path = examples / f"{PREFIX}{name}{SUFFIX}"
        try:
            document = json.loads(path.read_bytes())
        except (OSError, ValueError):
            document = None
        if isinstance(document, dict):
            answers[name] = document
        else:
            detail = f"The example {path.name} is missing or no JSON object."
            faults.append(Place(keyword="example", detail=detail, rule=place or None))
    if faults:
        raise ConfigurationError("The plan names answers that cannot be given.", places=faults)
    return answers
