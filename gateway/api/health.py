"""Whether the gateway lives, is ready, and which of its channels are open; and its figures."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Response

from gateway.api.messages import Resource
from gateway.api.metrics import Metrics


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelHealth:
    """Whether one channel can carry messages; ``reason`` says why it is closed."""

    name: str
    open: bool
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """What ``/health/ready`` tells: no detail about faults, those are in ``check-config``."""

    ready: bool
    channels: Sequence[ChannelHealth] = ()


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
    reason: str | None
    """Why it is closed; null while it is open."""


class Readiness(Resource):
    """Whether messages can be taken."""

    status: Literal["ready", "degraded", "starting"]
    """`degraded`: some channels are closed, the others work; `starting`: ask again (503)."""
    channels: list[ChannelReadiness]
    """Every configured channel."""


class HealthRoutes:
    """``/health/live``, ``/health/ready`` and ``/metrics``; open to everybody who can connect."""

    def __init__(self, health: Callable[[], Awaitable[Health]], metrics: Metrics) -> None:
        self.health = health
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
            summary="Whether it takes messages",
            responses={503: {"model": Readiness, "description": "Not yet, or no more"}},
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
        """Say whether messages can be taken, and through which channels."""
        health = await self.health()
        response.status_code = 200 if health.ready else 503
        channels = [ChannelReadiness.model_validate(one) for one in health.channels]
        return Readiness(status=_status(health), channels=channels)

    async def metrics(self) -> Response:
        """Return all figures in the Prometheus text format."""
        body, media_type = self.figures.exposition()
        return Response(body, media_type=media_type)


def _status(health: Health) -> Literal["ready", "degraded", "starting"]:
    if not health.ready:
        return "starting"
    return "ready" if all(channel.open for channel in health.channels) else "degraded"
