"""The API around a real desk and store, in front of an authority that refuses."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from gateway.api import create_app
from gateway.api.health import HealthLimits, judge
from gateway.api.metrics import Metrics
from gateway.flow.desk import Desk
from gateway.messaging.message import Message
from gateway.security.tokens import TokenAuthentication, digest
from tests.gateway.api.conftest import TOKEN
from tests.gateway.flow.letter_world import LetterWorld, dead
from tests.gateway.flow.world import CALLER


@dataclass(frozen=True, kw_only=True)
class LetterApp:
    """A running gateway, its desk, and somebody who may ask."""

    http: httpx.AsyncClient
    desk: Desk
    world: LetterWorld

    async def dead(self, number: int = 1) -> list[Message]:
        return await dead(self.desk, number)


@asynccontextmanager
async def running(world: LetterWorld) -> AsyncIterator[LetterApp]:
    desk = world.desk()
    app = create_app(
        desk,
        TokenAuthentication({digest(TOKEN): CALLER}),
        contracts={},
        judge=lambda vitals: judge(vitals, channels={}, limits=HealthLimits()),
        metrics=Metrics(version="0"),
        version="0",
    )
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://g", headers=headers
        ) as http,
    ):
        yield LetterApp(http=http, desk=desk, world=world)
