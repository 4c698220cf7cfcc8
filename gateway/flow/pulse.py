"""Which channels only fail: seen from the attempts of this process, without asking the store.

A channel whose backend is down looks busy: messages leave, fail and are planned again. Kept out:
how long is too long (``gateway.api.health``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.messaging.message import AttemptResult, Message
from gateway.messaging.ports import Step

LAPSE = timedelta(minutes=15)
"""After so long without any attempt nothing is known of a channel any more; longer than the
longest wait between two attempts of one message."""

_FAILED = frozenset({AttemptResult.NOT_SENT, AttemptResult.OUTCOME_UNKNOWN})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Failing:
    first: datetime
    last: datetime


class Pulse:
    """A ``Witness`` that remembers, by channel, since when every attempt has failed.

    An answer of any kind, also one that refuses or cannot be read, shows that the backend lives.
    """

    def __init__(self) -> None:
        self._failing: dict[str, _Failing] = {}

    def failing(self, now: datetime) -> Mapping[str, timedelta]:
        """By channel, the time between the first and the last of failures without a success."""
        return {
            channel: failing.last - failing.first
            for channel, failing in self._failing.items()
            if now - failing.last < LAPSE
        }

    def moved(self, step: Step, message: Message) -> None:
        """See ``Witness``."""
        if step.ends_attempt in _FAILED:
            at, before = step.entry.at, self._failing.get(message.channel)
            known = before is not None and at - before.last < LAPSE
            first = before.first if before is not None and known else at
            self._failing[message.channel] = _Failing(first=first, last=at)
        elif step.ends_attempt not in (None, AttemptResult.INTERRUPTED):
            self._failing.pop(message.channel, None)

    def accepted(self, message: Message) -> None:
        """See ``Witness``; says nothing about the backend."""

    def exchanged(self, message: Message, *, seconds: float) -> None:
        """See ``Witness``; ``moved`` tells how it ended."""

    def answered(self, message: Message, *, authority_seconds: float) -> None:
        """See ``Witness``; ``moved`` told so already."""
