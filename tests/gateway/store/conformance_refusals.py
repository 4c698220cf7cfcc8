"""What every message store must do with refused calls."""

import dataclasses
from typing import Any

import pytest

from gateway.messaging.ports import MessageStore
from gateway.messaging.refusal import Refusal, RefusalFilter
from tests.gateway.store.conformance_base import StoreConformance
from tests.gateway.store.samples import later
from tests.gateway.store.test_refusals import REFUSAL

OF_CITY = RefusalFilter(tenant="default", caller="city")


def at(seconds: float, **changes: Any) -> Refusal:
    return dataclasses.replace(REFUSAL, at=later(seconds), **changes)


class RefusalConformance(StoreConformance):
    """Inherit, and give the fixture ``make_store``, as ``StoreConformance`` says."""

    async def test_they_come_back_as_they_were_newest_first(self, store: MessageStore) -> None:
        kept = [at(1), at(3, tenant=None, caller=None, recipient=None, spots=()), at(2)]
        await store.record_refusals(kept)
        found, cursor = await store.find_refusals(RefusalFilter(), limit=3)
        assert found == [kept[1], kept[2], kept[0]]
        assert cursor is None

    async def test_pages_follow_each_other(self, store: MessageStore) -> None:
        # Two of the same moment stand on two pages.
        kept = [at(n // 2, size_bytes=n) for n in range(7)]
        await store.record_refusals(kept)
        pages, cursor = [], None
        for _ in range(4):
            page, cursor = await store.find_refusals(OF_CITY, limit=2, before=cursor)
            pages += page
        assert cursor is None
        assert pages == kept[::-1]

    @pytest.mark.parametrize(
        ("wanted", "numbers"),
        [
            (OF_CITY, [0, 3]),
            (RefusalFilter(tenant="default"), [0, 1, 3]),
            (RefusalFilter(operation="residents/report"), [3]),
            (RefusalFilter(recipient="ags:2"), [1]),
            (RefusalFilter(since=later(1), until=later(3)), [1, 2]),
            (dataclasses.replace(OF_CITY, operation="residents/report"), [3]),
            (dataclasses.replace(OF_CITY, recipient="ags:2"), []),
        ],
    )
    async def test_only_what_is_wanted_is_listed(
        self, store: MessageStore, wanted: RefusalFilter, numbers: list[int]
    ) -> None:
        kept = [
            at(0),
            at(1, caller="county", recipient="ags:2"),
            at(2, tenant="other"),
            at(3, operation="residents/report"),
        ]
        await store.record_refusals(kept)
        found, _ = await store.find_refusals(wanted, limit=9)
        assert [kept.index(one) for one in found] == numbers[::-1]
