"""The database itself keeps a line in shape, whatever a program asks of it."""

from collections.abc import Iterator

import apsw
import pytest

from gateway.messaging.terms import Terms
from gateway.store.queries import load_queries
from gateway.store.schema import load_migrations, migrate
from gateway.store.transactions import Transactions
from tests.gateway.store.samples import a_message

TERMS = Terms(order_key=bytes(32))


@pytest.fixture
def connection() -> Iterator[apsw.Connection]:
    connection = apsw.Connection(":memory:")
    migrate(connection, load_migrations())
    transactions = Transactions(connection, load_queries())
    for _ in range(3):
        transactions.accept(a_message(), [], [], terms=TERMS)
    yield connection
    connection.close()


def test_places_are_in_the_order_of_acceptance(connection: apsw.Connection) -> None:
    rows = connection.execute("SELECT place, time_to_deliver FROM messages ORDER BY number")
    assert rows.fetchall() == [(1, None), (2, 30_000_000), (3, 30_000_000)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE messages SET place = 1 WHERE number = 2",  # one place for two
        "UPDATE messages SET next_attempt_at = 1 WHERE number = 2",  # planned before its turn
        "UPDATE messages SET state = 'delivering' WHERE number = 2",  # under way before its turn
        "UPDATE messages SET place = NULL WHERE number = 2",  # waits, and in no line
        "UPDATE messages SET order_key = x'00' WHERE number = 2",  # no digest
    ],
)
def test_what_no_line_may_be_is_refused(connection: apsw.Connection, statement: str) -> None:
    with pytest.raises(apsw.ConstraintError):
        connection.execute(statement)


def test_looking_for_the_first_of_a_line_needs_its_index_only(connection: apsw.Connection) -> None:
    statement = load_queries()["first_in_line"]
    (plan,) = connection.execute(f"EXPLAIN QUERY PLAN {statement}", (bytes(32),))
    assert "USING INDEX messages_in_line" in plan[3]
