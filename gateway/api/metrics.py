"""What the API counts. Labels are names from the configuration, states and codes; never content."""

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from gateway.messaging.message import Message

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Seconds; from a local answer to the longest wait of a caller."""


class Metrics:
    """Counters of one application; each has a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._messages = Counter(
            "agency_gateway_messages",
            "Messages a caller was told about, by the state and outcome it was told.",
            ["operation", "state", "outcome"],
            registry=self.registry,
        )
        self._told: dict[tuple[str, str, str], Counter] = {}
        self._problems = Counter(
            "agency_gateway_problems",
            "Calls answered with a problem document, by its code.",
            ["operation", "code"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "agency_gateway_call_seconds",
            "Duration of calls of operations, refused ones included.",
            ["operation"],
            buckets=BUCKETS,
            registry=self.registry,
        )

    def told(self, operation: str, message: Message) -> None:
        """Count a message that its caller was told about."""
        outcome = message.outcome.value if message.outcome is not None else "none"
        labels = (operation, message.state.value, outcome)
        counter = self._told.get(labels)
        if counter is None:
            counter = self._told[labels] = self._messages.labels(*labels)
        counter.inc()

    def problem(self, operation: str, code: str) -> None:
        """Count a problem document; ``operation`` is ``""`` outside of operations."""
        self._problems.labels(operation, code).inc()

    def seconds_of(self, operation: str) -> Histogram:
        """Where to observe the duration of calls of one operation."""
        return self._seconds.labels(operation)

    def exposition(self) -> tuple[bytes, str]:
        """All figures in the Prometheus text format, and its media type."""
        return generate_latest(self.registry), CONTENT_TYPE_LATEST
