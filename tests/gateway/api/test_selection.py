"""What can be listed."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from gateway.api.selection import ListedState, MessageSelection
from gateway.messaging.lifecycle import State


def test_every_state_can_be_listed() -> None:
    assert {state.value for state in ListedState} == {"refused", *State}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-15T12:00:00Z", datetime(2026, 1, 15, 12, tzinfo=UTC)),
        (
            "2026-01-15t12:00:00.5+01:00",
            datetime(2026, 1, 15, 12, 0, 0, 500_000, tzinfo=timezone(timedelta(hours=1))),
        ),
    ],
)
def test_a_time_is_one_of_rfc_3339(text: str, moment: datetime) -> None:
    assert MessageSelection.model_validate({"since": text}).since == moment


@pytest.mark.parametrize(
    "text",
    ["0", "2026-01-15", "2026-01-15T12:00:00", "2026-01-15 12:00:00Z", "2026-02-30T00:00:00Z"],
)
def test_other_ways_to_write_a_time_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        MessageSelection.model_validate({"since": text})


@pytest.mark.parametrize("others", [["dead"], ["refused"]])
def test_refused_calls_are_listed_alone(others: list[str]) -> None:
    with pytest.raises(ValidationError):
        MessageSelection.model_validate({"state": ["refused", *others]})
