"""What a call would send: steps 1 to 4 of the journey, and nothing after them."""

from gateway.flow.call import Call, Preview
from gateway.flow.directory import Directory
from gateway.flow.examine import check_call
from gateway.flow.journey import Journey
from gateway.messaging.message import MessageId


async def preview(
    journey: Journey, directory: Directory, call: Call, *, message_id: MessageId
) -> Preview:
    """Translate a call as ``ask`` would; store and send nothing.

    Args:
        journey: Workers, clock and attachments.
        directory: What is offered and reachable.
        call: What the caller sent.
        message_id: Id that stands in the preview.

    Raises:
        MessageRefusedError: ``ask`` would refuse it the same way.
        WorkerUnavailableError: The body is large and cannot be checked now.
    """
    checked = await check_call(
        journey.workers, call, directory, message_id=message_id, now=journey.clock.now()
    )
    if journey.attachments is not None and journey.attachments.concern(checked):
        checked = await journey.attachments.attach(call.caller, checked)
    canonical, wire = checked.stages
    return Preview(
        authority=checked.authority,
        channel=checked.lane.channel.name,
        map=wire.map_version or "",
        wire_schema=wire.wire_schema or "",
        completed=canonical.body,
        wire=wire.body,
        media_type=wire.media_type,
        ledger=wire.ledger or b"",
    )
