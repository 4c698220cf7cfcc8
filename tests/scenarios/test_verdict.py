"""The judge of the crash tests finds what is planted, and nothing where all is well."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.messaging.history import START, Entry, link
from gateway.messaging.lifecycle import State
from gateway.messaging.message import HistoryEvent, MessageId
from tests.scenarios.crash.evidence import Evidence
from tests.scenarios.crash.house import NOTICE, SEARCH
from tests.scenarios.crash.letters import Letter, Told
from tests.scenarios.crash.looking import Case
from tests.scenarios.crash.run import summary
from tests.scenarios.crash.sightings import Sighting
from tests.scenarios.crash.verdict import Kind, Times

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
QUERY = "11111111-1111-4111-8111-111111111111"
NOTE = "22222222-2222-4222-8222-222222222222"
OTHER = "33333333-3333-4333-8333-333333333333"
EVENTS = {
    State.ACCEPTED: "message.accepted",
    State.DELIVERING: "delivery.started",
    State.RETRYING: "delivery.failed",
    State.ANSWERED: "message.answered",
    State.EXPIRED: "message.expired",
    State.DEAD: "message.dead",
    State.IN_DOUBT: "message.in_doubt",
}


def history(message_id: str, states: Sequence[State]) -> list[HistoryEvent]:
    """An unbroken history through the states."""
    events: list[HistoryEvent] = []
    head = START
    for number, state in enumerate(states, start=1):
        at = NOW + timedelta(seconds=number)
        entry = Entry(at=at, event=EVENTS[state], state=state)
        head = link(MessageId(message_id), entry, number=number, previous=head)
        events.append(
            HistoryEvent(
                number=number,
                at=at,
                event=entry.event,
                state=state,
                attempt=None,
                code=None,
                detail=None,
                hash=head,
            )
        )
    return events


def case(message_id: str, *states: State, kind: str = "query", attempts: int = 1) -> Case:
    """A message that went through the states, by default straight to its answer."""
    way = states or (State.ACCEPTED, State.DELIVERING, State.ANSWERED)
    answered = way[-1] is State.ANSWERED
    return Case(
        message={"id": message_id, "kind": kind, "state": str(way[-1])},
        history=history(message_id, way),
        attempts=[{"endedAt": "2026-11-25T12:00:03Z"}] * attempts,
        digest=f"answer to {message_id}" if answered else None,
    )


def told(letter: Letter, message_id: str | None, status: int = 200, *, at: float = 20.0) -> Told:
    """What a call was told that was made at 10, or later."""
    answered = status == 200
    return Told(
        letter=letter,
        status=status,
        message_id=message_id,
        code={200: None, 202: None, 503: "store-unavailable"}.get(status, "message-expired"),
        digest=f"answer to {message_id}" if answered else None,
        answers=message_id if answered else None,
        asked_at=at - 10,
        at=at,
    )


SEARCHED = Letter(operation=SEARCH, word="Quendel", number=1)
NOTED = Letter(operation=NOTICE, word="once", number=2)


def sighting(message_id: str, letter: int, *, taken: bool = True) -> Sighting:
    return Sighting(at=15.0, message_id=message_id, letter=letter, taken=taken)


SOUND = Evidence(
    told={1: [told(SEARCHED, QUERY)], 2: [told(NOTED, NOTE)]},
    cases={QUERY: case(QUERY), NOTE: case(NOTE, kind="submission")},
    sightings=[sighting(QUERY, 1), sighting(NOTE, 2)],
    sent={QUERY: [14.0], NOTE: [14.0]},
)


def with_case(evidence: Evidence, new: Case) -> Evidence:
    """The evidence with another message, or the same one as it is not."""
    return replace(evidence, cases={**evidence.cases, new.id: new})


def found(evidence: Evidence) -> set[Kind]:
    return {finding.kind for finding in evidence.findings()}


def test_where_all_is_well_nothing_is_found() -> None:
    assert SOUND.findings() == []
    assert summary([]) == "lost 0, doubled 0, late 0, impossible 0, different 0"


def _without_message(evidence: Evidence) -> Evidence:
    return replace(evidence, cases={QUERY: evidence.cases[QUERY]})


def _stuck(evidence: Evidence) -> Evidence:
    stuck = case(QUERY, State.ACCEPTED, State.DELIVERING, State.RETRYING)
    return replace(with_case(evidence, stuck), told={1: [told(SEARCHED, QUERY, 202)]})


def _invented(evidence: Evidence) -> Evidence:
    return replace(evidence, sightings=[sighting(NOTE, 2)])


def _nameless(evidence: Evidence) -> Evidence:
    return replace(evidence, told={1: [told(SEARCHED, None, 202)]})


def _unknown(evidence: Evidence) -> Evidence:
    return replace(evidence, sent={**evidence.sent, OTHER: [14.0]})


@pytest.mark.parametrize("plant", [_without_message, _stuck, _invented, _nameless, _unknown])
def test_a_planted_loss_is_found(plant: Callable[[Evidence], Evidence]) -> None:
    assert found(plant(SOUND)) == {Kind.LOST}


def _sent_twice(evidence: Evidence) -> Evidence:
    twice = case(
        NOTE,
        State.ACCEPTED,
        State.DELIVERING,
        State.RETRYING,
        State.DELIVERING,
        State.ANSWERED,
        kind="submission",
        attempts=2,
    )
    return replace(with_case(evidence, twice), sent={**evidence.sent, NOTE: [14.0, 16.0]})


def _taken_twice(evidence: Evidence) -> Evidence:
    return replace(evidence, sightings=[*evidence.sightings, sighting(NOTE, 2)])


def _two_messages(evidence: Evidence) -> Evidence:
    """Of one call, and of the second one no caller ever heard."""
    evidence = with_case(evidence, case(OTHER, kind="submission"))
    return replace(
        evidence,
        sightings=[*evidence.sightings, sighting(OTHER, 2)],
        sent={**evidence.sent, OTHER: [15.0]},
    )


@pytest.mark.parametrize("plant", [_sent_twice, _taken_twice, _two_messages])
def test_a_planted_double_is_found(plant: Callable[[Evidence], Evidence]) -> None:
    assert found(plant(SOUND)) == {Kind.DOUBLED}


def expired(*, sent: Sequence[float], next_call: float | None = None) -> Evidence:
    """A query whose caller was told at 20 that it expired, and perhaps asked again."""
    again = [] if next_call is None else [told(SEARCHED, OTHER, at=next_call + 10)]
    late = case(QUERY, State.ACCEPTED, State.DELIVERING, State.EXPIRED, attempts=2)
    return replace(
        with_case(with_case(SOUND, late), case(OTHER)),
        told={1: [told(SEARCHED, QUERY, 504), *again]},
        sightings=[*SOUND.sightings, sighting(OTHER, 1)],
        sent={**SOUND.sent, QUERY: [14.0, *sent], OTHER: [45.0] if again else [14.0]},
    )


def test_a_planted_late_delivery_is_found() -> None:
    assert found(expired(sent=[])) == set()
    assert found(expired(sent=[20.5])) == set(), "an attempt that began in time"
    assert found(expired(sent=[22.0])) == {Kind.LATE}


def test_what_a_caller_asks_for_again_is_not_late() -> None:
    assert found(expired(sent=[], next_call=40.0)) == set()
    assert found(expired(sent=[22.0], next_call=40.0)) == {Kind.LATE}


def test_what_a_paused_gateway_had_begun_is_not_late() -> None:
    evidence = expired(sent=[22.0])
    assert found(replace(evidence, times=Times(paused=[(20.2, 21.9)]))) == set()
    assert found(replace(evidence, times=Times(paused=[(25.0, 30.0)]))) == {Kind.LATE}


def test_a_message_that_was_refused_and_is_sent_is_late() -> None:
    refused = replace(SOUND, told={1: [told(SEARCHED, None, 503)]}, sent={QUERY: [23.0], NOTE: [1]})
    assert found(refused) == {Kind.LATE}
    broken_off = replace(told(SEARCHED, None, 0, at=12.0), status=0)
    # The first call was never refused: whoever has it may carry it out.
    assert found(replace(refused, told={1: [broken_off, told(SEARCHED, None, 503)]})) == set()


def test_what_one_caller_was_promised_goes_on_after_another_was_refused() -> None:
    twins = [told(SEARCHED, QUERY, 202), told(SEARCHED, None, 503, at=20.1)]
    sent = {**SOUND.sent, QUERY: [23.0]}
    assert found(replace(SOUND, told={1: twins}, sent=sent)) == set()
    other = with_case(SOUND, case(OTHER, State.ACCEPTED, State.DELIVERING, State.EXPIRED))
    unpromised = replace(
        other,
        told={1: twins},
        sightings=[*SOUND.sightings, sighting(OTHER, 1)],
        sent={**sent, OTHER: [24.0]},
    )
    assert found(unpromised) == {Kind.LATE}


def _forbidden_move(evidence: Evidence) -> Evidence:
    return with_case(evidence, case(QUERY, State.ACCEPTED, State.RETRYING, State.DELIVERING))


def _left_final_state(evidence: Evidence) -> Evidence:
    way = (State.DELIVERING, State.ANSWERED, State.DELIVERING, State.ANSWERED)
    return with_case(evidence, case(QUERY, *way))


def _broken_chain(evidence: Evidence) -> Evidence:
    one = evidence.cases[QUERY]
    return with_case(evidence, replace(one, history=[*one.history[:1], *one.history[2:]]))


def _other_state(evidence: Evidence) -> Evidence:
    one = evidence.cases[QUERY]
    way = (State.ACCEPTED, State.DELIVERING)
    return with_case(evidence, replace(one, history=history(QUERY, way)))


def _open_attempt(evidence: Evidence) -> Evidence:
    one = evidence.cases[QUERY]
    return with_case(evidence, replace(one, attempts=[{"endedAt": None}]))


def _sent_without_attempt(evidence: Evidence) -> Evidence:
    return replace(evidence, sent={**evidence.sent, QUERY: [14.0, 15.0]})


def _doubted_query(evidence: Evidence) -> Evidence:
    doubted = case(QUERY, State.ACCEPTED, State.DELIVERING, State.IN_DOUBT)
    return replace(with_case(evidence, doubted), told={1: [told(SEARCHED, QUERY, 202)]})


@pytest.mark.parametrize(
    "plant",
    [
        _forbidden_move,
        _left_final_state,
        _broken_chain,
        _other_state,
        _open_attempt,
        _sent_without_attempt,
        _doubted_query,
    ],
)
def test_a_planted_impossibility_is_found(plant: Callable[[Evidence], Evidence]) -> None:
    assert Kind.IMPOSSIBLE in found(plant(SOUND))


def _other_answer(evidence: Evidence) -> Evidence:
    first = told(SEARCHED, QUERY)
    other = replace(told(SEARCHED, QUERY, at=40.0), digest="another answer")
    return replace(evidence, told={1: [first, other]})


def _no_answer(evidence: Evidence) -> Evidence:
    again = replace(told(SEARCHED, QUERY, 202, at=40.0))
    return replace(evidence, told={1: [told(SEARCHED, QUERY), again]})


def _foreign_answer(evidence: Evidence) -> Evidence:
    return replace(evidence, told={1: [replace(told(SEARCHED, QUERY), answers=NOTE)]})


def _answered_and_dead(evidence: Evidence) -> Evidence:
    return with_case(evidence, case(QUERY, State.ACCEPTED, State.DELIVERING, State.DEAD))


def _error_and_answered(evidence: Evidence) -> Evidence:
    return replace(evidence, told={1: [told(SEARCHED, QUERY, 504)]})


def _unforeseen(evidence: Evidence) -> Evidence:
    return replace(evidence, told={1: [told(SEARCHED, None, 500)]})


@pytest.mark.parametrize(
    "plant",
    [
        _other_answer,
        _no_answer,
        _foreign_answer,
        _answered_and_dead,
        _error_and_answered,
        _unforeseen,
    ],
)
def test_a_planted_difference_is_found(plant: Callable[[Evidence], Evidence]) -> None:
    assert found(plant(SOUND)) == {Kind.DIFFERENT}


def test_a_query_with_two_messages_is_different() -> None:
    evidence = with_case(SOUND, case(OTHER))
    twice = [told(SEARCHED, QUERY), told(SEARCHED, OTHER, at=40.0)]
    twice_seen = [*evidence.sightings, sighting(OTHER, 1)]
    sent = {**evidence.sent, OTHER: [35.0]}
    evidence = replace(evidence, told={1: twice}, sightings=twice_seen, sent=sent)
    assert found(evidence) == {Kind.DIFFERENT}
