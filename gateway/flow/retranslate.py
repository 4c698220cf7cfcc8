"""Make the content of a kept message anew, from its canonical request, with the present map.

Everything that is asked of a new call is asked again: permission, schemas, route. Nothing is stored
here. Kept out: sending it (``replay``).
"""

from gateway.errors import ContentErasedError, NoRouteError, Place
from gateway.flow.call import Call
from gateway.flow.directory import Directory
from gateway.flow.examine import check_call
from gateway.flow.journey import Journey
from gateway.messaging.message import Message, Stage, StageKind
from gateway.messaging.party import Caller


async def retranslate(
    journey: Journey, directory: Directory, caller: Caller, message: Message
) -> tuple[Stage, ...]:
    """Translate a message's canonical request once more.

    Args:
        journey: Store, clock and workers.
        directory: What is offered and reachable now.
        caller: The message's caller as it is now.
        message: The message; it keeps its id.

    Returns:
        What is other than before, the wire request last. Empty: the bytes, and the map that makes
        them, are the same as before.

    Raises:
        ContentErasedError: The request is not kept any more.
        MessageRefusedError: The same call would be refused now; the class says why.
        WorkerUnavailableError: It is large and cannot be translated now.
    """
    canonical = await journey.store.stage(message.id, StageKind.CANONICAL_REQUEST)
    if canonical is None:
        raise ContentErasedError("The request of the message is not kept any more.")
    checked = await check_call(
        journey.workers,
        _call(caller, message, canonical),
        directory,
        message_id=message.id,
        now=journey.clock.now(),
    )
    _require_same_channel(message, checked.lane.channel.name)
    before = [await journey.store.stage(message.id, stage.kind) for stage in checked.stages]
    return tuple(
        stage for stage, earlier in zip(checked.stages, before, strict=True) if stage != earlier
    )


def _call(caller: Caller, message: Message, canonical: Stage) -> Call:
    return Call(
        caller=caller,
        operation=message.operation,
        version=message.operation_version,
        body=canonical.body,
        recipient=message.authority,
        purpose=message.purpose,
        case_reference=message.case_reference,
        test=message.test,
        traceparent=message.traceparent,
    )


def _require_same_channel(message: Message, channel: str) -> None:
    if channel != message.channel:
        place = Place(
            keyword="channel",
            detail=f"The message leaves through {message.channel}; the route leads to {channel}.",
        )
        raise NoRouteError(
            "The recipient is reached through another channel now; send a corrected copy.",
            places=[place],
        )
