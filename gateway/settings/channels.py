"""Channels and routes: the ways to the backends.

Kept out: what a channel does with them (``gateway.flow``).
"""

from datetime import date, time, timedelta
from math import ceil
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from gateway.messaging.breaker import BreakerPolicy
from gateway.messaging.channel import Channel, RetryPolicy
from gateway.messaging.rate import Rate
from gateway.messaging.route import Route
from gateway.messaging.windows import Window, Windows
from gateway.settings.section import Identifier, Name, OperationKey, Seconds, Section, Text

TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A time on a clock, ``06:00``."""

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEK: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class RetrySettings(Section):
    """When a failed delivery is tried again."""

    first_wait: Seconds = timedelta(milliseconds=500)
    """Wait after the first failure; doubles with each further one. Short: a caller may wait. Half
    of every wait is left to chance, so that what failed together does not come back together."""

    longest_wait: Seconds = timedelta(minutes=10)
    """Upper limit of the wait."""

    max_attempts: int = Field(default=12, ge=1, le=1000)
    """Attempts in all; the last failure leads to the dead letters. Attempts that fail while the
    breaker is open do not count."""

    def to_policy(self) -> RetryPolicy:
        """The same as a value."""
        return RetryPolicy(
            first_wait=self.first_wait,
            longest_wait=self.longest_wait,
            max_attempts=self.max_attempts,
        )


class BreakerSettings(Section):
    """When nothing is sent for a while, because the backend cannot be reached."""

    failures: int = Field(default=10, ge=0, le=100_000)
    """Attempts in a row, in one process, that did not reach the backend or brought no answer; 0:
    never. Enough that a few lost connections hold up nobody."""

    open_time: Seconds = timedelta(seconds=10)
    """How long nothing is sent then; after that one message leaves as a probe. Doubles each time
    the probe fails."""

    longest_open: Seconds = timedelta(minutes=5)
    """Upper limit of that."""

    release_rate: float = Field(default=10.0, gt=0, le=100_000)
    """Messages per second, of each process, that leave after the probe was answered: a backend
    that comes up is not overrun by what has waited."""

    release_time: Seconds = timedelta(seconds=30)
    """How long that lasts; then everything is as usual."""

    def to_policy(self) -> BreakerPolicy:
        """The same as a value."""
        return BreakerPolicy(
            failures=self.failures,
            open_time=self.open_time,
            longest_open=self.longest_open,
            release_rate=self.release_rate,
            release_time=self.release_time,
        )


class WindowSettings(Section):
    """Hours in which the backend takes messages, by the clock there."""

    opens: TimeOfDay
    """First minute in it, ``"06:00"``."""

    closes: TimeOfDay
    """First minute after it, ``"20:00"``. At or before ``opens``: on the next day; ``"00:00"`` is
    midnight."""

    days: tuple[Day, ...] = Field(default=WEEK, min_length=1)
    """Days of the week on which it opens, ``mon`` to ``sun``."""

    def to_window(self) -> Window:
        """The same as a value."""
        return Window(
            opens=time.fromisoformat(self.opens),
            closes=time.fromisoformat(self.closes),
            days=frozenset(WEEK.index(day) for day in self.days),
        )


class ChannelSettings(Section):
    """One configured way to one backend."""

    name: Name
    """Unique; stands in messages, logs and metrics."""

    adapter: Name
    """Name of the adapter that translates, ``xmeld``."""

    transport: Literal["http"] = "http"
    """How bytes travel; this version knows ``http`` only."""

    address: str = Field(max_length=2000, pattern=r"^https?://[^@\s/]+(/[^@\s]*)?$")
    """URL the transport posts to; without user name or password."""

    timeout: Seconds = timedelta(seconds=30)
    """Longest wait for one answer."""

    max_in_flight: int = Field(default=64, ge=1, le=10_000)
    """Attempts at a time; more wait in the gateway, so a slow backend is not overrun."""

    rate: float | None = Field(default=None, gt=0, le=100_000)
    """Messages per second, of each process; absent: no limit. More wait in the gateway."""

    burst: int | None = Field(default=None, ge=1, le=100_000)
    """How many may leave at once after a rest; absent: as many as in a second."""

    retry: RetrySettings = RetrySettings()
    """When a failed delivery is tried again."""

    breaker: BreakerSettings = BreakerSettings()
    """When nothing is sent for a while, because the backend cannot be reached."""

    windows: tuple[WindowSettings, ...] = ()
    """Hours in which the backend takes messages; without any it always does. Outside of them
    messages wait in the gateway, and queries of waiting callers are refused."""

    time_zone: str = Field(default="Europe/Berlin", max_length=100)
    """Time zone of the windows, a name of the IANA time zone database."""

    codelist_versions: dict[str, str] = Field(default_factory=dict)
    """Version of each code list this backend speaks, by code-list id."""

    accepts_tests: bool = False
    """Whether messages with ``Test-Message: true`` may leave through it. Off: a productive
    register must never get a test by mistake."""

    test_text: Text | None = None
    """Free text that marks a test message where the standard has a field for it; required when
    tests are accepted."""

    def to_channel(self) -> Channel:
        """The same as a value."""
        return Channel(
            name=self.name,
            adapter=self.adapter,
            transport=self.transport,
            address=self.address,
            timeout=self.timeout,
            max_in_flight=self.max_in_flight,
            retry=self.retry.to_policy(),
            breaker=self.breaker.to_policy(),
            rate=self._rate(),
            windows=self._windows(),
            codelist_versions=dict(self.codelist_versions),
            accepts_tests=self.accepts_tests,
            test_text=self.test_text,
        )

    def _rate(self) -> Rate | None:
        if self.rate is None:
            return None
        return Rate(per_second=self.rate, burst=self.burst or ceil(self.rate))

    def _windows(self) -> Windows | None:
        if not self.windows:
            return None
        return Windows(
            zone=ZoneInfo(self.time_zone),
            windows=tuple(window.to_window() for window in self.windows),
        )


class RouteSettings(Section):
    """One rule of the router; routes of equal rank must not overlap."""

    operation: OperationKey
    """Operation with version, ``residents/search/v1``."""

    channel: Name
    """One of ``channels``."""

    authority: Identifier | None = None
    """Exact recipient; either this or ``area``."""

    area: str | None = Field(default=None, min_length=2, max_length=120)
    """Declared prefix of recipients, ``ags:09162``; an exact route and a longer area outrank it."""

    valid_from: date | None = None
    """First day, inclusive, in UTC; absent: always was."""

    valid_until: date | None = None
    """Last day, inclusive, in UTC; absent: no end known."""

    def to_route(self) -> Route:
        """The same as a value."""
        return Route(
            operation=self.operation,
            channel=self.channel,
            authority=self.authority,
            area=self.area,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
        )
