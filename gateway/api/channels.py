"""The channel resource: what operators see of channels, and pause and resume.

Kept out: who is an operator (``gateway.settings``).
"""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from gateway.api.caller import CurrentCaller
from gateway.api.resource import Resource
from gateway.flow.channels import Channels, ChannelView
from gateway.messaging.breaker import BreakerState
from gateway.messaging.channel_state import ChannelEvent

Why = Annotated[
    str,
    Query(
        min_length=1,
        max_length=250,
        description="Why, for whoever looks next; nothing about persons.",
    ),
]
Limit = Annotated[int, Query(ge=1, le=500, description="Most lines.")]


class ChannelResource(Resource):
    """One channel. Times are UTC."""

    name: str
    """Name in the configuration."""
    breaker: BreakerState
    """`closed`: messages leave; `open`: nothing does; `probing`: one message is on its way to see
    whether the authority answers; `releasing`: it does, what waits leaves at a limited rate."""
    breaker_since: datetime | None
    """Since when it is so; null: always."""
    breaker_until: datetime | None
    """When the next probe may leave, the probe counts as lost, or the breaker closes."""
    paused: bool
    """Whether an operator paused it."""
    paused_since: datetime | None
    """Since when."""
    paused_by: str | None
    """Name of the operator's entry among the callers."""
    pause_reason: str | None
    """Why, in the operator's words."""
    window_open: bool
    """Whether the authority takes messages at this hour."""
    window_opens_at: datetime | None
    """When it takes messages again; null while it does."""
    waiting: int
    """Messages that wait for an attempt, planned ones too."""
    due_since: datetime | None
    """When the first of them was, or will be, due; null: none waits."""


class ChannelHistoryResource(Resource):
    """One line of a channel's history."""

    at: datetime
    """When."""
    event: ChannelEvent
    """What happened, see `docs/events.md`."""
    by: str | None
    """Who did it; null: the gateway itself."""
    reason: str | None
    """Why, in the operator's words."""


class ChannelRoutes:
    """The routes, bound to their use cases."""

    def __init__(self, channels: Channels) -> None:
        self.channels = channels

    def router(self) -> APIRouter:
        """The routes for the application."""
        router = APIRouter(prefix="/v1/channels", tags=["channels"])
        router.add_api_route(
            "", self.listed, response_model=list[ChannelResource], summary="Channels"
        )
        router.add_api_route(
            "/{name}/pause",
            self.pause,
            methods=["POST"],
            response_model=ChannelResource,
            summary="Pause a channel",
        )
        router.add_api_route(
            "/{name}/resume",
            self.resume,
            methods=["POST"],
            response_model=ChannelResource,
            summary="Let a channel go on",
        )
        router.add_api_route(
            "/{name}/history",
            self.history,
            response_model=list[ChannelHistoryResource],
            summary="What happened to a channel",
        )
        return router

    async def listed(self, caller: CurrentCaller) -> list[ChannelResource]:
        """List every open channel; faulty ones are in `/health/ready`. For operators."""
        return [to_resource(view) for view in await self.channels.listed(caller)]

    async def pause(self, caller: CurrentCaller, name: str, reason: Why) -> ChannelResource:
        """Let nothing leave until it is resumed; messages wait. For operators."""
        return to_resource(await self.channels.pause(caller, name, reason=reason))

    async def resume(self, caller: CurrentCaller, name: str) -> ChannelResource:
        """Let messages leave again. For operators."""
        return to_resource(await self.channels.resume(caller, name))

    async def history(
        self, caller: CurrentCaller, name: str, limit: Limit = 50
    ) -> list[ChannelHistoryResource]:
        """List outages and pauses, newest first. For operators."""
        entries = await self.channels.history(caller, name, limit=limit)
        return [ChannelHistoryResource.model_validate(entry) for entry in entries]


def to_resource(view: ChannelView) -> ChannelResource:
    """The channel as a document."""
    breaker, pause = view.breaker, view.pause
    return ChannelResource(
        name=view.name,
        breaker=breaker.state,
        breaker_since=breaker.since,
        breaker_until=breaker.until,
        paused=pause is not None,
        paused_since=None if pause is None else pause.since,
        paused_by=None if pause is None else pause.by,
        pause_reason=None if pause is None else pause.reason,
        window_open=view.opens_at is None,
        window_opens_at=view.opens_at,
        waiting=view.waiting,
        due_since=view.due_since,
    )
