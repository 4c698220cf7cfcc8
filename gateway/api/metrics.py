"""The figures of one gateway, for Prometheus.

Labels are names from the configuration, states, results and codes: their number is bounded, and
none is content.
``docs/operations.md`` lists every figure. Kept out: what is good enough (``health``).
"""

from collections.abc import Iterable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from gateway.api.health import Health, Status
from gateway.flow.vitals import Vitals
from gateway.messaging.breaker import BreakerState
from gateway.messaging.lifecycle import TRANSITIONS, State
from gateway.messaging.message import Message
from gateway.messaging.ports import Step

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Seconds; from a local answer to the longest wait of a caller."""

OWN_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 10.0, 60.0)
"""Seconds that the gateway itself takes: a few milliseconds, or a queue."""

LONG_BUCKETS = (0.01, 0.05, 0.25, 1.0, 5.0, 30.0, 300.0, 3_600.0, 86_400.0, 604_800.0)
"""Seconds; from a local answer to a week of retries."""


class Metrics:
    """The figures of one application, in a registry of its own; a ``Witness`` of every step."""

    def __init__(self, *, version: str = "unknown") -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        build = Info("agency_gateway_build", "What is running.", registry=self.registry)
        build.info({"version": version})
        self._counters: dict[tuple[Counter, tuple[str, ...]], Counter] = {}
        self._histograms: dict[tuple[Histogram, str], Histogram] = {}
        self._count_messages()
        self._count_calls()
        self._measure_state()

    def _count_messages(self) -> None:
        registry = self.registry
        self._messages = Counter(
            "agency_gateway_messages",
            "Messages by the state they came to, also after their caller left.",
            ["operation", "state", "outcome"],
            registry=registry,
        )
        self._attempts = Counter(
            "agency_gateway_attempts",
            "Attempts that ended, by result.",
            ["channel", "result"],
            registry=registry,
        )
        self._authority = Histogram(
            "agency_gateway_authority_seconds",
            "Time the authority had a message, whatever came of it.",
            ["channel"],
            buckets=BUCKETS,
            registry=registry,
        )
        self._own = Histogram(
            "agency_gateway_own_seconds",
            "Of messages answered at the first attempt: time from call to answer less the"
            " authority's.",
            ["operation"],
            buckets=OWN_BUCKETS,
            registry=registry,
        )
        self._settling = Histogram(
            "agency_gateway_message_seconds",
            "Time from a message's acceptance until the gateway had nothing more to do with it.",
            ["operation"],
            buckets=LONG_BUCKETS,
            registry=registry,
        )

    def _count_calls(self) -> None:
        self._problems = Counter(
            "agency_gateway_problems",
            "Calls answered with a problem document, refused ones too, by its code.",
            ["operation", "code"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "agency_gateway_call_seconds",
            "Duration of calls of operations, refused ones too.",
            ["operation"],
            buckets=BUCKETS,
            registry=self.registry,
        )

    def _measure_state(self) -> None:
        self._ready = self._gauge("ready", "Whether messages are taken: 1 or 0.")
        self._degraded = self._gauge("degraded", "Whether something is wrong: 1 or 0.")
        self._free = self._gauge("store_free_bytes", "Left on the disk of the message store.")
        self._healthy = self._gauge(
            "channel_healthy", "Whether messages of a channel move: 1 or 0.", ["channel"]
        )
        self._breaker = self._gauge(
            "channel_breaker_open",
            "Whether nothing is sent until the backend answers a probe: 1 or 0.",
            ["channel"],
        )
        self._paused = self._gauge(
            "channel_paused", "Whether an operator paused the channel: 1 or 0.", ["channel"]
        )
        self._window = self._gauge(
            "channel_window_open", "Whether the authority takes messages: 1 or 0.", ["channel"]
        )
        self._depth = self._gauge(
            "queue_messages", "Messages that wait for an attempt, by channel.", ["channel"]
        )
        self._oldest = self._gauge(
            "queue_overdue_seconds",
            "For how long the first message of a channel has been due; 0: none is.",
            ["channel"],
        )
        self._waiting = self._gauge(
            "order_waiting_messages",
            "Messages that wait for an earlier one of their key, by channel.",
            ["channel"],
        )
        self._held_up = self._gauge(
            "order_held_up_keys",
            "Keys whose messages wait behind one that rests until somebody decides, by channel.",
            ["channel"],
        )
        self._missing = self._gauge(
            "sequence_missing_numbers",
            "Sequence numbers that an authority's messages left out, by channel and sequence.",
            ["channel", "sequence"],
        )
        self._standing = self._gauge(
            "standing_messages", "Messages that are not final, by state.", ["state"]
        )

    def _gauge(self, name: str, about: str, labels: Iterable[str] = ()) -> Gauge:
        return Gauge(f"agency_gateway_{name}", about, tuple(labels), registry=self.registry)

    def accepted(self, message: Message) -> None:
        """See ``Witness``."""
        self._counter(self._messages, _operation(message), State.ACCEPTED, "none").inc()

    def moved(self, step: Step, message: Message) -> None:
        """See ``Witness``."""
        if step.ends_attempt is not None:
            self._counter(self._attempts, message.channel, step.ends_attempt).inc()
        if step.entry.state in step.start:  # it stayed where it was
            return
        operation, outcome = _operation(message), message.outcome or "none"
        self._counter(self._messages, operation, message.state, outcome).inc()
        if message.settled_at is not None:
            lasted = message.settled_at - message.accepted_at
            self._histogram(self._settling, operation).observe(lasted.total_seconds())

    def exchanged(self, message: Message, *, seconds: float) -> None:
        """See ``Witness``."""
        self._histogram(self._authority, message.channel).observe(seconds)

    def answered(self, message: Message, *, authority_seconds: float) -> None:
        """See ``Witness``."""
        # Later attempts waited between each other, which is neither's time.
        if message.attempts == 1 and message.settled_at is not None:
            whole = (message.settled_at - message.accepted_at).total_seconds()
            own = max(whole - authority_seconds, 0.0)  # two clocks
            self._histogram(self._own, _operation(message)).observe(own)

    def problem(self, operation: str, code: str) -> None:
        """Count a problem document; ``operation`` is ``""`` outside of operations."""
        self._problems.labels(operation, code).inc()

    def seconds_of(self, operation: str) -> Histogram:
        """Where to observe the duration of calls of one operation."""
        return self._seconds.labels(operation)

    def look(self, vitals: Vitals, health: Health) -> None:
        """Take over how the gateway is now."""
        self._ready.set(health.is_ready)
        self._degraded.set(health.status is not Status.READY)
        if vitals.free_bytes is not None:
            self._free.set(vitals.free_bytes)
        for gauge in (self._healthy, self._depth, self._oldest):
            gauge.clear()
        for name, condition in vitals.channels.items():
            is_open = condition.breaker in (BreakerState.OPEN, BreakerState.PROBING)
            self._breaker.labels(name).set(is_open)
            self._paused.labels(name).set(condition.paused)
            self._window.labels(name).set(condition.window_open)
        for channel in health.channels:
            self._healthy.labels(channel.name).set(channel.reason is None)
            self._depth.labels(channel.name).set(channel.waiting)
            self._oldest.labels(channel.name).set(channel.overdue_seconds)
        self._look_at_order(vitals)
        for state, follows in TRANSITIONS.items():
            if follows:
                self._standing.labels(state).set(vitals.standing.get(state, 0))

    def _look_at_order(self, vitals: Vitals) -> None:
        for gauge in (self._waiting, self._held_up, self._missing):
            gauge.clear()
        for line in vitals.lines:
            self._waiting.labels(line.channel).set(line.waiting)
            self._held_up.labels(line.channel).set(line.held_up)
        for missing in vitals.missing:
            self._missing.labels(missing.channel, missing.sequence).set(missing.count)

    def exposition(self) -> tuple[bytes, str]:
        """All figures in the Prometheus text format, and its media type."""
        return generate_latest(self.registry), CONTENT_TYPE_LATEST

    def _counter(self, family: Counter, *labels: str) -> Counter:
        """``family.labels(…)``, at a third of the price."""
        key = (family, labels)
        child = self._counters.get(key)
        if child is None:
            child = self._counters[key] = family.labels(*labels)
        return child

    def _histogram(self, family: Histogram, label: str) -> Histogram:
        """The same."""
        key = (family, label)
        child = self._histograms.get(key)
        if child is None:
            child = self._histograms[key] = family.labels(label)
        return child


def _operation(message: Message) -> str:
    return f"{message.operation}/v{message.operation_version}"
