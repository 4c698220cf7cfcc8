"""Channels and routes: the ways to the backends.

Kept out: what a channel does with them (``gateway.flow``).
"""

from datetime import date, timedelta
from typing import Literal

from pydantic import Field

from gateway.messaging.channel import Channel, RetryPolicy
from gateway.messaging.route import Route
from gateway.settings.section import Identifier, Name, OperationKey, Seconds, Section, Text


class RetrySettings(Section):
    """When a failed delivery is tried again."""

    first_wait: Seconds = timedelta(milliseconds=500)
    """Wait after the first failure; doubles with each further one. Short: a caller may wait."""

    longest_wait: Seconds = timedelta(minutes=10)
    """Upper limit of the wait."""

    max_attempts: int = Field(default=12, ge=1, le=1000)
    """Attempts in all; the last failure leads to the dead letters."""


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

    retry: RetrySettings = RetrySettings()
    """When a failed delivery is tried again."""

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
        policy = RetryPolicy(
            first_wait=self.retry.first_wait,
            longest_wait=self.retry.longest_wait,
            max_attempts=self.retry.max_attempts,
        )
        return Channel(
            name=self.name,
            adapter=self.adapter,
            transport=self.transport,
            address=self.address,
            timeout=self.timeout,
            max_in_flight=self.max_in_flight,
            retry=policy,
            codelist_versions=dict(self.codelist_versions),
            accepts_tests=self.accepts_tests,
            test_text=self.test_text,
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
