"""Figures about retention: what was erased, and how old the oldest content is."""

from collections.abc import Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge

from gateway.messaging.retention import Holding


class RetentionMetrics:
    """A ``PruneWitness`` that adds figures to a registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._erased = Counter(
            "agency_gateway_erased",
            "Keys, contents and records of messages that were erased, and refused calls.",
            ["operation", "part"],
            registry=registry,
        )
        self._oldest = Gauge(
            "agency_gateway_oldest_payload_seconds",
            "For how long the oldest message with content has been settled.",
            ["operation"],
            registry=registry,
        )

    def erased(self, part: str, count: int, *, operation: str) -> None:
        """See ``PruneWitness``."""
        self._erased.labels(operation, part).inc(count)

    def held(self, holdings: Sequence[Holding], now: datetime) -> None:
        """See ``PruneWitness``."""
        self._oldest.clear()
        for held in holdings:
            if held.has_content:
                operation = f"{held.operation}/v{held.operation_version}"
                self._oldest.labels(operation).set((now - held.since).total_seconds())
