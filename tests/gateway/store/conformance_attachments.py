"""What every index of attachments must do, on the database of a real message store."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from gateway.errors import AttachmentUnusableError
from gateway.messaging.attachment import ArrivingAttachment, Attachment, AttachmentId
from gateway.messaging.attachment_ports import AttachmentIndex
from gateway.messaging.history import Entry
from gateway.messaging.message import Message
from gateway.messaging.ports import MessageFilter, MessageStore
from gateway.messaging.terms import Terms
from tests.gateway.store.attachment_samples import arriving, content_of, new_location
from tests.gateway.store.samples import NOW, REQUEST, WIRE, a_message, later


@dataclass(frozen=True, kw_only=True, slots=True)
class Shelf:
    """A message store that is open, and its index."""

    store: MessageStore
    index: AttachmentIndex

    async def kept(self, content: bytes = b"%PDF-", **changes: Any) -> Attachment:
        attachment = arriving(**changes)
        await self.index.announce(attachment)
        kept = await self.index.complete(attachment, content_of(content, tenant=attachment.tenant))
        assert kept is not None
        return kept

    async def accept(self, *attachments: Attachment | ArrivingAttachment) -> Message:
        message = a_message()
        entry = Entry(at=message.accepted_at, event="message.accepted", state=message.state)
        terms = Terms(attachments=tuple(one.id for one in attachments))
        await self.store.accept(message, [REQUEST, WIRE], [entry], terms=terms)
        return message


class AttachmentConformance:
    """Inherit, and give three fixtures.

    ``make_store`` as for ``StoreConformance``, ``index_of``, which makes the index of an open
    store, and ``erase``, which deletes the stages of a message.
    """

    @pytest.fixture
    def make_store(self) -> Callable[[], MessageStore]:
        raise NotImplementedError

    @pytest.fixture
    def index_of(self) -> Callable[[Any], AttachmentIndex]:
        raise NotImplementedError

    async def erase(self, store: Any, message: Message) -> None:
        """Delete the stages of a message, as retention does."""
        raise NotImplementedError

    @pytest.fixture
    async def shelf(
        self,
        make_store: Callable[[], MessageStore],
        index_of: Callable[[Any], AttachmentIndex],
    ) -> AsyncIterator[Shelf]:
        store = make_store()
        await store.open()
        yield Shelf(store=store, index=index_of(store))
        await store.close()

    async def test_an_attachment_is_there_when_it_is_complete(self, shelf: Shelf) -> None:
        attachment = arriving()
        await shelf.index.announce(attachment)
        assert await shelf.index.attachment(attachment.id) is None
        kept = await shelf.index.complete(attachment, content_of(b"%PDF-"))
        assert kept == await shelf.index.attachment(attachment.id)
        assert kept is not None
        assert (kept.tenant, kept.caller, kept.file_name) == ("default", "city", "Pläne.pdf")
        assert (kept.created_at, kept.expires_at) == (NOW, later(60))
        assert (kept.size_bytes, kept.sha256) == (5, content_of(b"%PDF-").sha256)
        assert kept.kept_at == attachment.location
        assert not kept.is_referenced

    async def test_one_tenant_keeps_the_same_content_once(self, shelf: Shelf) -> None:
        first = await shelf.kept(b"a")
        second = await shelf.kept(b"a", caller="another", file_name=None)
        other = await shelf.kept(b"b")
        foreign = await shelf.kept(b"a", tenant="neighbour")
        assert second.kept_at == first.location
        assert other.kept_at == other.location
        assert foreign.kept_at == foreign.location
        assert await shelf.index.out_of_use([second.location]) == [second.location]

    async def test_of_many_at_once_one_brings_the_content(self, shelf: Shelf) -> None:
        kept = await asyncio.gather(*(shelf.kept(b"same") for _ in range(10)))
        assert len({one.kept_at for one in kept}) == 1
        own = {one.location for one in kept}
        assert set(await shelf.index.out_of_use(sorted(own))) == own - {kept[0].kept_at}

    async def test_content_goes_with_its_last_attachment(self, shelf: Shelf) -> None:
        first, second = await shelf.kept(b"a"), await shelf.kept(b"a")
        assert await shelf.index.discard(first.id) == []
        assert await shelf.index.attachment(second.id) is not None
        assert await shelf.index.discard(second.id) == [first.location]
        assert await shelf.index.discard(second.id) == []
        assert await shelf.index.out_of_use([first.location]) == [first.location]

    async def test_content_that_went_can_come_again(self, shelf: Shelf) -> None:
        first = await shelf.kept(b"a")
        await shelf.index.discard(first.id)
        again = await shelf.kept(b"a")
        assert again.kept_at == again.location != first.location

    async def test_what_arrives_is_in_use_until_it_is_discarded(self, shelf: Shelf) -> None:
        attachment = arriving()
        await shelf.index.announce(attachment)
        assert await shelf.index.out_of_use([attachment.location]) == []
        assert await shelf.index.discard(attachment.id) == [attachment.location]
        assert await shelf.index.complete(attachment, content_of()) is None
        assert await shelf.index.out_of_use([attachment.location]) == [attachment.location]

    async def test_what_nobody_knows_is_out_of_use(self, shelf: Shelf) -> None:
        kept = await shelf.kept()
        stranger = new_location()
        found = await shelf.index.out_of_use([stranger, kept.kept_at])
        assert found == [stranger]
        assert await shelf.index.out_of_use([]) == []

    async def test_a_message_keeps_what_it_refers_to(self, shelf: Shelf) -> None:
        first, second = await shelf.kept(b"a"), await shelf.kept(b"b")
        message = await shelf.accept(first, second)
        found = await shelf.index.attachments_of(message.id)
        assert {one.id for one in found} == {first.id, second.id}
        assert all(one.is_referenced for one in found)
        assert await shelf.index.discard(first.id) is None
        assert await shelf.index.discard_expired(now=later(3600), limit=9) == (0, [])

    async def test_an_attachment_goes_when_its_last_message_is_erased(self, shelf: Shelf) -> None:
        kept = await shelf.kept()
        first, second = await shelf.accept(kept), await shelf.accept(kept)
        await self.erase(shelf.store, first)
        assert await shelf.index.attachments_of(first.id) == []
        assert await shelf.index.discard_expired(now=later(3600), limit=9) == (0, [])
        await self.erase(shelf.store, second)
        expired = await shelf.index.discard_expired(now=later(3600), limit=9)
        assert expired == (1, [kept.kept_at])

    async def test_those_whose_time_is_over_go_a_few_at_a_time(self, shelf: Shelf) -> None:
        kept = [await shelf.kept(bytes([number])) for number in range(3)]
        await shelf.index.announce(lost := arriving())
        young = await shelf.kept(b"young", expires_at=later(7200))
        assert await shelf.index.discard_expired(now=later(59), limit=9) == (0, [])
        first = await shelf.index.discard_expired(now=later(60), limit=3)
        second = await shelf.index.discard_expired(now=later(60), limit=3)
        assert (first[0], second[0]) == (3, 1)
        assert {*first[1], *second[1]} == {lost.location, *(one.kept_at for one in kept)}
        assert await shelf.index.attachment(young.id) is not None

    @pytest.mark.parametrize("changes", [{"caller": "another"}, {"tenant": "another"}])
    async def test_a_message_cannot_refer_to_what_is_not_its_callers(
        self, shelf: Shelf, changes: dict[str, str]
    ) -> None:
        with pytest.raises(AttachmentUnusableError):
            await shelf.accept(await shelf.kept(b"mine"), await shelf.kept(b"theirs", **changes))
        assert await shelf.store.find(MessageFilter(), limit=9) == ([], None)

    async def test_a_message_cannot_refer_to_what_is_not_there(self, shelf: Shelf) -> None:
        await shelf.index.announce(half := arriving())
        gone = await shelf.kept()
        await shelf.index.discard(gone.id)
        for missing in (half, gone):
            with pytest.raises(AttachmentUnusableError):
                await shelf.accept(missing)
        assert await shelf.store.find(MessageFilter(), limit=9) == ([], None)

    async def test_of_a_sweep_and_an_acceptance_at_once_one_wins(self, shelf: Shelf) -> None:
        for number in range(20):
            kept = await shelf.kept(bytes([number]))
            accepting, sweeping = await asyncio.gather(
                shelf.accept(kept),
                shelf.index.discard_expired(now=later(3600), limit=9),
                return_exceptions=True,
            )
            if isinstance(accepting, AttachmentUnusableError):
                assert sweeping == (1, [kept.kept_at])
            else:
                assert isinstance(accepting, Message)
                assert sweeping == (0, [])
                assert await shelf.index.out_of_use([kept.kept_at]) == []

    async def test_a_message_without_attachments_refers_to_none(self, shelf: Shelf) -> None:
        message = await shelf.accept()
        assert await shelf.index.attachments_of(message.id) == []
        assert await shelf.index.attachment(AttachmentId("unknown")) is None
