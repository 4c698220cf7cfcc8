"""Who is told of every step of every message: figures and the pulse of channels.

A witness changes nothing and must not raise: it is called between a step and its waiter.
"""

from collections.abc import Sequence
from typing import Protocol

from gateway.messaging.message import Message
from gateway.messaging.ports import Step


class Witness(Protocol):
    """Sees what became durable, whether or not a caller waits for it."""

    def accepted(self, message: Message) -> None:
        """A message was accepted; in state ``delivering`` its first attempt has begun."""
        ...

    def moved(self, step: Step, message: Message) -> None:
        """A step was made; ``message`` is as it is after it."""
        ...

    def exchanged(self, message: Message, *, seconds: float) -> None:
        """The authority had a message for so long, whatever came of it."""
        ...

    def answered(self, message: Message, *, authority_seconds: float) -> None:
        """An attempt brought an answer; of its time, so much was the authority's."""
        ...


class Witnesses:
    """Several witnesses as one."""

    def __init__(self, witnesses: Sequence[Witness] = ()) -> None:
        self._witnesses = witnesses

    def accepted(self, message: Message) -> None:
        """See ``Witness``."""
        for witness in self._witnesses:
            witness.accepted(message)

    def moved(self, step: Step, message: Message) -> None:
        """See ``Witness``."""
        for witness in self._witnesses:
            witness.moved(step, message)

    def exchanged(self, message: Message, *, seconds: float) -> None:
        """See ``Witness``."""
        for witness in self._witnesses:
            witness.exchanged(message, seconds=seconds)

    def answered(self, message: Message, *, authority_seconds: float) -> None:
        """See ``Witness``."""
        for witness in self._witnesses:
            witness.answered(message, authority_seconds=authority_seconds)
