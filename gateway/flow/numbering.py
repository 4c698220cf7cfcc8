"""Sequence numbers of requests: a trial before acceptance, the real ones inside it.

A request is translated with the largest numbers there are, which finds every fault, and again in
the accept transaction, with the numbers given there: what rolls back, or dies, gives them back.
Kept out: which number comes next (the store), where it stands (maps), numbers of answers
(``seen_numbers``).
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from gateway.errors import Place, SchemaViolationError
from gateway.flow.directory import Exchange, Lane
from gateway.flow.pointers import value_at
from gateway.flow.stages import request_stages
from gateway.messaging.message import Stage
from gateway.messaging.sequence import Numbering, SequenceField
from gateway.validation.json_document import JsonValue, parse_json


def require_no_own_numbers(document: JsonValue, fields: Sequence[SequenceField]) -> None:
    """A caller who chose a number could repeat one, or leave a gap.

    Raises:
        SchemaViolationError: The caller's document has a number of a sequence.
    """
    own = [
        Place(
            keyword="supplied",
            detail="The gateway counts here; leave it out.",
            pointer=field.pointer,
        )
        for field in fields
        if value_at(document, field.pointer) is not None
    ]
    if own:
        raise SchemaViolationError("The document sets what the gateway supplies.", places=own)


def numbering(lane: Lane, key: str, canonical: Stage, fields: Sequence[SequenceField]) -> Numbering:
    """How a message gets its numbers when it is accepted.

    Args:
        lane: Where it leaves.
        key: Of its operation.
        canonical: Its completed document, with trial numbers.
        fields: Where numbers stand in it.
    """
    write = partial(_renumbered, lane.exchanges[key], canonical.body, tuple(fields))
    return Numbering(channel=lane.channel.name, fields=tuple(fields), write=write)


def _renumbered(
    exchange: Exchange,
    canonical: bytes,
    fields: Sequence[SequenceField],
    numbers: Mapping[str, int],
) -> tuple[Stage, Stage]:
    """Translate a completed document once more, its trial numbers replaced."""
    document: Any = parse_json(canonical)
    for field in fields:
        _leave_out(document, field.pointer)
    supplies = {field.supply: numbers[field.name] for field in fields}
    return request_stages(exchange.write_request(document, supplies))


def _leave_out(document: dict[str, Any], pointer: str) -> None:
    parent, _, name = pointer.rpartition("/")
    holder: Any = value_at(document, parent)
    del holder[name.replace("~1", "/").replace("~0", "~")]
