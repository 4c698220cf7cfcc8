from collections.abc import Iterator

import apsw
import pytest

from gateway.errors import TransitionConflictError
from gateway.messaging.lifecycle import State
from gateway.messaging.ports import Step
from gateway.store.queries import load_queries
from gateway.store.schema import load_migrations, migrate
from gateway.store.transactions import Transactions
from tests.gateway.store.samples import (
    ANSWER,
    NOW,
    REQUEST,
    a_message,
    a_step,
    a_waiting_message,
    entry_of,
    later,
)


@pytest.fixture
def connection() -> Iterator[apsw.Connection]:
    connection = apsw.Connection(":memory:")
    migrate(connection, load_migrations())
    yield connection
    connection.close()


@pytest.fixture
def transactions(connection: apsw.Connection) -> Transactions:
    return Transactions(connection, load_queries())


def rows(connection: apsw.Connection, table: str) -> int:
    counted: int = connection.execute(f"SELECT count(*) FROM {table}").get  # noqa: S608 - a constant
    return counted


def test_accepting_writes_message_events_stages_and_the_open_attempt(
    connection: apsw.Connection, transactions: Transactions
) -> None:
    message = a_waiting_message()
    entries = [entry_of(State.ACCEPTED), entry_of(State.DELIVERING)]
    transactions.accept(message, [REQUEST], entries)
    counts = [rows(connection, name) for name in ("messages", "events", "stages", "attempts")]
    assert counts == [1, 2, 1, 1]


def test_a_message_that_starts_elsewhere_is_refused_and_writes_nothing(
    connection: apsw.Connection, transactions: Transactions
) -> None:
    with pytest.raises(TransitionConflictError):
        transactions.accept(a_message(state=State.ANSWERED), [], [])
    assert rows(connection, "messages") == 0


def test_a_step_of_an_unknown_message_is_refused(transactions: Transactions) -> None:
    with pytest.raises(TransitionConflictError):
        transactions.advance(a_step(a_message(), State.CANCELLED))


def test_a_step_returns_the_message_after_it(transactions: Transactions) -> None:
    message = a_waiting_message()
    transactions.accept(message, [], [entry_of(State.DELIVERING)])
    after = transactions.advance(a_step(message, State.ANSWERED, stages=[ANSWER]))
    assert (after.state, after.settled_at) == (State.ANSWERED, later(1))


def test_a_step_that_stays_settles_nothing_anew(transactions: Transactions) -> None:
    message = a_message()
    transactions.accept(message, [], [entry_of(State.ACCEPTED)])
    expired = transactions.advance(a_step(message, State.EXPIRED))
    late = Step(
        message_id=message.id,
        start=frozenset({State.EXPIRED}),
        entry=entry_of(State.EXPIRED, at=later(9), code="message-expired"),
    )
    assert transactions.advance(late) == expired


def test_due_messages_are_taken_once_and_of_their_channel_only(
    transactions: Transactions,
) -> None:
    message = a_message(channel="munich")
    transactions.accept(message, [], [entry_of(State.ACCEPTED)])
    assert transactions.lease_due("elsewhere", NOW, 10) == []
    (taken,) = transactions.lease_due("munich", NOW, 10)
    assert (taken.id, taken.state, taken.attempts) == (message.id, State.DELIVERING, 1)
    assert transactions.lease_due("munich", NOW, 10) == []


def test_a_touch_writes_and_changes_nothing(
    connection: apsw.Connection, transactions: Transactions
) -> None:
    version = connection.pragma("user_version")
    commits: list[int] = []

    def count() -> bool:
        commits.append(1)
        return False  # go on

    connection.set_commit_hook(count)
    transactions.touch()
    assert commits == [1]
    assert connection.pragma("user_version") == version
