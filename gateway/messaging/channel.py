"""One configured way to one backend."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateway.messaging.breaker import BreakerPolicy
from gateway.messaging.rate import Rate
from gateway.messaging.windows import Windows


@dataclass(frozen=True, kw_only=True, slots=True)
class RetryPolicy:
    """When a failed delivery is tried again.

    Attributes:
        first_wait: Wait after the first failure; doubles with each further one. Half of every wait
            is left to chance.
        longest_wait: Upper limit of the wait.
        max_attempts: Attempts in all; the last failure leads to the dead letters.
    """

    first_wait: timedelta = timedelta(milliseconds=500)
    longest_wait: timedelta = timedelta(minutes=10)
    max_attempts: int = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel:
    """Adapter, transport, address and limits of one way to a backend.

    Attributes:
        name: Unique in the configuration.
        adapter: Name of the adapter, ``xmeld``.
        transport: Name of the transport, ``http``.
        address: Where the transport sends, e.g. a URL.
        timeout: Longest wait for one answer.
        max_in_flight: Attempts at a time; more wait in the gateway.
        retry: When a failed delivery is tried again.
        breaker: When nothing is sent for a while, because the backend cannot be reached.
        rate: How many messages leave in a time, of each process; None: no limit.
        windows: When messages may leave; None: at any time.
        codelist_versions: Version of each code list this backend speaks, by code-list id.
        accepts_tests: Whether messages marked as tests may leave through it.
        test_text: Free text a test message is marked with where the standard has a field for it.
    """

    name: str
    adapter: str
    transport: str
    address: str
    timeout: timedelta = timedelta(seconds=30)
    max_in_flight: int = 64
    retry: RetryPolicy = RetryPolicy()
    breaker: BreakerPolicy = field(default_factory=BreakerPolicy)
    rate: Rate | None = None
    windows: Windows | None = None
    codelist_versions: dict[str, str] = field(default_factory=dict)
    accepts_tests: bool = False
    test_text: str | None = None

    def reachable(self, deadline: datetime) -> datetime:
        """A deadline that leaves a chance: one in closed hours moves to the next window's end.

        Without that, a message of a Friday evening could not be delivered before Monday, and
        would be given up on Saturday.
        """
        if self.windows is None or self.windows.is_open(deadline):
            return deadline
        return self.windows.end_of_next(deadline)
