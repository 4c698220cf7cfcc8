import dataclasses

import pytest

from gateway.messaging.message import AttemptResult, Stage, StageKind


def test_the_forms_of_a_message_are_in_the_order_of_its_journey() -> None:
    assert list(StageKind) == [
        "canonical_request",
        "wire_request",
        "wire_answer",
        "kept_answer",
        "canonical_answer",
        "later_answer",
    ]


def test_words_for_ended_attempts_are_unique() -> None:
    assert len({result.value for result in AttemptResult}) == len(AttemptResult)


def test_what_is_kept_cannot_be_changed() -> None:
    stage = Stage(kind=StageKind.WIRE_REQUEST, body=b"<a/>", media_type="application/xml")
    with pytest.raises(dataclasses.FrozenInstanceError):
        stage.body = b""  # type: ignore[misc]  # the point of the test
