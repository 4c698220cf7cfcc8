"""Steps 1 to 4 of the journey: may this call be made, and what exactly would it send.

Nothing is stored or sent here. Kept out: authentication (HTTP border), what a document must look
like (schemas), how it is written (maps).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from gateway.errors import (
    BodyTooLargeError,
    ChannelClosedError,
    NoTestsTakenError,
    PermissionDeniedError,
    Place,
    RecipientMismatchError,
    RecipientMissingError,
    SchemaViolationError,
    UnknownOperationError,
)
from gateway.flow.call import Call
from gateway.flow.directory import Directory, Exchange, Lane, Written
from gateway.flow.numbering import numbering, require_no_own_numbers
from gateway.flow.pointers import value_at
from gateway.flow.stages import request_stages
from gateway.flow.supply import (
    party_supplies,
    supply_channel,
    supply_message,
    supply_party,
    supply_product,
)
from gateway.messaging.idempotency import Claim
from gateway.messaging.message import MessageId, Stage
from gateway.messaging.operation import Operation
from gateway.messaging.party import Party
from gateway.messaging.route import resolve
from gateway.messaging.sequence import SequenceField
from gateway.messaging.terms import Terms
from gateway.validation.json_document import JsonValue, parse_json

_SENDER_IDENTITY = ("id", "directory", "name")


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """A call that can be accepted, with everything that is stored of it.

    Attributes:
        message_id: The id it will have; part of the wire form already.
        operation: What is asked.
        authority: Legal recipient.
        lane: Where it leaves.
        stages: The completed document and its wire form.
        claim: The idempotency key that its call claims; None: it sent none.
        terms: What else is settled with the acceptance; None: nothing.
    """

    message_id: MessageId
    operation: Operation
    authority: str
    lane: Lane
    stages: tuple[Stage, Stage]
    claim: Claim | None = None
    terms: Terms | None = None

    def numbered(self, fields: Sequence[SequenceField]) -> "Checked":
        """The same, whose numbers at these fields are trials; real ones are given later."""
        numbers = numbering(self.lane, self.operation.key, self.stages[0], fields)
        return replace(self, terms=replace(self.terms or Terms(), numbering=numbers))

    def under(self, *, order_key: bytes | None) -> "Checked":
        """The same, ordered by a key; None: as it is."""
        if order_key is None:
            return self
        return replace(self, terms=replace(self.terms or Terms(), order_key=order_key))


@dataclass(frozen=True, kw_only=True, slots=True)
class Permitted:
    """A call that may be made, of which nothing but its form is known yet.

    Attributes:
        operation: What is asked.
        document: The parsed body.
        authority: Legal recipient; None: neither header nor document names one.
    """

    operation: Operation
    document: JsonValue
    authority: str | None


def permit(call: Call, directory: Directory) -> Permitted:
    """Steps 1 and 2 up to the schema: the body is JSON, and the caller may ask this authority.

    Raises:
        MessageRefusedError: The class says why.
    """
    operation = directory.operations.get(call.key)
    if operation is None:
        raise UnknownOperationError("This gateway does not offer the operation in this version.")
    document = _parse(call, operation)
    authority = _recipient(call, operation, document)
    if authority is not None:
        call.caller.require(operation.key, authority, call.purpose)
    return Permitted(operation=operation, document=document, authority=authority)


def check(call: Call, directory: Directory, *, message_id: MessageId, now: datetime) -> Checked:
    """Permit, check, route, complete and translate a call; arguments and errors as ``prepare``."""
    permitted = permit(call, directory)
    return prepare(call, permitted, directory, message_id=message_id, now=now)


def prepare(
    call: Call,
    permitted: Permitted,
    directory: Directory,
    *,
    message_id: MessageId,
    now: datetime,
    claim: Claim | None = None,
) -> Checked:
    """Check, route, complete and translate a call that may be made.

    Args:
        call: What the caller sent.
        permitted: What ``permit`` made of it.
        directory: What is offered and reachable.
        message_id: Id the message has if it is accepted.
        now: When it was created; aware, UTC.
        claim: The idempotency key it claims, if any.

    Raises:
        MessageRefusedError: The class says why; every fault of the document is named at once.
    """
    operation, authority = permitted.operation, permitted.authority
    document = permitted.document
    checked = _valid(document, directory.schemas[operation.key].check(document))
    if authority is None:
        raise RecipientMissingError("No authority is named.", places=_routing_place(operation))
    _require_own_sender(checked, call.caller.party)
    lane, exchange = _way(call, directory, authority, now=now)
    supplies = _supplies(call, directory, lane, authority) | supply_message(message_id, now)
    if exchange.trial_numbers:
        supplies |= exchange.trial_numbers
    written = _write(exchange, checked, supplies)
    _require_own_id(written, message_id)
    ready = Checked(
        message_id=message_id,
        operation=operation,
        authority=authority,
        lane=lane,
        stages=request_stages(written),
        claim=claim,
    )
    if not written.map.sequences:
        return ready
    require_no_own_numbers(document, written.map.sequences)
    return ready.numbered(written.map.sequences)


def _parse(call: Call, operation: Operation) -> JsonValue:
    size, limit = len(call.body), operation.body_limit_bytes
    if size > limit:
        raise BodyTooLargeError(f"The body has {size} bytes; {operation.key} takes {limit}.")
    return parse_json(call.body)


def _recipient(call: Call, operation: Operation, document: JsonValue) -> str | None:
    """The authority that header and document name; None if neither names one that is a text."""
    named = value_at(document, operation.routing) if operation.routing is not None else None
    if call.recipient is None:
        return named if isinstance(named, str) else None
    if isinstance(named, str) and named != call.recipient:
        raise RecipientMismatchError(
            "The header Recipient and the document name different authorities.",
            places=_routing_place(operation),
        )
    return call.recipient


def _routing_place(operation: Operation) -> list[Place]:
    if operation.routing is None:
        return []
    detail = "The recipient stands here in the document, if no header names it."
    return [Place(keyword="recipient", detail=detail, pointer=operation.routing)]


def _valid(document: JsonValue, places: tuple[Place, ...]) -> dict[str, Any]:
    if places:
        count = "1 place" if len(places) == 1 else f"{len(places)} places"
        raise SchemaViolationError(f"The document breaks its schema in {count}.", places=places)
    if not isinstance(document, dict):
        raise SchemaViolationError("The document is not an object.")
    return cast("dict[str, Any]", document)


def _require_own_sender(document: Mapping[str, Any], party: Party) -> None:
    """A caller speaks for its registered party only, whatever its document says."""
    sender = document.get("sender")
    if not isinstance(sender, dict):
        return
    foreign = [
        Place(
            keyword="sender",
            detail="Not the caller's registered party; leave it out and the gateway fills it in.",
            pointer=f"/sender/{name}",
        )
        for name in _SENDER_IDENTITY
        if name in sender and sender[name] != getattr(party, name)
    ]
    if foreign:
        raise PermissionDeniedError("The document names another sender.", places=foreign)


def _way(
    call: Call, directory: Directory, authority: str, *, now: datetime
) -> tuple[Lane, Exchange]:
    """The channel of the route in force today, and its translation of the operation."""
    route = resolve(directory.routes, call.key, authority, now.date())
    lane = directory.lanes.get(route.channel)
    exchange = lane.exchanges.get(call.key) if lane is not None else None
    if lane is None or exchange is None:
        raise ChannelClosedError(
            f"The recipient's channel {route.channel} is closed.",
            places=[Place(keyword="channel-closed", detail="Its adapter or settings are faulty.")],
        )
    if call.test and not lane.channel.accepts_tests:
        raise NoTestsTakenError(
            "The recipient's channel takes no test messages.",
            places=[
                Place(keyword="no-tests", detail="Test-Message: the channel is not for tests.")
            ],
        )
    return lane, exchange


def _supplies(call: Call, directory: Directory, lane: Lane, authority: str) -> dict[str, Any]:
    recipient = directory.authorities.get(authority) or Party(id=authority, directory="", name="")
    return {
        **supply_product(directory.product),
        **supply_channel(lane.channel, test=call.test),
        **supply_party("sender", call.caller.party),
        **supply_party("recipient", recipient),
    }


def _write(exchange: Exchange, document: dict[str, Any], supplies: Mapping[str, Any]) -> Written:
    """Complete and translate; a refusal names what the gateway itself does not know."""
    try:
        return exchange.write_request(document, supplies)
    except SchemaViolationError as error:
        unknown = [
            Place(
                keyword="supply",
                detail=f"The gateway cannot supply {', '.join(names)}: it is not configured.",
                pointer=f"/{role}",
            )
            for role in ("sender", "recipient")
            if any(p.keyword == "required" and p.pointer == f"/{role}" for p in error.places)
            and (names := [n for n in party_supplies(role) if n not in supplies])
        ]
        raise SchemaViolationError(error.detail, places=[*error.places, *unknown]) from None


def _require_own_id(written: Written, message_id: MessageId) -> None:
    """The id that answers join on is ours: a caller's own would let it claim others' answers."""
    foreign = [
        Place(
            keyword="supplied", detail="The gateway supplies this; leave it out.", pointer=pointer
        )
        for pointer in written.map.correlates
        if value_at(written.document, pointer) != message_id
    ]
    if foreign:
        raise SchemaViolationError("The document sets what the gateway supplies.", places=foreign)
