"""What a caller can read about its messages. Another caller's message is an unknown one."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from gateway.errors import (
    AnswerNotReadyError,
    ResultErasedError,
    UnknownChannelError,
    UnknownMessageError,
)
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Attempt, HistoryEvent, Message, MessageId, Stage, StageKind
from gateway.messaging.party import Caller
from gateway.messaging.ports import MessageFilter, MessageStore
from gateway.messaging.refusal import Refusal, RefusalFilter
from gateway.messaging.sequence import Gap, Unsent


async def message(store: MessageStore, caller: Caller, message_id: MessageId) -> Message:
    """One message of the caller.

    Raises:
        UnknownMessageError: There is none of this id, or it belongs to somebody else.
    """
    found = await store.get(message_id)
    if found is None or (found.tenant, found.caller) != (caller.tenant, caller.name):
        raise UnknownMessageError("No message with this id belongs to the caller.")
    return found


async def history(store: MessageStore, caller: Caller, message_id: MessageId) -> list[HistoryEvent]:
    """The message's events, oldest first; raises as ``message``."""
    await message(store, caller, message_id)
    return await store.history(message_id)


async def attempts(store: MessageStore, caller: Caller, message_id: MessageId) -> list[Attempt]:
    """The message's attempts, oldest first; raises as ``message``."""
    await message(store, caller, message_id)
    return await store.attempts(message_id)


async def ledger(
    store: MessageStore, caller: Caller, message_id: MessageId
) -> dict[StageKind, bytes]:
    """The short ledger (JSON) of each stage that a map made or read; raises as ``message``."""
    await message(store, caller, message_id)
    stages = [await store.stage(message_id, kind) for kind in StageKind]
    return {
        stage.kind: stage.ledger
        for stage in stages
        if stage is not None and stage.ledger is not None
    }


async def answer(store: MessageStore, caller: Caller, message_id: MessageId) -> Stage:
    """The canonical answer.

    Raises:
        UnknownMessageError: As ``message``.
        AnswerNotReadyError: There is none, or not yet.
        ResultErasedError: There was one; its time is over.
    """
    found = await message(store, caller, message_id)
    stage = await store.stage(message_id, StageKind.CANONICAL_ANSWER)
    if stage is None and found.state is State.ANSWERED:
        raise ResultErasedError("The message was answered; the answer is not kept any more.")
    if stage is None:
        raise AnswerNotReadyError(f"The message is {found.state} and has no canonical answer.")
    return stage


async def blocked_by(
    store: MessageStore, messages: Sequence[Message]
) -> Mapping[MessageId, MessageId]:
    """Of those that wait in an order, each with the first one, until which is finished."""
    waiting = [one.id for one in messages if one.waits_in_line]
    return await store.lines.blocked_by(waiting) if waiting else {}


async def gaps(
    store: MessageStore, caller: Caller, channel: str, *, channels: Container[str]
) -> tuple[Sequence[Gap], Sequence[Unsent]]:
    """What is missing in a channel, and numbers of ours that may never have arrived.

    An operator is told of the numbers of all callers, any other caller of its own.

    Args:
        store: Where numbers are kept.
        caller: Who asks.
        channel: Name of the channel; one that was taken away may still have gaps.
        channels: Those that are open.

    Raises:
        UnknownChannelError: It is not open, and nothing is known of it.
    """
    tenant, name = (None, None) if caller.operator else (caller.tenant, caller.name)
    unsent = await store.sequences.unsent(channel, tenant=tenant, caller=name)
    missing = await store.sequences.gaps(channel)
    if channel not in channels and not (missing or unsent):
        raise UnknownChannelError("No channel of this name is configured and open.")
    return missing, unsent


async def messages(
    store: MessageStore,
    caller: Caller,
    wanted: MessageFilter,
    *,
    limit: int,
    before: str | None = None,
) -> tuple[list[Message], str | None]:
    """One page of the caller's own messages, newest first, and the cursor of the next page.

    Raises:
        ParameterInvalidError: ``before`` is no cursor of an earlier page.
    """
    own = replace(wanted, tenant=caller.tenant, caller=caller.name)
    return await store.find(own, limit=limit, before=before)


async def refusals(
    store: MessageStore,
    caller: Caller,
    wanted: RefusalFilter,
    *,
    limit: int,
    before: str | None = None,
) -> tuple[list[Refusal], str | None]:
    """One page of the caller's own refused calls; raises as ``messages``."""
    own = replace(wanted, tenant=caller.tenant, caller=caller.name)
    return await store.find_refusals(own, limit=limit, before=before)
