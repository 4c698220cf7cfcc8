"""A document refers to attachments that are there and its caller's own, or it is refused."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from gateway.errors import AttachmentUnusableError, NotExpressibleError
from gateway.flow.attach import attach
from gateway.flow.check import Checked
from gateway.messaging.placeholder import placeholder_of
from gateway.messaging.ports import Receipt, WireAnswer
from gateway.messaging.streamed import StreamedMessage, StreamingTransport
from tests.gateway.flow.attic import LIMITS, PDF, Attic
from tests.gateway.flow.world import CALLER, NOON, Authority, World, ask_for
from tests.gateway.store.attachment_samples import arriving

UNKNOWN = "0c9a5a1e-0000-4000-8000-00000000000f"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "plans": {"type": "array", "items": {"type": "string", "x-attachment": True}},
    },
}


class Streaming(Authority, StreamingTransport):
    @override
    async def exchange_stream(
        self, outgoing: StreamedMessage, *, deadline: datetime
    ) -> WireAnswer | Receipt:
        raise NotImplementedError


@pytest.fixture
async def attic(tmp_path: Path) -> AsyncIterator[Attic]:
    attic = Attic(folder=tmp_path)
    await attic.open()
    yield attic
    await attic.messages.close()


def checked(document: dict[str, Any], wire: bytes | None = None, **world: Any) -> Checked:
    """A call whose wire form holds each plan once, unless the test says another form."""
    plain = World(**{"authority": Streaming(), **world}).checked(ask_for())
    canonical, stage = plain.stages
    if wire is None:
        wire = b"|".join(placeholder_of(one).encode() for one in document.get("plans", ()))
    return replace(
        plain,
        stages=(
            replace(canonical, body=json.dumps(document).encode()),
            replace(stage, body=b"<" + wire + b">"),
        ),
    )


async def attached(attic: Attic, call: Checked, **changes: Any) -> Checked:
    arguments: dict[str, Any] = {"schema": SCHEMA, "now": NOON, **changes}
    return await attach(attic.index, arguments.pop("caller", CALLER), call, **arguments)


def referred(found: Checked) -> tuple[str, ...]:
    return () if found.terms is None else found.terms.attachments


async def test_each_attachment_is_named_once(attic: Attic) -> None:
    first, second = await attic.kept(PDF + b"1"), await attic.kept(PDF + b"2")
    call = checked({"plans": [second.id, first.id, second.id]})
    found = await attached(attic, call)
    assert sorted(referred(found)) == sorted([first.id, second.id])
    assert replace(found, terms=None) == call


async def test_a_document_without_any_refers_to_none(attic: Attic) -> None:
    assert referred(await attached(attic, checked({"name": "x"}, b"x"))) == ()


async def test_every_unusable_one_is_named_where_it_stands(attic: Attic) -> None:
    kept, half = await attic.kept(), arriving(caller=CALLER.name)
    await attic.index.announce(half)
    call = checked({"plans": [UNKNOWN, kept.id, half.id, "x"]}, b"")
    with pytest.raises(AttachmentUnusableError) as caught:
        await attached(attic, call)
    assert [place.pointer for place in caught.value.places] == ["/plans/0", "/plans/2", "/plans/3"]


@pytest.mark.parametrize(
    "changes",
    [
        {"caller": replace(CALLER, name="another")},
        {"caller": replace(CALLER, tenant="another")},
        {"now": NOON + LIMITS.kept_for},
    ],
)
async def test_those_of_others_and_of_another_time_are_unusable(
    attic: Attic, changes: dict[str, Any]
) -> None:
    kept = await attic.kept()
    with pytest.raises(AttachmentUnusableError):
        await attached(attic, checked({"plans": [kept.id]}), **changes)


async def test_one_that_a_message_refers_to_does_not_expire(attic: Attic) -> None:
    kept = await attic.kept()
    await attic.accept(kept)
    late = NOON + LIMITS.kept_for + timedelta(days=1)
    found = await attached(attic, checked({"plans": [kept.id]}), now=late)
    assert referred(found) == (kept.id,)


async def test_what_the_form_does_not_hold_as_often_is_not_sent(attic: Attic) -> None:
    kept = await attic.kept()
    placeholder = placeholder_of(kept.id).encode()
    for document, wire in (
        ({"plans": [kept.id]}, b""),
        ({"plans": [kept.id]}, placeholder * 2),
        ({"plans": [kept.id, kept.id]}, placeholder),
        ({"name": placeholder.decode()}, placeholder),
        ({"name": "x"}, placeholder_of(UNKNOWN).encode()),
    ):
        with pytest.raises(NotExpressibleError):
            await attached(attic, checked(document, wire))


async def test_a_transport_that_does_not_stream_carries_none(attic: Attic) -> None:
    kept = await attic.kept()
    with pytest.raises(NotExpressibleError, match="carries no attachments"):
        await attached(attic, checked({"plans": [kept.id]}, authority=Authority()))
    found = await attached(attic, checked({"name": "x"}, b"x", authority=Authority()))
    assert referred(found) == ()
