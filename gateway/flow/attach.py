"""Between check and acceptance: the attachments that a document refers to are there, and its own.

The store looks once more in the transaction that accepts the message, so that none goes meanwhile.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from gateway.errors import AttachmentUnusableError, NotExpressibleError, Place
from gateway.flow.check import Checked
from gateway.messaging.attachment import AttachmentId
from gateway.messaging.attachment_ports import AttachmentIndex
from gateway.messaging.message import Stage
from gateway.messaging.party import Caller
from gateway.messaging.placeholder import is_attachment_id, split_at_placeholders
from gateway.messaging.streamed import StreamingTransport
from gateway.messaging.terms import Terms
from gateway.validation.attachment_places import KEYWORD, attachments_in
from gateway.validation.json_document import parse_json

_DETAIL = "No attachment of this caller has this id, or its time is over."


async def attach(
    index: AttachmentIndex,
    caller: Caller,
    checked: Checked,
    *,
    schema: Mapping[str, Any],
    now: datetime,
) -> Checked:
    """Find the attachments of a checked call.

    Args:
        index: What is known of attachments.
        caller: Who calls.
        checked: The call.
        schema: Its canonical schema.
        now: Aware, UTC.

    Raises:
        AttachmentUnusableError: Some are not there; all are named.
        NotExpressibleError: The authority's format, or the way to it, carries no attachments.
    """
    canonical, wire = checked.stages
    found = attachments_in(parse_json(canonical.body), schema)
    usable = {
        attachment_id: await _is_usable(index, caller, attachment_id, now=now)
        for attachment_id in set(found.values())
    }
    places = [
        Place(keyword=KEYWORD, detail=_DETAIL, pointer=pointer)
        for pointer, attachment_id in found.items()
        if not usable[attachment_id]
    ]
    if places:
        raise AttachmentUnusableError("The document refers to unknown attachments.", places=places)
    _require_places(wire, found)
    if found and not isinstance(checked.lane.transport, StreamingTransport):
        raise NotExpressibleError("The way to the authority carries no attachments.")
    if not found:
        return checked
    attachments = tuple(map(AttachmentId, sorted(usable)))
    return replace(checked, terms=replace(checked.terms or Terms(), attachments=attachments))


async def _is_usable(
    index: AttachmentIndex, caller: Caller, attachment_id: str, *, now: datetime
) -> bool:
    if not is_attachment_id(attachment_id):
        return False
    known = await index.attachment(AttachmentId(attachment_id))
    return (
        known is not None
        and (known.tenant, known.caller) == (caller.tenant, caller.name)
        and not known.is_expired(now)
    )


def _require_places(wire: Stage, found: Mapping[str, str]) -> None:
    """Each attachment is sent as often as the document says, and no text passes for one."""
    written = Counter(part for part in split_at_placeholders(wire.body) if isinstance(part, str))
    if written == Counter(found.values()):
        return
    places = [
        Place(keyword=KEYWORD, detail="It is not written as an attachment.", pointer=pointer)
        for pointer, attachment_id in found.items()
        if written[AttachmentId(attachment_id)] == 0
    ]
    raise NotExpressibleError(
        "The authority's format has no place for an attachment, or a text looks like one.",
        places=places,
    )
