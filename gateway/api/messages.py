"""The message resource: state, answer, history, ledger and attempts of a caller's messages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Response
from pydantic import Field

from gateway.api.caller import CurrentCaller
from gateway.api.resource import Resource
from gateway.api.selection import MessageSelection
from gateway.flow import search
from gateway.flow.desk import Desk
from gateway.flow.replay import Finding
from gateway.messaging.lifecycle import Outcome, State
from gateway.messaging.message import (
    Attempt,
    AttemptResult,
    HistoryEvent,
    Message,
    MessageId,
    StageKind,
)
from gateway.messaging.operation import OperationKind
from gateway.messaging.replays import Mode

NOT_TAKEN = (
    "You have asked the authority, and it does not have the message: one that is `in_doubt` or "
    "`unanswered` may be sent again too."
)

MODE = (
    "`retranslate`: make the authority's form anew with the present map; the earlier one is kept."
)

FINDING = (
    "`taken`: you asked the authority, and it has the message; its answer is awaited. `given-up`: "
    "the message is dead; others of its order go on."
)


class MessageResource(Resource):
    """One exchange with an authority, without its content. Times are UTC."""

    id: str
    """Identifies the message everywhere: here, in logs, and at the authority."""
    caller: str
    """Name of the caller in the configuration."""
    operation: str
    """What was asked, `residents/search`."""
    operation_version: int
    """Version of the operation."""
    kind: OperationKind
    """Query, submission or notification."""
    authority: str
    """Legal recipient, `ags:09162000`."""
    channel: str
    """Name of the configured way it leaves through."""
    state: State
    """What the gateway did with it, see `docs/states.md`."""
    outcome: Outcome | None
    """What the authority said; null before it said anything. `rejected` is an answer too."""
    test: bool
    """Whether it is marked as a test."""
    accepted_at: datetime
    """When it became durable."""
    settled_at: datetime | None
    """When the gateway had nothing more to do with it by itself; null before."""
    deadline_at: datetime
    """From then on nothing is sent any more."""
    next_attempt_at: datetime | None
    """When a delivery is due; null while none is planned."""
    attempts: int
    """Number of deliveries begun."""
    code: str | None
    """Public code of the last failure; null if the last step succeeded."""
    purpose: str | None
    """`Exchange-Purpose` of the call."""
    case_reference: str | None
    """`Case-Reference` of the call."""
    traceparent: str | None
    """W3C Trace Context of the call."""
    blocked_by: str | None = None
    """First message of its order, until which is finished it waits; null if it does not wait."""


class SpotResource(Resource):
    """Where a refused call was wrong."""

    keyword: str
    """Rule that is broken."""
    pointer: str | None
    """JSON Pointer into the document."""
    wire: str | None
    """Path in the authority's form."""
    rule: str | None
    """Map file and line."""


class RefusalResource(Resource):
    """A call that was refused before it became a message; nothing of its document is kept."""

    at: datetime
    """When."""
    operation: str
    """What was asked, `residents/search`."""
    operation_version: int
    """Version of the operation."""
    recipient: str | None
    """What the header `Recipient` named."""
    code: str
    """Public code, see `docs/errors.md`."""
    spots: list[SpotResource]
    """The first places that were wrong."""
    size_bytes: int
    """Length of the body; 0 where the call was refused before it was read."""


class MessagePage(Resource):
    """One page of messages, newest first; or of refused calls, if `state` is `refused`."""

    messages: list[MessageResource]
    """The messages of this page."""
    refused: list[RefusalResource]
    """The refused calls of this page."""
    next_cursor: str | None
    """Send it as `cursor` to read the next page; null on the last one."""


class HistoryResource(Resource):
    """One entry of the append-only list of steps."""

    number: int
    """Counted from 1 within the message, no gaps."""
    at: datetime
    """When it happened."""
    event: str
    """Stable name, see `docs/events.md`."""
    state: State
    """State after the step."""
    attempt: int | None
    """Attempt it belongs to; null if none."""
    code: str | None
    """Public error code; null if nothing failed."""
    detail: str | None
    """One sentence, without content of the message."""
    hash: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """SHA-256 over this entry and the hash before it."""

    @classmethod
    def of(cls, event: HistoryEvent) -> "HistoryResource":
        """The entry as a document."""
        return cls(
            number=event.number,
            at=event.at,
            event=event.event,
            state=event.state,
            attempt=event.attempt,
            code=event.code,
            detail=event.detail,
            hash=event.hash.hex(),
        )


class AttemptResource(Resource):
    """One hand-over to the authority."""

    number: int
    """Counted from 1."""
    started_at: datetime
    """When it began."""
    ended_at: datetime | None
    """When it ended; null while it runs."""
    result: AttemptResult | None
    """How it ended; null while it runs."""
    code: str | None
    """Public error code; null if it succeeded."""

    @classmethod
    def of(cls, attempt: Attempt) -> "AttemptResource":
        """The attempt as a document."""
        return cls.model_validate(attempt)


