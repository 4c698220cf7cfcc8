"""Figures as Prometheus reads them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from gateway.api.health import HealthLimits, judge
from gateway.api.metrics import Metrics
from gateway.flow.vitals import Vitals
from gateway.messaging.breaker import BreakerState
from gateway.messaging.condition import ChannelCondition, Queue
from gateway.messaging.history import Entry
from gateway.messaging.lifecycle import Outcome, State
from gateway.messaging.message import AttemptResult
from gateway.messaging.order import Line
from gateway.messaging.ports import Step
from gateway.messaging.sequence import Missing
from tests.gateway.api.conftest import NOW, message

OPERATION = {"operation": "residents/search/v1"}


FREE = ChannelCondition(
    breaker=BreakerState.CLOSED,
    paused=False,
    window_open=True,
    free_since=NOW - timedelta(hours=1),
)


def samples(metrics: Metrics) -> Iterator[Sample]:
    for family in text_string_to_metric_families(metrics.exposition()[0].decode()):
        yield from family.samples


def value(metrics: Metrics, name: str, **labels: str) -> float:
    """The one sample of this name and these labels; 0 if there is none."""
    found = [one.value for one in samples(metrics) if (one.name, one.labels) == (name, labels)]
    assert len(found) <= 1
    return found[0] if found else 0


def step(state: State, result: AttemptResult | None = None, start: State | None = None) -> Step:
    return Step(
        message_id=message().id,
        start=frozenset({start or State.DELIVERING}),
        entry=Entry(at=NOW, event="e", state=state),
        ends_attempt=result,
    )


def test_two_applications_do_not_share_their_figures() -> None:
    first, second = Metrics(), Metrics()
    first.problem("residents/search/v1", "no-route")
    assert b"no-route" in first.exposition()[0]
    assert b"no-route" not in second.exposition()[0]


def test_a_message_is_counted_in_each_state_it_comes_to() -> None:
    metrics = Metrics()
    metrics.accepted(message(State.DELIVERING))
    metrics.moved(
        step(State.RETRYING, AttemptResult.NOT_SENT), message(State.RETRYING, settled_at=None)
    )
    settled = {"settled_at": NOW + timedelta(seconds=2), "outcome": Outcome.REJECTED}
    metrics.moved(step(State.ANSWERED, AttemptResult.ANSWERED), message(State.ANSWERED, **settled))
    total = "agency_gateway_messages_total"
    for state, outcome in (("accepted", "none"), ("retrying", "none"), ("answered", "rejected")):
        assert value(metrics, total, **OPERATION, state=state, outcome=outcome) == 1
    for result in ("not_sent", "answered"):
        name = "agency_gateway_attempts_total"
        assert value(metrics, name, channel="bayern", result=result) == 1
    assert value(metrics, "agency_gateway_message_seconds_count", **OPERATION) == 1
    assert value(metrics, "agency_gateway_message_seconds_sum", **OPERATION) == 2


def test_a_late_answer_ends_an_attempt_and_settles_nothing_again() -> None:
    metrics = Metrics()
    late = step(State.EXPIRED, AttemptResult.ANSWERED, start=State.EXPIRED)
    metrics.moved(late, message(State.EXPIRED, settled_at=NOW))
    assert value(metrics, "agency_gateway_attempts_total", channel="bayern", result="answered") == 1
    names = {one.name for one in samples(metrics)}
    assert "agency_gateway_messages_total" not in names
    assert "agency_gateway_message_seconds_count" not in names


@pytest.mark.parametrize(("attempts", "counted"), [(1, 1), (2, 0)])
def test_own_time_is_what_the_authority_did_not_take(attempts: int, counted: int) -> None:
    metrics = Metrics()
    settled = message(settled_at=NOW + timedelta(seconds=3), attempts=attempts)
    metrics.exchanged(settled, seconds=2)
    metrics.answered(settled, authority_seconds=2)
    assert value(metrics, "agency_gateway_authority_seconds_sum", channel="bayern") == 2
    assert value(metrics, "agency_gateway_own_seconds_count", **OPERATION) == counted
    assert value(metrics, "agency_gateway_own_seconds_sum", **OPERATION) == counted


def look(metrics: Metrics, **changes: Any) -> None:
    sound: dict[str, Any] = {"writes": True, "free_bytes": 2**40, "channels": {"a": FREE}}
    vitals = Vitals(at=NOW, accepts=True, **(sound | changes))
    metrics.look(vitals, judge(vitals, channels={"a": True}, limits=HealthLimits()))


def test_gauges_say_how_it_is_now() -> None:
    metrics = Metrics()
    queue = Queue(channel="a", waiting=7, due_since=NOW - timedelta(seconds=90))
    line = Line(channel="a", keys=3, waiting=8, held_up=1, held_up_since=NOW)
    missing = Missing(channel="a", sequence="file", count=4)
    look(metrics, queues=[queue], standing={State.DEAD: 2}, lines=[line], missing=[missing])
    numbers = {"channel": "a", "sequence": "file"}
    assert value(metrics, "agency_gateway_sequence_missing_numbers", **numbers) == 4
    assert value(metrics, "agency_gateway_order_waiting_messages", channel="a") == 8
    assert value(metrics, "agency_gateway_order_held_up_keys", channel="a") == 1
    assert value(metrics, "agency_gateway_ready") == 1
    assert value(metrics, "agency_gateway_degraded") == 1
    assert value(metrics, "agency_gateway_store_free_bytes") == 2**40
    assert value(metrics, "agency_gateway_queue_messages", channel="a") == 7
    assert value(metrics, "agency_gateway_queue_overdue_seconds", channel="a") == 90
    assert value(metrics, "agency_gateway_channel_healthy", channel="a") == 0
    assert value(metrics, "agency_gateway_standing_messages", state="dead") == 2
    look(metrics)
    assert value(metrics, "agency_gateway_degraded") == 0
    assert value(metrics, "agency_gateway_queue_messages", channel="a") == 0
    assert value(metrics, "agency_gateway_standing_messages", state="dead") == 0


@pytest.mark.parametrize(
    ("name", "usual", "change"),
    [
        ("breaker_open", 0, {"breaker": BreakerState.OPEN}),
        ("breaker_open", 0, {"breaker": BreakerState.PROBING}),
        ("paused", 0, {"paused": True}),
        ("window_open", 1, {"window_open": False}),
    ],
)
def test_what_holds_a_channel_up_is_shown(name: str, usual: int, change: dict[str, Any]) -> None:
    metrics = Metrics()
    look(metrics)
    assert value(metrics, f"agency_gateway_channel_{name}", channel="a") == usual
    look(metrics, channels={"a": replace(FREE, **change)})
    assert value(metrics, f"agency_gateway_channel_{name}", channel="a") == 1 - usual


def test_what_runs_and_its_process_are_named() -> None:
    metrics = Metrics(version="1.2")
    assert value(metrics, "agency_gateway_build_info", version="1.2") == 1
    assert value(metrics, "process_resident_memory_bytes") > 0


def test_labels_are_names_and_states_and_never_identifiers() -> None:
    metrics = Metrics()
    metrics.accepted(message())
    metrics.moved(step(State.ANSWERED), message(settled_at=NOW, case_reference="mine"))
    body, media_type = metrics.exposition()
    assert message().id.encode() not in body
    assert b"mine" not in body
    assert message().authority.encode() not in body
    assert media_type.startswith("text/plain")
