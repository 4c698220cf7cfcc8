"""Figures about retention."""

from datetime import timedelta

from prometheus_client import CollectorRegistry

from gateway.api.retention_metrics import RetentionMetrics
from gateway.messaging.operation import OperationKind
from gateway.messaging.retention import Holding
from tests.gateway.flow.world import NOON

HELD = Holding(
    operation="residents/search",
    operation_version=1,
    kind=OperationKind.QUERY,
    has_content=True,
    since=NOON - timedelta(hours=2),
)


def test_what_is_erased_is_counted_and_the_oldest_content_has_an_age() -> None:
    registry = CollectorRegistry()
    metrics = RetentionMetrics(registry)
    metrics.erased("payload", 3, operation="residents/search/v1")
    metrics.erased("payload", 2, operation="residents/search/v1")
    metrics.held([HELD], NOON)
    labels = {"operation": "residents/search/v1"}
    erased = registry.get_sample_value("agency_gateway_erased_total", {**labels, "part": "payload"})
    oldest = registry.get_sample_value("agency_gateway_oldest_payload_seconds", labels)
    assert (erased, oldest) == (5, 7_200)
    metrics.held([], NOON)
    assert registry.get_sample_value("agency_gateway_oldest_payload_seconds", labels) is None
