"""Periods of the settings outrank those of the contract, and contradict nothing."""

from datetime import timedelta
from typing import Any

import pytest

from gateway.errors import ConfigurationError
from gateway.messaging.retention import USUAL, retention_of
from gateway.settings.model import Settings
from gateway.settings.retention import with_retention
from tests.gateway.flow.world import QUERY, SUBMISSION

OPERATIONS = {QUERY.key: QUERY, SUBMISSION.key: SUBMISSION}


def settings(*sections: dict[str, Any]) -> Settings:
    return Settings(retention=[{"operation": QUERY.key, **one} for one in sections])


def test_what_is_not_set_stays_as_it_was() -> None:
    changed = with_retention(OPERATIONS, settings({"record": "P400D"}).retention)
    periods, usual = retention_of(changed[QUERY.key]), USUAL[QUERY.kind]
    assert periods.record == timedelta(days=400)
    assert (periods.key, periods.payload, periods.resting) == (
        usual.key,
        usual.payload,
        usual.resting,
    )
    assert changed[SUBMISSION.key] is SUBMISSION


@pytest.mark.parametrize(
    ("section", "keyword"),
    [
        ({"key": "P2D"}, "retention"),
        ({"payload": 3600}, "retention"),
        ({"record": "P1D"}, "retention"),
        ({"operation": "no/such/v1"}, "unknown-operation"),
    ],
)
def test_a_contradiction_stops_the_start(section: dict[str, Any], keyword: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        with_retention(OPERATIONS, settings({}, section).retention)
    assert [(one.rule, one.keyword) for one in caught.value.places] == [("retention[1]", keyword)]


def test_nothing_may_be_kept_for_no_time() -> None:
    sections = settings({"key": 0, "payload": 0}).retention
    assert retention_of(with_retention(OPERATIONS, sections)[QUERY.key]).payload == timedelta()
