"""Replays of many messages by the API: look first, begin, follow, stop.

Kept out: what is done with each message (``gateway.flow.replay_runner``).
"""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool
from pydantic_core import PydanticCustomError

from gateway.api.caller import CurrentCaller
from gateway.api.documents import read_document
from gateway.api.resource import Resource
from gateway.api.selection import Moment, RestingState
from gateway.flow.desk import Desk
from gateway.flow.replay_many import MOST_MESSAGES, Order, Plan
from gateway.messaging.lifecycle import State
from gateway.messaging.message import MessageId
from gateway.messaging.party import Caller
from gateway.messaging.ports import MessageFilter
from gateway.messaging.replays import ItemResult, Mode, Replay, ReplayId, ReplayState, Verb

BODY_LIMIT_BYTES = 2**20
"""Longer than ``MOST_MESSAGES`` identifiers."""

PER_SECOND = 10.0
"""Messages a second if nobody says otherwise: an authority that just came back is not overrun."""

_REF = "#/components/schemas/"


def _no_text(value: object) -> object:
    """Refuse a number that stands in a text, or is a truth value."""
    if isinstance(value, (str, bool)):
        raise PydanticCustomError("int_type", "not a number")
    return value


Number = Annotated[int, BeforeValidator(_no_text)]
"""A whole number, written as one."""


class RereadOrder(Resource):
    """Which unreadable answers to read again; what is left out does not restrict."""

    model_config = ConfigDict(extra="forbid")

    dry_run: StrictBool = True
    """Show what would be done and do nothing. Only `false` does something."""
    digest: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    """`digest` of the dry run: nothing is done if anything happened to the messages since."""
    state: list[RestingState] = Field(default_factory=list, max_length=4)
    """Only messages in these states."""
    ids: list[str] | None = Field(default=None, max_length=MOST_MESSAGES)
    """Only these messages."""
    operation: str | None = Field(default=None, max_length=200)
    """Operation without version, `residents/search`."""
    authority: str | None = Field(default=None, max_length=200)
    """Legal recipient."""
    channel: str | None = Field(default=None, max_length=200)
    """Name of the channel."""
    code: str | None = Field(default=None, max_length=200)
    """Public code of the last failure."""
    since: Moment | None = None
    """Accepted then or later; with offset."""
    until: Moment | None = None
    """Accepted before then; with offset."""
    limit: Number = Field(default=1000, ge=1, le=MOST_MESSAGES)
    """At most so many, the longest accepted first."""
    rate_per_second: float | None = Field(default=PER_SECOND, ge=0.001, le=1000, strict=True)
    """Most messages a second; null: as fast as it goes."""

    def to_order(self, verb: Verb, *, mode: Mode, not_taken: bool) -> Order:
        """The same as a value."""
        ids = None if self.ids is None else frozenset(MessageId(one) for one in self.ids)
        return Order(
            verb=verb,
            mode=mode,
            not_taken=not_taken,
            wanted=MessageFilter(
                states=frozenset(State(state) for state in self.state),
                operation=self.operation,
                authority=self.authority,
                channel=self.channel,
                code=self.code,
                since=self.since,
                until=self.until,
            ),
            ids=ids,
            limit=self.limit,
            per_second=self.rate_per_second,
            expected=self.digest,
        )


class ReplayOrder(RereadOrder):
    """Which messages to deliver once more; what is left out does not restrict."""

    mode: Mode = Mode.SAME_BYTES
    """`retranslate`: make the authority's form anew with the present map; the old one is kept."""
    not_taken: StrictBool = False
    """You asked the authority, and it has none of them: also `in_doubt` and `unanswered` ones."""


class PlanResource(Resource):
    """What an order would do; nothing was done."""

    dry_run: bool = True
    """Always true."""
    digest: str
    """Stands for exactly these messages as they are now; send it with the order."""
    chosen: int
    """How many there are."""
    has_more: bool
    """Whether more fit than `limit` allows."""
    first: list[str]
    """The first of them, at most 20."""

    @classmethod
    def of(cls, plan: Plan) -> "PlanResource":
        """The plan as a document."""
        return cls(
            digest=plan.digest, chosen=plan.chosen, has_more=plan.has_more, first=list(plan.first)
        )


class ReplayResource(Resource):
    """A replay of many messages, and how far it has come. Times are UTC."""

    id: str
    """Identifies it; the history of each message names it."""
    verb: Verb
    """What is done with each message."""
    mode: Mode
    """What a replay sends."""
    not_taken: bool
    """Whether the authority was asked and has none of them."""
    rate_per_second: float | None
    """Most messages a second; null: as fast as it goes."""
    state: ReplayState
    """`running`, `done` or `stopped`."""
    created_at: datetime
    """When it was asked for."""
    next_at: datetime | None
    """When the next message is due; null when it is over."""
    ended_at: datetime | None
    """When it was over; null before."""
    chosen: int
    """How many messages it has."""
    handled: int
    """How many of them had their turn."""
    moved: int
    """How many were replayed, or read."""
    skipped: int
    """How many were left alone, because something had happened to them since."""
    refused: int
    """How many could not be replayed, or read; see `left`."""

    @classmethod
    def of(cls, replay: Replay) -> "ReplayResource":
        """The replay as a document."""
        seconds = replay.pause.total_seconds()
        return cls(
            id=replay.id,
            verb=replay.verb,
            mode=replay.mode,
            not_taken=replay.not_taken,
            rate_per_second=round(1 / seconds, 3) if seconds else None,
            state=replay.state,
            created_at=replay.created_at,
            next_at=replay.next_at if replay.state is ReplayState.RUNNING else None,
            ended_at=replay.ended_at,
            chosen=replay.chosen,
            handled=replay.handled,
            moved=replay.results.get(ItemResult.MOVED, 0),
            skipped=replay.results.get(ItemResult.SKIPPED, 0),
            refused=replay.results.get(ItemResult.REFUSED, 0),
        )


