"""Back-pressure at the door: how many calls are served at a time, in all and of one caller.

Counted from when the caller is known until the answer is sent, so that neither bodies nor waiters
need more memory than was meant. Kept out: messages that nobody waits for (``backlog``).
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from gateway.errors import BusyError, TooManyUnderWayError
from gateway.flow.drain import Drain
from gateway.flow.quotas import Quotas
from gateway.messaging.party import Caller
from gateway.messaging.quota import Quota

LONGEST_WAIT = timedelta(seconds=30)
"""The usual deadline of an operation: nobody waits for longer, so there is room by then."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CallLimits:
    """Most calls at a time.

    Attributes:
        calls: In all, of this process.
        per_caller: Of one caller.
    """

    calls: int = 4_000
    per_caller: int = 2_000


class Door:
    """Counts the calls under way in this process; used from one event loop only."""

    def __init__(
        self, limits: CallLimits | None = None, now: Callable[[], float] = monotonic
    ) -> None:
        self._limits = limits or CallLimits()
        self._now = now
        self._quotas = Quotas(now)
        self._all = Drain()
        self._callers: defaultdict[tuple[str, str], Drain] = defaultdict(Drain)

    @property
    def calls(self) -> int:
        """Calls under way."""
        return self._all.number

    def take(self, caller: Caller) -> Quota | None:
        """Count a call against its caller's quota; None: there is none."""
        return self._quotas.take(caller)

    def enter(self, caller: Caller) -> None:
        """Begin to serve a call; ``leave`` ends it.

        Raises:
            TooManyUnderWayError: The caller has as many as one caller may have.
            BusyError: There are as many as there may be.
        """
        own, limits = self._callers[caller.tenant, caller.name], self._limits
        if own.number >= limits.per_caller:
            most = limits.per_caller
            raise TooManyUnderWayError(
                f"The caller has {own.number} calls under way; it may have {most}.",
                retry_after=own.promise(self._now(), most=most, longest=LONGEST_WAIT),
            )
        if self._all.number >= limits.calls:
            most = limits.calls
            raise BusyError(
                f"The gateway has {self._all.number} calls under way; it takes {most}.",
                retry_after=self._all.promise(self._now(), most=most, longest=LONGEST_WAIT),
            )
        own.number += 1
        self._all.number += 1

    def leave(self, caller: Caller) -> None:
        """The call was answered, or its caller is gone."""
        now = self._now()
        self._all.end(now)
        self._callers[caller.tenant, caller.name].end(now)
