"""What the API counts."""

from gateway.api.metrics import Metrics
from gateway.messaging.lifecycle import Outcome, State
from tests.gateway.api.conftest import message


def test_two_applications_do_not_share_their_figures() -> None:
    first, second = Metrics(), Metrics()
    first.problem("residents/search/v1", "no-route")
    assert b"no-route" in first.exposition()[0]
    assert b"no-route" not in second.exposition()[0]


def test_labels_are_names_and_states_and_never_identifiers() -> None:
    metrics = Metrics()
    metrics.told("residents/search/v1", message(State.ANSWERED, outcome=Outcome.REJECTED))
    body, media_type = metrics.exposition()
    assert b'outcome="rejected",state="answered"' in body
    assert message().id.encode() not in body
    assert media_type.startswith("text/plain")
