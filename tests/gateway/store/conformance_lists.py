"""What every message store must do for lists: pages, cursors and filters."""

import pytest

from gateway.errors import (
    ParameterInvalidError,
)
from gateway.messaging.lifecycle import State
from gateway.messaging.ports import MessageFilter, MessageStore
from tests.gateway.store.conformance import brought_to
from tests.gateway.store.conformance_base import StoreConformance
from tests.gateway.store.samples import (
    a_message,
    later,
    stored,
)


class ListConformance(StoreConformance):
    """Inherit, and give the fixture ``make_store``, as ``StoreConformance`` says."""

    # find

    async def test_pages_follow_each_other_newest_first(self, store: MessageStore) -> None:
        messages = [await stored(store, a_message(accepted_at=later(n // 2))) for n in range(7)]
        expected = sorted(messages, key=lambda found: (found.accepted_at, found.id), reverse=True)
        first, cursor = await store.find(MessageFilter(), limit=3)
        second, cursor = await store.find(MessageFilter(), limit=3, before=cursor)
        third, end = await store.find(MessageFilter(), limit=3, before=cursor)
        assert [*first, *second, *third] == expected
        assert end is None

    async def test_a_page_that_is_just_full_is_the_last(self, store: MessageStore) -> None:
        await stored(store, a_message())
        assert (await store.find(MessageFilter(), limit=1))[1] is None

    async def test_a_cursor_can_stand_in_a_url(self, store: MessageStore) -> None:
        for _ in range(2):
            await stored(store, a_message())
        _, cursor = await store.find(MessageFilter(), limit=1)
        assert cursor is not None
        assert cursor.replace("-", "").replace("_", "").isalnum()

    async def test_new_messages_do_not_shift_a_page(self, store: MessageStore) -> None:
        messages = [await stored(store, a_message(accepted_at=later(n))) for n in range(4)]
        _, cursor = await store.find(MessageFilter(), limit=2)
        await stored(store, a_message(accepted_at=later(9)))
        page, _ = await store.find(MessageFilter(), limit=2, before=cursor)
        assert page == [messages[1], messages[0]]

    @pytest.mark.parametrize("cursor", ["", "?", "bm9uZQ", "MTox\n", "ä", "/////"])
    async def test_an_unknown_cursor_is_refused(self, store: MessageStore, cursor: str) -> None:
        with pytest.raises(ParameterInvalidError):
            await store.find(MessageFilter(), limit=1, before=cursor)

    @pytest.mark.parametrize(
        ("wanted", "numbers"),
        [
            (MessageFilter(), {0, 1, 2, 3, 4}),
            (MessageFilter(tenant="default", caller="city"), {0, 3, 4}),
            (MessageFilter(tenant="default"), {0, 2, 3, 4}),
            (MessageFilter(caller="county"), {2}),
            (MessageFilter(tenant="default", caller="city", states=frozenset({State.DEAD})), {3}),
            (MessageFilter(states=frozenset({State.DEAD, State.IN_DOUBT})), {3}),
            (MessageFilter(states=frozenset({State.DEAD, State.ACCEPTED})), {0, 1, 2, 3}),
            (MessageFilter(states=frozenset({State.EXPIRED})), set()),
            (MessageFilter(operation="residents/free-search"), {1}),
            (MessageFilter(authority="ags:05000000"), {2}),
            (MessageFilter(authority="ags:05000000", caller="city"), set()),
            (MessageFilter(case_reference="4711"), {2, 3}),
            (MessageFilter(case_reference="4711", tenant="default", caller="city"), {3}),
            (MessageFilter(case_reference="47"), set()),
            (MessageFilter(states=frozenset({State.ACCEPTED})), {0, 1, 2}),
            (MessageFilter(states=frozenset({State.ACCEPTED}), caller="city"), {0, 1}),
            (MessageFilter(states=frozenset({State.EXPIRED, State.CANCELLED})), {4}),
            (MessageFilter(states=frozenset({State.EXPIRED, State.DEAD})), {3}),
            (MessageFilter(since=later(1), until=later(3)), {1, 2}),
        ],
    )
    async def test_only_what_is_wanted_is_listed(
        self, store: MessageStore, wanted: MessageFilter, numbers: set[int]
    ) -> None:
        messages = [
            await stored(store, a_message(accepted_at=later(0))),
            await stored(
                store,
                a_message(tenant="other", operation="residents/free-search", accepted_at=later(1)),
            ),
            await stored(
                store,
                a_message(
                    caller="county",
                    authority="ags:05000000",
                    case_reference="4711",
                    accepted_at=later(2),
                ),
            ),
            await brought_to(store, State.DEAD, case_reference="4711", accepted_at=later(3)),
            await brought_to(store, State.CANCELLED, accepted_at=later(4)),
        ]
        page, _ = await store.find(wanted, limit=10)
        assert [messages.index(found) for found in page] == sorted(numbers, reverse=True)
