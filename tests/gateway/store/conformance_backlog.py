"""What every store must count for the limits of the backlog."""

import pytest

from gateway.messaging.backlog import BacklogStore, Unsettled
from gateway.messaging.lifecycle import MOVING, State
from gateway.messaging.ports import MessageStore
from tests.gateway.store.conformance import brought_to
from tests.gateway.store.conformance_base import StoreConformance


class BacklogConformance(StoreConformance):
    """Inherit, and give ``make_store`` and ``backlog``, which counts in the fixture ``store``."""

    @pytest.fixture
    def backlog(self, store: MessageStore) -> BacklogStore:
        raise NotImplementedError

    async def test_what_is_not_settled_is_counted_by_caller_and_channel(
        self, store: MessageStore, backlog: BacklogStore
    ) -> None:
        assert await backlog.unsettled() == []
        for state in State:
            await brought_to(store, state)
        await brought_to(store, State.ACCEPTED, channel="berlin")
        await brought_to(store, State.ACCEPTED, caller="county", tenant="north")
        found = sorted(await backlog.unsettled(), key=lambda one: (one.tenant, one.channel))
        assert found == [
            Unsettled(tenant="default", caller="city", channel="berlin", count=1),
            Unsettled(tenant="default", caller="city", channel="munich", count=len(MOVING)),
            Unsettled(tenant="north", caller="county", channel="munich", count=1),
        ]
