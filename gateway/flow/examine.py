"""Steps 1 to 4 of one call, on the spot or, where its body is large, in a worker.

Kept out: what is checked (``check``), and which call repeats another (``repeat``).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from gateway.errors import MessageRefusedError
from gateway.flow.call import Call
from gateway.flow.check import Checked, check, permit, prepare
from gateway.flow.directory import Directory
from gateway.flow.order import order_key, with_order
from gateway.flow.repeat import claim_of
from gateway.flow.workers import Workers
from gateway.messaging.idempotency import Claim
from gateway.messaging.message import MessageId, Stage
from gateway.messaging.operation import Operation
from gateway.messaging.sequence import SequenceField


@dataclass(frozen=True, kw_only=True, slots=True)
class Examined:
    """A call that may be made.

    Attributes:
        operation: What is asked.
        claim: The idempotency key that it claims; None: it sent none.
        check: Completes the check, or tells what came of it; raises ``MessageRefusedError``.
    """

    operation: Operation
    claim: Claim | None
    check: Callable[[], Checked]


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A checked call by names and bytes only, so that it can leave the process that checked it.

    Attributes:
        message_id: The id it will have.
        operation: Key of the operation.
        authority: Legal recipient.
        channel: Name of the channel it leaves through.
        stages: The completed document and its wire form.
        claim: The idempotency key that it claims; None: it sent none.
        order_key: What it is ordered by; None: no order.
        sequences: Where its document has trial numbers.
    """

    message_id: MessageId
    operation: str
    authority: str
    channel: str
    stages: tuple[Stage, Stage]
    claim: Claim | None
    order_key: bytes | None = None
    sequences: tuple[SequenceField, ...] = ()

    def within(self, directory: Directory) -> Checked:
        """The same with what the names stand for in this process."""
        checked = Checked(
            message_id=self.message_id,
            operation=directory.operations[self.operation],
            authority=self.authority,
            lane=directory.lanes[self.channel],
            stages=self.stages,
            claim=self.claim,
        )
        if self.sequences:
            checked = checked.numbered(self.sequences)
        return checked.under(order_key=self.order_key)


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A call that may be made and cannot be accepted; the same call may have been, earlier.

    Attributes:
        claim: As in ``Prepared``.
        error: Why.
    """

    claim: Claim | None
    error: MessageRefusedError

    def within(self, _directory: Directory) -> Checked:
        """Refuse it."""
        raise self.error


async def examine(
    workers: Workers | None,
    call: Call,
    directory: Directory,
    *,
    message_id: MessageId,
    now: datetime,
    fingerprint_key: bytes,
) -> Examined:
    """Permit a call, and check it when asked to.

    A large body is checked at once, because a worker parses it only once.

    Args:
        workers: Where large bodies go; None: nowhere.
        call: What the caller sent.
        directory: What is offered and reachable.
        message_id: Id the message has if it is accepted.
        now: When it was created; aware, UTC.
        fingerprint_key: The secret of the store.

    Raises:
        MessageRefusedError: The call may not be made.
        WorkerUnavailableError: No worker can be had for its body.
    """
    if workers is None or not workers.takes(len(call.body)):
        permitted = permit(call, directory)
        claim = claim_of(call, permitted, key=fingerprint_key)
        checking = partial(
            prepare, call, permitted, directory, message_id=message_id, now=now, claim=claim
        )
        if permitted.operation.order is not None:
            checking = partial(with_order, checking, call, permitted, key=fingerprint_key)
        return Examined(operation=permitted.operation, claim=claim, check=checking)
    work = partial(
        examine_there, call=call, message_id=message_id, now=now, fingerprint_key=fingerprint_key
    )
    found = await workers.run(work, size_bytes=len(call.body))
    return Examined(
        operation=directory.operations[call.key],
        claim=found.claim,
        check=partial(found.within, directory),
    )


async def check_call(
    workers: Workers | None,
    call: Call,
    directory: Directory,
    *,
    message_id: MessageId,
    now: datetime,
) -> Checked:
    """Check a call that is not made; arguments and errors as ``examine``."""
    if workers is None or not workers.takes(len(call.body)):
        return check(call, directory, message_id=message_id, now=now)
    work = partial(check_there, call=call, message_id=message_id, now=now)
    return (await workers.run(work, size_bytes=len(call.body))).within(directory)


def examine_there(
    directory: Directory,
    call: Call,
    *,
    message_id: MessageId,
    now: datetime,
    fingerprint_key: bytes,
) -> Prepared | Refused:
    """Examine and check a call in a worker; raises what must be told before any repeat."""
    permitted = permit(call, directory)
    claim = claim_of(call, permitted, key=fingerprint_key)
    try:
        checked = prepare(call, permitted, directory, message_id=message_id, now=now, claim=claim)
    except MessageRefusedError as error:
        return Refused(claim=claim, error=error)
    return replace(
        _prepared(checked),
        order_key=order_key(call, permitted, checked.authority, key=fingerprint_key),
    )


def check_there(
    directory: Directory, call: Call, *, message_id: MessageId, now: datetime
) -> Prepared:
    """Check a call in a worker; raises as ``check``."""
    return _prepared(check(call, directory, message_id=message_id, now=now))


def _prepared(checked: Checked) -> Prepared:
    numbering = None if checked.terms is None else checked.terms.numbering
    return Prepared(
        message_id=checked.message_id,
        operation=checked.operation.key,
        authority=checked.authority,
        channel=checked.lane.channel.name,
        stages=checked.stages,
        claim=checked.claim,
        sequences=() if numbering is None else numbering.fields,
    )