class LeftResource(Resource):
    """One message that a replay did not move."""

    position: int
    """Its place in the replay; send the last one as `after` to read on."""
    message_id: str
    """The message."""
    result: ItemResult
    """`skipped` or `refused`."""
    code: str | None
    """Public code of the reason."""


class ReplayRoutes:
    """The routes about replays of many messages, bound to a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def router(self) -> APIRouter:
        """The routes for the application; before those of single messages."""
        router = APIRouter(tags=["replays"])
        for path, endpoint, order, summary in (
            ("replay", self.replay_many, ReplayOrder, "Deliver many messages once more"),
            ("reread", self.reread_many, RereadOrder, "Read many unreadable answers once more"),
        ):
            router.add_api_route(
                f"/v1/messages/{path}",
                endpoint,
                methods=["POST"],
                response_model=PlanResource,
                summary=summary,
                openapi_extra=_order_description(order),
                responses={202: {"model": ReplayResource, "description": "It has begun"}},
            )
        router.add_api_route(
            "/v1/replays", self.find, response_model=list[ReplayResource], summary="List replays"
        )
        router.add_api_route(
            "/v1/replays/{replay_id}",
            self.get,
            response_model=ReplayResource,
            summary="How far a replay has come",
        )
        router.add_api_route(
            "/v1/replays/{replay_id}/left",
            self.left,
            response_model=list[LeftResource],
            summary="Messages that a replay did not move",
        )
        router.add_api_route(
            "/v1/replays/{replay_id}/stop",
            self.stop,
            methods=["POST"],
            response_model=ReplayResource,
            summary="End a replay before its time",
        )
        return router

    async def replay_many(self, caller: CurrentCaller, request: Request) -> Response:
        """Deliver messages once more that are `dead`; in the background, at the given rate."""
        wanted = await read_document(request, ReplayOrder, limit=BODY_LIMIT_BYTES)
        order = wanted.to_order(Verb.REPLAY, mode=wanted.mode, not_taken=wanted.not_taken)
        return await self._order(caller, order, dry_run=wanted.dry_run)

    async def reread_many(self, caller: CurrentCaller, request: Request) -> Response:
        """Read answers again that are `invalid`; in the background. Nothing is sent."""
        wanted = await read_document(request, RereadOrder, limit=BODY_LIMIT_BYTES)
        order = wanted.to_order(Verb.REREAD, mode=Mode.SAME_BYTES, not_taken=False)
        return await self._order(caller, order, dry_run=wanted.dry_run)

    async def find(
        self, caller: CurrentCaller, limit: Annotated[int, Query(ge=1, le=500)] = 50
    ) -> list[ReplayResource]:
        """List the caller's replays, newest first."""
        replays = await self.desk.letters.replays(caller, limit=limit)
        return [ReplayResource.of(replay) for replay in replays]

    async def get(self, caller: CurrentCaller, replay_id: str) -> ReplayResource:
        """Say how far a replay has come."""
        return ReplayResource.of(await self.desk.letters.find_replay(caller, ReplayId(replay_id)))

    async def left(
        self,
        caller: CurrentCaller,
        replay_id: str,
        after: Annotated[int, Query(ge=-1, le=MOST_MESSAGES)] = -1,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> list[LeftResource]:
        """List messages that had their turn and were not moved, in the order of the replay."""
        items = await self.desk.letters.left_items(
            caller, ReplayId(replay_id), after=after, limit=limit
        )
        return [LeftResource.model_validate(item) for item in items]

    async def stop(self, caller: CurrentCaller, replay_id: str) -> ReplayResource:
        """End a replay; what it has moved stays moved. One that is over is left as it is."""
        return ReplayResource.of(await self.desk.letters.stop_replay(caller, ReplayId(replay_id)))

    async def _order(self, caller: Caller, order: Order, *, dry_run: bool) -> Response:
        if dry_run:
            plan = await self.desk.letters.plan(caller, order)
            return JSONResponse(_printed(PlanResource.of(plan)))
        replay = await self.desk.letters.begin(caller, order)
        return JSONResponse(
            _printed(ReplayResource.of(replay)),
            status_code=202,
            headers={"Location": f"/v1/replays/{replay.id}"},
        )


def _printed(document: BaseModel) -> dict[str, Any]:
    return document.model_dump(mode="json", by_alias=True)


def _order_description(order: type[BaseModel]) -> dict[str, Any]:
    """The body, which the route reads by itself."""
    schema = order.model_json_schema(by_alias=True, ref_template=f"{_REF}{{model}}")
    schema.pop("$defs", None)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
