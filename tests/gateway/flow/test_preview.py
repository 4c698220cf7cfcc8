"""What a call would send."""

import json

import pytest

from gateway.errors import SchemaViolationError
from gateway.flow.preview import preview
from tests.gateway.flow.world import AUTHORITY, MESSAGE_ID, World, ask_for


async def test_a_preview_is_what_would_be_stored_and_nothing_is() -> None:
    world = World()
    seen = await preview(world.journey, world.directory, ask_for(), message_id=MESSAGE_ID)
    canonical, wire = world.checked(ask_for()).stages
    assert (seen.completed, seen.wire) == (canonical.body, wire.body)
    assert json.loads(seen.completed)["messageId"] == MESSAGE_ID
    assert (seen.authority, seen.channel, seen.map) == (AUTHORITY, "main", "plain/search@1")
    assert world.store.messages == {}
    assert world.authority.got == []


async def test_what_would_be_refused_is_refused() -> None:
    world = World()
    with pytest.raises(SchemaViolationError):
        await preview(world.journey, world.directory, ask_for({"x": 1}), message_id=MESSAGE_ID)
