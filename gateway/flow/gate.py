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
from gateway.flow.rates import Rates
from gateway.messaging.party import Caller
from gateway.messaging.rate import Quota

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


class Gate:
    """Counts the calls under way in this process; used from one event loop only."""

    def __init__(
        self, limits: CallLimits | None = None, now: Callable[[], float] = monotonic
    ) -> None:
        self._limits = limits or CallLimits()
        self._now = now
        self._rates = Rates(now)
        self._calls = 0
        self._of_caller: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._ended = Drain()
        self._ended_of_caller: defaultdict[tuple[str, str], Drain] = defaultdict(Drain)

    @property
    def calls(self) -> int:
        """Calls under way."""
        return self._calls

    def take(self, caller: Caller) -> Quota | None:
        """Count a call against its caller's quota; None: there is none."""
        return self._rates.take(caller)

    def enter(self, caller: Caller) -> None:
        """Begin to serve a call; ``leave`` ends it.

        Raises:
            TooManyUnderWayError: The caller has as many as one caller may have.
            BusyError: There are as many as there may be.
        """
        owner = (caller.tenant, caller.name)
        most, own = self._limits.per_caller, self._of_caller[owner]
        if own >= most:
            drain = self._ended_of_caller[owner]
            raise TooManyUnderWayError(
                f"The caller has {own} calls under way; it may have {most}.",
                retry_after=self._promise(drain, over=own - most + 1),
            )
        if self._calls >= self._limits.calls:
            raise BusyError(
                f"The gateway has {self._calls} calls under way; it takes {self._limits.calls}.",
                retry_after=self._promise(self._ended, over=self._calls - self._limits.calls + 1),
            )
        self._of_caller[owner] = own + 1
        self._calls += 1

    def leave(self, caller: Caller) -> None:
        """The call was answered, or its caller is gone."""
        owner, now = (caller.tenant, caller.name), self._now()
        self._calls -= 1
        self._of_caller[owner] -= 1
        self._ended.ended(now)
        self._ended_of_caller[owner].ended(now)

    def _promise(self, drain: Drain, *, over: int) -> timedelta:
        return drain.promise(self._now(), over=over, longest=LONGEST_WAIT)