class MessageRoutes:
    """The routes below ``/v1/messages``, bound to a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def router(self) -> APIRouter:
        """The routes for the application."""
        router = APIRouter(prefix="/v1/messages", tags=["messages"])
        router.add_api_route("", self.find, response_model=MessagePage, summary="List messages")
        router.add_api_route(
            "/{message_id}", self.get, response_model=MessageResource, summary="State of a message"
        )
        router.add_api_route(
            "/{message_id}/answer",
            self.answer,
            response_class=Response,
            summary="Answer of a message",
            responses={200: {"content": {"application/json": {}}, "description": "The answer"}},
        )
        router.add_api_route(
            "/{message_id}/history",
            self.history,
            response_model=list[HistoryResource],
            summary="What happened to a message",
        )
        router.add_api_route(
            "/{message_id}/attempts",
            self.attempts,
            response_model=list[AttemptResource],
            summary="Deliveries of a message",
        )
        router.add_api_route(
            "/{message_id}/ledger",
            self.ledger,
            response_model=dict[StageKind, dict[str, Any]],
            summary="What became of every value of a message",
        )
        for verb, endpoint, summary in (
            ("cancel", self.cancel, "Withdraw a message that is not on its way"),
            ("replay", self.replay, "Deliver a message once more"),
            ("resolve", self.resolve, "End the doubt about a message"),
            ("reread", self.reread, "Read an unreadable answer once more"),
        ):
            router.add_api_route(
                f"/{{message_id}}/{verb}",
                endpoint,
                methods=["POST"],
                response_model=MessageResource,
                summary=summary,
            )
        return router

    async def find(
        self, caller: CurrentCaller, wanted: Annotated[MessageSelection, Query()]
    ) -> MessagePage:
        """List the caller's own messages, newest first."""
        refusals = wanted.to_refusals()
        if refusals is not None and wanted.case_reference is not None:
            return MessagePage(messages=[], refused=[], next_cursor=None)
        if refusals is not None:
            refused, cursor = await self.desk.refusals(
                caller, refusals, limit=wanted.limit, before=wanted.cursor
            )
            listed = [RefusalResource.model_validate(one) for one in refused]
            return MessagePage(messages=[], refused=listed, next_cursor=cursor)
        found, cursor = await self.desk.messages(
            caller, wanted.to_filter(), limit=wanted.limit, before=wanted.cursor
        )
        blocked_by = await search.blocked_by(self.desk.store, found)
        listing = [to_resource(one, blocked_by) for one in found]
        return MessagePage(messages=listing, refused=[], next_cursor=cursor)

    async def get(self, caller: CurrentCaller, message_id: str) -> MessageResource:
        """Say where a message is."""
        return await self._shown(await self.desk.message(caller, MessageId(message_id)))

    async def answer(self, caller: CurrentCaller, message_id: str) -> Response:
        """Return the canonical answer, as the waiting caller would have got it."""
        stage = await self.desk.answer(caller, MessageId(message_id))
        return Response(stage.body, media_type=stage.media_type, headers={"Message-Id": message_id})

    async def cancel(self, caller: CurrentCaller, message_id: str) -> MessageResource:
        """Withdraw a message that is `accepted` or `retrying`; nothing is sent any more."""
        return await self._shown(await self.desk.cancel(caller, MessageId(message_id)))

    async def replay(
        self,
        caller: CurrentCaller,
        message_id: str,
        *,
        not_taken: Annotated[bool, Query(alias="notTaken", description=NOT_TAKEN)] = False,
        mode: Annotated[Mode, Query(description=MODE)] = Mode.SAME_BYTES,
    ) -> MessageResource:
        """Deliver the same message once more; one that is `dead`, unless `notTaken` is said."""
        again = self.desk.replay if mode is Mode.SAME_BYTES else self.desk.letters.retranslate
        return await self._shown(await again(caller, MessageId(message_id), not_taken=not_taken))

    async def resolve(
        self,
        caller: CurrentCaller,
        message_id: str,
        finding: Annotated[Finding, Query(alias="as", description=FINDING)],
    ) -> MessageResource:
        """End the doubt about a message that is `in_doubt`; nothing is sent.

        `given-up` is also how one that holds up others of its order lets them go on.
        """
        return await self._shown(await self.desk.resolve(caller, MessageId(message_id), finding))

    async def reread(self, caller: CurrentCaller, message_id: str) -> MessageResource:
        """Read the kept bytes of an `invalid` answer with the present map; nothing is sent."""
        return await self._shown(await self.desk.reread(caller, MessageId(message_id)))

    async def _shown(self, message: Message) -> MessageResource:
        return to_resource(message, await search.blocked_by(self.desk.store, [message]))

    async def history(self, caller: CurrentCaller, message_id: str) -> list[HistoryResource]:
        """List what happened to a message, oldest first."""
        events = await self.desk.history(caller, MessageId(message_id))
        return [HistoryResource.of(event) for event in events]

    async def attempts(self, caller: CurrentCaller, message_id: str) -> list[AttemptResource]:
        """List the deliveries of a message, oldest first."""
        attempts = await self.desk.attempts(caller, MessageId(message_id))
        return [AttemptResource.of(attempt) for attempt in attempts]

    async def ledger(
        self, caller: CurrentCaller, message_id: str
    ) -> dict[StageKind, dict[str, Any]]:
        """Say what became of every value, by the stage that a translation made or read."""
        ledgers = await self.desk.ledger(caller, MessageId(message_id))
        return {stage: orjson.loads(ledger) for stage, ledger in ledgers.items()}


def to_resource(
    message: Message, blocked_by: Mapping[MessageId, MessageId] | None = None
) -> MessageResource:
    """The message as a document.

    Args:
        message: The message.
        blocked_by: What it waits for, if it waits, by its id; None: nobody looked.
    """
    resource = MessageResource.model_validate(message)
    if blocked_by is None or message.id not in blocked_by:
        return resource
    return resource.model_copy(update={"blocked_by": blocked_by[message.id]})
