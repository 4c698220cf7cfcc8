"""Corrected copies: new messages that stand for one that could not be delivered.

An original, its copies and their copies are a family; only one of them may be on its way, or have
arrived, so that nobody is registered twice. Values, and what they need from a store. Kept out: how
a copy is made (``gateway.flow.correct``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.messaging.history import Entry
from gateway.messaging.idempotency import Claim
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message, MessageId, Stage
from gateway.messaging.ports import Step

WITHOUT_EFFECT = frozenset({State.DEAD, State.CANCELLED, State.EXPIRED})
"""States in which a message is known to have had no effect: another of its family may go."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Relations:
    """What a message has to do with others.

    Attributes:
        corrects: The message it is a corrected copy of; None: it is none.
        corrected_by: Its own corrected copies, the oldest first.
    """

    corrects: MessageId | None = None
    corrected_by: tuple[MessageId, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class EarlierStage:
    """A form of a message's content that was made anew; ``version`` counts from 1 within its kind.

    ``replaced_at`` is aware, UTC.
    """

    version: int
    replaced_at: datetime
    stage: Stage


class CorrectionStore(Protocol):
    """Keeps who corrects whom; promises and errors as ``MessageStore``.

    From here on ``MessageStore.advance`` lets no message become ``accepted`` again while another
    one of its family is in any other state than ``WITHOUT_EFFECT``; it raises
    ``MessageCorrectedError``.
    """

    async def correct(
        self,
        step: Step,
        message: Message,
        stages: Sequence[Stage],
        entries: Sequence[Entry],
        *,
        claim: Claim | None = None,
    ) -> Message:
        """Accept a corrected copy and take the step of its original, in one transaction.

        Args:
            step: Of the original, which ends ``dead``.
            message: The copy; state ``accepted``.
            stages: Its content.
            entries: Its first events.
            claim: The idempotency key that it claims, if any.

        Returns:
            The original after its step.

        Raises:
            KeyTakenError: As ``accept``.
            MessageCorrectedError: Another one of the family may have an effect.
            TransitionConflictError: The original is in none of ``step.start``.
        """
        ...

    async def relations(self, message_id: MessageId) -> Relations:
        """What a message has to do with others; nothing, if there is no such message."""
        ...

    async def earlier_stages(self, message_id: MessageId) -> list[EarlierStage]:
        """Forms of its content that were made anew, by kind and version."""
        ...
