"""``/health/live``, ``/health/ready`` and ``/metrics``: for load balancers and monitoring.

Open to everybody who can connect, so they tell names of channels and figures only. Kept out: what
is good enough (``health``).
"""

from collections.abc import Awaitable, Callable
from typing import Literal

from fastapi import APIRouter, Response

from gateway.api.health import Health, Reason, Status
from gateway.api.metrics import Metrics
from gateway.api.resource import Resource
from gateway.flow.vitals import Vitals
from gateway.messaging.breaker import BreakerState


class Liveness(Resource):
    """The process answers."""

    status: Literal["live"] = "live"
    """Always `live`."""


class ChannelReadiness(Resource):
    """One channel."""

    name: str
    """Name in the configuration."""
    open: bool
    """Whether it can carry messages."""
    reason: Reason | None
    """What is wrong with it, see `docs/operations.md`; null: its messages move."""
    waiting: int
    """Messages that wait for an attempt."""
    overdue_seconds: float
    """For how long the first of them has been due while messages could leave; 0: none is due."""
    breaker: BreakerState
    """State of its breaker, see `docs/operations.md`."""
    window_open: bool
    """Whether the authority takes messages at this hour."""


class Readiness(Resource):
    """Whether messages are taken, and whether those that are there move."""

    status: Status
    """`ready`: messages move; `degraded`: they are taken, and something is wrong; `starting`:
    not yet, or no more (503); `failing`: none can be taken (503)."""
    reasons: list[Reason]
    """What is wrong with the gateway as a whole, see `docs/operations.md`."""
    channels: list[ChannelReadiness]
    """Every configured channel, and others for which messages wait."""


class HealthRoutes:
    """The routes, bound to a look at the gateway and to its judge."""

    def __init__(
        self,
        vitals: Callable[[], Awaitable[Vitals]],
        judge: Callable[[Vitals], Health],
        metrics: Metrics,
    ) -> None:
        self.vitals = vitals
        self.judge = judge
        self.figures = metrics

    def router(self) -> APIRouter:
        """The routes for the application."""
        router = APIRouter(tags=["health"])
        router.add_api_route(
            "/health/live", self.live, response_model=Liveness, summary="Whether it lives"
        )
        router.add_api_route(
            "/health/ready",
            self.ready,
            response_model=Readiness,
            summary="Whether messages move",
            responses={503: {"model": Readiness, "description": "Not yet, no more, or failing"}},
        )
        router.add_api_route(
            "/metrics",
            self.metrics,
            response_class=Response,
            summary="Figures for Prometheus",
            responses={200: {"content": {"text/plain": {}}, "description": "The figures"}},
        )
        return router

    async def live(self) -> Liveness:
        """Say that the process answers; it looks at nothing else."""
        return Liveness()

    async def ready(self, response: Response) -> Readiness:
        """Say whether messages are taken, and whether those that are there move."""
        health = self.judge(await self.vitals())
        response.status_code = 200 if health.is_ready else 503
        return Readiness.model_validate(health)

    async def metrics(self) -> Response:
        """Return all figures in the Prometheus text format."""
        vitals = await self.vitals()
        self.figures.look(vitals, self.judge(vitals))
        body, media_type = self.figures.exposition()
        return Response(body, media_type=media_type)
