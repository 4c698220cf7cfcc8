"""Gaps in the sequence numbers that pass through a channel.

Kept out: whether messages of a channel move (``channels``, ``health_routes``).
"""

from datetime import datetime

from fastapi import APIRouter

from gateway.api.caller import CurrentCaller
from gateway.api.resource import Resource
from gateway.flow import search
from gateway.flow.desk import Desk
from gateway.messaging.lifecycle import State
from gateway.messaging.sequence import Gap, Unsent


class GapResource(Resource):
    """Sequence numbers that the authority's messages left out, one after the other."""

    sequence: str
    """Name of the sequence."""
    first: int
    """The first that is missing."""
    last: int
    """The last that is missing; the same where it is only one."""
    noticed_at: datetime
    """When a later one came."""

    @classmethod
    def of(cls, gap: Gap) -> "GapResource":
        """The gap as a document."""
        return cls(
            sequence=gap.sequence,
            first=gap.missing.first,
            last=gap.missing.last,
            noticed_at=gap.noticed_at,
        )


class UnsentResource(Resource):
    """A sequence number that the authority may miss: its message came to nothing here."""

    sequence: str
    """Name of the sequence."""
    number: int
    """The number."""
    message_id: str
    """The message that has it."""
    state: State
    """`dead`, `expired` or `cancelled`."""

    @classmethod
    def of(cls, unsent: Unsent) -> "UnsentResource":
        """The number as a document."""
        return cls.model_validate(unsent)


class ChannelGaps(Resource):
    """Gaps of one channel, in both directions; at most 1,000 each."""

    missing: list[GapResource]
    """What the authority's messages left out, by sequence, the oldest first."""
    unsent: list[UnsentResource]
    """Numbers of the caller's own messages (an operator: of all) that may never have arrived, the
    newest first."""


class GapRoutes:
    """The route that lists gaps, bound to a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def router(self) -> APIRouter:
        """The routes for the application."""
        router = APIRouter(prefix="/v1/channels", tags=["channels"])
        router.add_api_route(
            "/{name}/gaps",
            self.gaps,
            response_model=ChannelGaps,
            summary="Gaps in the sequence numbers of a channel",
        )
        return router

    async def gaps(self, caller: CurrentCaller, name: str) -> ChannelGaps:
        """List gaps; a channel without sequences, or without gaps, has none."""
        open_ones = self.desk.directory.lanes
        missing, unsent = await search.gaps(self.desk.store, caller, name, channels=open_ones)
        return ChannelGaps(
            missing=[GapResource.of(gap) for gap in missing],
            unsent=[UnsentResource.of(one) for one in unsent],
        )
