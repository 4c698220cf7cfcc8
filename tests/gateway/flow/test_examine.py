"""A call is told the same whether it is checked here or in a worker."""

import pytest

from gateway.errors import GatewayError, IdempotencyKeyMissingError, SchemaViolationError
from gateway.flow.call import Call
from gateway.flow.check import Checked
from gateway.flow.examine import Examined, check_call, examine
from gateway.flow.workers import Workers
from tests.gateway.flow.near_workers import NearWorkers
from tests.gateway.flow.world import (
    AUTHORITY,
    MESSAGE_ID,
    NOON,
    SUBMISSION,
    UNKNOWN_AUTHORITY,
    World,
    ask_for,
)

WORLD = World()
DIRECTORY = WORLD.directory
CALLS = {
    "sound": ask_for(),
    "with a key": ask_for(idempotency_key="k-1"),
    "submission": ask_for(operation=SUBMISSION, idempotency_key="k-1"),
    "recipient in the document": ask_for(
        {"name": "Ada", "recipient": {"id": AUTHORITY}}, recipient=None
    ),
    "no such version": ask_for(version=9),
    "too long": ask_for(body=b" " * 501),
    "not JSON": ask_for(body=b"{"),
    "twice": ask_for(body=b'{"name":"a","name":"b"}'),
    "schema": ask_for({"nam": 1, "number": "x"}),
    "nobody named": ask_for(recipient=None),
    "not granted": ask_for(recipient="ags:01"),
    "not expressible": ask_for({"name": "<"}),
    "foreign sender": ask_for({"name": "Ada", "sender": {"id": "else"}}),
    "own id": ask_for({"name": "Ada", "messageId": "mine"}),
    "nothing known of the recipient": ask_for(recipient=UNKNOWN_AUTHORITY),
    "no tests there": ask_for(test=True),
    "no key": ask_for(operation=SUBMISSION, idempotency_key=None),
}


async def examined(call: Call, workers: Workers | None) -> Examined:
    return await examine(
        workers, call, DIRECTORY, message_id=MESSAGE_ID, now=NOON, fingerprint_key=b"k" * 32
    )


async def fate(call: Call, workers: Workers | None) -> object:
    """What is accepted, or how it is refused."""
    try:
        found = await examined(call, workers)
        return found.operation, found.claim, checked_fields(found.check())
    except GatewayError as error:
        return type(error), error.detail, error.places


def checked_fields(checked: Checked) -> object:
    lane = checked.lane.channel.name
    return checked.message_id, checked.authority, lane, checked.stages, checked.claim


@pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
async def test_a_worker_changes_nothing(call: Call) -> None:
    assert await fate(call, NearWorkers(DIRECTORY)) == await fate(call, None)


@pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
async def test_nor_for_a_preview(call: Call) -> None:
    async def shown(workers: Workers | None) -> object:
        try:
            checked = await check_call(workers, call, DIRECTORY, message_id=MESSAGE_ID, now=NOON)
        except GatewayError as error:
            return type(error), error.detail, error.places
        return checked_fields(checked)

    assert await shown(NearWorkers(DIRECTORY)) == await shown(None)


@pytest.mark.parametrize("workers", [None, NearWorkers(DIRECTORY)], ids=["here", "there"])
async def test_a_repeat_is_recognised_though_its_document_would_be_refused_today(
    workers: Workers | None,
) -> None:
    found = await examined(ask_for({"nam": 1}, idempotency_key="k-1"), workers)
    assert found.claim is not None
    with pytest.raises(SchemaViolationError):
        found.check()


@pytest.mark.parametrize("workers", [None, NearWorkers(DIRECTORY)], ids=["here", "there"])
async def test_a_submission_without_a_key_is_refused_at_once(workers: Workers | None) -> None:
    with pytest.raises(IdempotencyKeyMissingError):
        await examined(ask_for(operation=SUBMISSION, idempotency_key=None), workers)
