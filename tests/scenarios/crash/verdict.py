"""What must hold of every message and of every caller, whatever was killed meanwhile.

Pure: from what callers were told, what the gateway tells of its messages and what the authorities
saw, to findings. ``docs/guarantees.md`` says the same as promises.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from gateway.messaging.history import is_unbroken
from gateway.messaging.lifecycle import STARTS, State, is_settled, may_move
from gateway.messaging.message import HistoryEvent, MessageId
from tests.scenarios.crash.house import NOTICE
from tests.scenarios.crash.letters import Told
from tests.scenarios.crash.looking import Case

NAMED = frozenset({State.ANSWERED, State.IN_DOUBT, State.DEAD, State.EXPIRED, State.INVALID})
"""Where a message of these tests may rest; ``awaiting_answer`` needs a receipt, sent by nobody."""

AFTER_ERROR = frozenset({State.DEAD, State.EXPIRED, State.INVALID})
"""Where a message may rest whose waiting caller was told of an error."""

UNDER_WAY = "idempotency-in-progress"
"""The one problem about a message that the gateway still delivers, and says so."""

DOUBT = "message-in-doubt"
EXPECTED = frozenset({409, 502, 503, 504})
"""Errors that a call without fault may get."""

STRAY_SECONDS = 1.0
"""How long bytes of an attempt that began in time may take to be seen."""


class Kind(StrEnum):
    """What is wrong."""

    LOST = "lost"
    DOUBLED = "doubled"
    LATE = "late"
    IMPOSSIBLE = "impossible"
    DIFFERENT = "different"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One broken promise.

    Attributes:
        kind: Which promise.
        message_id: About which message; None: about a letter that has none.
        text: What was seen.
        letter: Number of the letter; None: about a message, whoever sent it.
    """

    kind: Kind
    message_id: str | None
    text: str
    letter: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What was seen of a message, or of all messages of a letter, outside of the gateway.

    Attributes:
        sent: When its bytes left the gateway; monotonic seconds.
        taken: How often the authority acted on it.
        turned_away: How often the authority said that it did not.
    """

    sent: Sequence[float] = ()
    taken: int = 0
    turned_away: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Times:
    """When a gateway could do nothing, although it lived: pauses, as monotonic seconds."""

    paused: Sequence[tuple[float, float]] = field(default_factory=list)

    def awake(self, start: float, end: float) -> float:
        """Seconds between two moments without the pauses."""
        asleep = [max(min(end, last) - max(start, first), 0) for first, last in self.paused]
        return end - start - sum(asleep)


def judge_message(case: Case, seen: Seen) -> Iterator[Finding]:
    """Rules for every message, whatever its caller was told."""
    if case.state not in NAMED:
        yield _found(Kind.LOST, case, f"rests as {case.state}")
    # Of an expired message it is closed by what comes in the end, and a gateway that was killed
    # before never hears of that.
    ends = is_settled(case.state) and case.state is not State.EXPIRED
    if ends and not all(attempt["endedAt"] for attempt in case.attempts):
        yield _found(Kind.IMPOSSIBLE, case, "an attempt is open, and the message has settled")
    if len(seen.sent) > len(case.attempts):
        times = f"{len(seen.sent)} times in {len(case.attempts)} attempts"
        yield _found(Kind.IMPOSSIBLE, case, f"was sent {times}")
    if case.state is State.ANSWERED and not seen.taken:
        yield _found(Kind.LOST, case, "is answered, and the authority never had it")
    if case.is_query and case.state is State.IN_DOUBT:
        yield _found(Kind.IMPOSSIBLE, case, "is a query and in doubt")
    if not case.is_query and len(seen.sent) > 1 + seen.turned_away:
        yield _found(Kind.DOUBLED, case, f"is a submission and was sent {len(seen.sent)} times")
    yield from _judge_history(case)


def _judge_history(case: Case) -> Iterator[Finding]:
    history = case.history
    if not is_unbroken(MessageId(case.id), list(history)):
        yield _found(Kind.IMPOSSIBLE, case, "the chain of its history is broken")
    if not history or history[0].state not in STARTS or history[-1].state is not case.state:
        yield _found(Kind.IMPOSSIBLE, case, f"is {case.state}, which its history does not tell")
    for earlier, later in pairwise(history):
        if not _may_follow(earlier, later):
            moved = f"{earlier.state} became {later.state} by {later.event}"
            yield _found(Kind.IMPOSSIBLE, case, moved)


def _may_follow(earlier: HistoryEvent, later: HistoryEvent) -> bool:
    """Whether the table has the move; of an expired or restored message, a note is none."""
    stays = earlier.state is later.state
    notes = later.state is State.EXPIRED or later.event == "message.restored"
    return (stays and notes) or may_move(earlier.state, later.state)


def judge_letter(
    told: Sequence[Told],
    cases: Mapping[str, Case],
    seen: Mapping[str, Seen],
    times: Times = Times(),
) -> Iterator[Finding]:
    """Rules for one letter, which may have been sent several times with one key.

    Args:
        told: What its callers were told, in the order of the calls; at least one.
        cases: All messages, by id.
        seen: What was seen of each message that carries the letter, by id.
        times: When gateways were paused.
    """
    for one in told:
        yield from _judge_promise(one, cases)
        yield from _judge_status(one)
    yield from _judge_number(told, cases, seen)
    yield from _judge_answers(told)
    for one, next_call in _errors(told):
        sent = _sent_of(one, told, cases, seen)
        yield from _judge_error(one, next_call, sent, times)
    if not _is_open(told):
        yield from _judge_last(told[-1], cases)


def _judge_promise(told: Told, cases: Mapping[str, Case]) -> Iterator[Finding]:
    """A message that its caller was told of is there, and what was said of it holds."""
    if told.message_id is None:
        return
    case = cases.get(told.message_id)
    if case is None:
        yield _about(Kind.LOST, told, f"got {told.status}, and there is no such message")
    elif told.status == 200 and case.state is not State.ANSWERED:
        yield _about(Kind.DIFFERENT, told, f"was answered, and its message is {case.state}")
    elif told.status == 200 and case.digest != told.digest:
        yield _about(Kind.DIFFERENT, told, "got another answer than the one that is kept")
    elif told.status == 200 and told.answers != told.message_id:
        yield _about(Kind.DIFFERENT, told, "got the answer to another message")


def _judge_status(told: Told) -> Iterator[Finding]:
    if told.status and not told.promised and told.status not in EXPECTED:
        yield _about(Kind.DIFFERENT, told, f"got {told.status} {told.code}")
    if told.promised and told.message_id is None:
        yield _about(Kind.LOST, told, f"got {told.status} without a message id")


def _judge_number(
    told: Sequence[Told], cases: Mapping[str, Case], seen: Mapping[str, Seen]
) -> Iterator[Finding]:
    """One key, one message; only what expired, and so never arrived, is sent anew."""
    taken = sum(one.taken for one in seen.values())
    if told[0].letter.operation == NOTICE and taken > 1:
        yield _about(Kind.DOUBLED, told[0], f"is a submission and was taken {taken} times")
    named = list(dict.fromkeys(one.message_id for one in told if one.message_id in cases))
    for message_id in named[:-1]:
        case = cases[message_id or ""]
        if case.state is not State.EXPIRED:
            text = f"is {case.state}, and a repeat made another message of its call"
            kind = Kind.DIFFERENT if case.is_query else Kind.DOUBLED
            yield _found(kind, case, text)


def _judge_answers(told: Sequence[Told]) -> Iterator[Finding]:
    """What was answered once is answered always, and with the same."""
    first = next((one for one in told if one.status == 200), None)
    if first is None:
        return
    for one in told:
        later = one.asked_at > first.at
        if later and one.status and one.status != 503 and one.digest != first.digest:
            yield _about(Kind.DIFFERENT, one, f"got {one.status} after 200, or another answer")


def _is_open(told: Sequence[Told]) -> bool:
    """Whether a call was broken off: a gateway may carry it out at any time later."""
    return any(not one.status for one in told)


def _errors(told: Sequence[Told]) -> Iterator[tuple[Told, float]]:
    """Each call that ended in an error, and when a call that may send came beside or after it."""
    for one in told:
        if one.status and not one.promised and one.code != UNDER_WAY:
            others = [other for other in told if other is not one and other.at > one.at]
            yield one, min((other.asked_at for other in others), default=float("inf"))


def _sent_of(
    error: Told, told: Sequence[Told], cases: Mapping[str, Case], seen: Mapping[str, Seen]
) -> Sequence[float]:
    """When the letter was sent in ways that an error excludes for the time after it."""
    case = cases.get(error.message_id or "")
    if case is not None and case.state is State.EXPIRED:
        return seen.get(case.id, Seen()).sent  # final; whatever else is sent is another message
    if _is_open(told):
        return ()
    # What another call was promised goes on, whatever is said to one that names no message.
    promised = {one.message_id for one in told if one.promised}
    kept = promised - {error.message_id}
    return [at for message_id, one in seen.items() if message_id not in kept for at in one.sent]


def _judge_error(
    told: Told, next_call: float, sent: Sequence[float], times: Times
) -> Iterator[Finding]:
    """Source: design 5, after an error nothing is sent by itself."""
    late = [
        at for at in sent if told.at < at < next_call and times.awake(told.at, at) > STRAY_SECONDS
    ]
    if late:
        after = f"{late[0] - told.at:.2f} s after {told.status} {told.code}"
        yield _about(Kind.LATE, told, f"was sent {after}")


def _judge_last(told: Told, cases: Mapping[str, Case]) -> Iterator[Finding]:
    """Where a message rests whose last caller was told of an error."""
    case = cases.get(told.message_id or "")
    if case is None or told.promised or told.code in (UNDER_WAY, DOUBT):
        return
    if case.state not in AFTER_ERROR:
        yield _found(Kind.DIFFERENT, case, f"is {case.state}, and its caller was told {told.code}")


def _found(kind: Kind, case: Case, text: str) -> Finding:
    return Finding(kind=kind, message_id=case.id, text=text)


def _about(kind: Kind, told: Told, text: str) -> Finding:
    letter = told.letter
    return Finding(
        kind=kind,
        message_id=told.message_id,
        text=f"letter {letter.number} ({letter.operation} {letter.word}) {text}",
        letter=letter.number,
    )
