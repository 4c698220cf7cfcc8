"""What becomes of messages whose time is over: the usual periods, what is due, the store's part.

Kept out: the periods themselves (``periods``), and when somebody looks (``gateway.flow.prune``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from gateway.messaging.lifecycle import TRANSITIONS, State, is_settled
from gateway.messaging.operation import Operation, OperationKind
from gateway.messaging.periods import Retention

FINAL = frozenset(state for state, follows in TRANSITIONS.items() if not follows)
"""States that nothing leads out of: nobody needs the content to act."""

RESTING = frozenset(state for state in State if is_settled(state) and state not in FINAL)
"""States in which a message waits for a person, who may need its content and its key."""


_RESTING = timedelta(days=90)
_RECORD = timedelta(days=730)
_OF_A_SUBMISSION = Retention(
    key=timedelta(days=7), payload=timedelta(days=30), resting=_RESTING, record=_RECORD
)
USUAL: Mapping[OperationKind, Retention] = {
    OperationKind.QUERY: Retention(
        key=timedelta(hours=24), payload=timedelta(hours=24), resting=_RESTING, record=_RECORD
    ),
    OperationKind.SUBMISSION: _OF_A_SUBMISSION,
    OperationKind.NOTIFICATION: _OF_A_SUBMISSION,
}
"""Periods of an operation that names none of its own."""

REFUSED = _RECORD
"""How long a refused call stays listed; it has no content."""

ERASED = "message.erased"
"""What the history of a message says from then on."""


def retention_of(operation: Operation) -> Retention:
    """The periods of an operation: its own, or the usual ones of its kind."""
    return operation.retention or USUAL[operation.kind]


class Part(StrEnum):
    """What is erased together."""

    KEY = "key"
    PAYLOAD = "payload"
    RECORD = "record"


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """One kind of thing whose time is over.

    Attributes:
        part: What goes; with the payload goes the key, with the record everything.
        operation: Of messages of this operation, ``residents/search``.
        operation_version: Counted from 1.
        states: In one of these states.
        settled_before: That settled before then; aware, UTC.
    """

    part: Part
    operation: str
    operation_version: int
    states: frozenset[State]
    settled_before: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """What a store holds of one operation.

    Attributes:
        operation: ``residents/search``; it may be offered no more.
        operation_version: Counted from 1.
        kind: Of its messages.
        has_content: Whether these are its settled messages with content, or those without.
        since: When the oldest of them settled; aware, UTC.
    """

    operation: str
    operation_version: int
    kind: OperationKind
    has_content: bool
    since: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Erased:
    """What one batch did.

    Attributes:
        count: Messages of which something was erased.
        after: Where the next batch goes on; None: there is nothing more.
    """

    count: int
    after: str | None


class RetentionStore(Protocol):
    """Erases what is due, batch by batch.

    A batch is one transaction, short enough for nobody to wait for it. What is half done at a
    crash is found again. Several processes may do it at once.
    """

    async def holdings(self) -> Sequence[Holding]:
        """What there is: at most two of each operation and version, with content and without."""
        ...

    async def erase(
        self, due: Due, *, now: datetime, limit: int, after: str | None = None
    ) -> Erased:
        """Erase a batch; durable on return.

        Erased content cannot be read from the database's file any more once ``tidy`` has
        returned. The history of its message gets the entry ``message.erased``, at ``now``.

        Args:
            due: What.
            now: The present; aware, UTC.
            limit: Most messages.
            after: ``Erased.after`` of the batch before; None: from the beginning.
        """
        ...

    async def count_due(self, due: Due) -> int:
        """Of how many messages ``erase`` would erase something in all."""
        ...

    async def erase_refusals(self, *, before: datetime, limit: int) -> int:
        """Erase a batch of refused calls; how many there were, fewer than ``limit``: the last."""
        ...

    async def count_refusals(self, *, before: datetime) -> int:
        """How many refused calls ``erase_refusals`` would erase in all."""
        ...

    async def tidy(self) -> bool:
        """Let go of copies of erased content that the database made for itself.

        False: somebody still reads them; try again later.
        """
        ...
