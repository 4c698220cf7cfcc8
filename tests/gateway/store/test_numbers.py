"""The database itself keeps numbers apart."""

from collections.abc import Iterator

import apsw
import pytest

from gateway.store.queries import load_queries
from gateway.store.schema import load_migrations, migrate
from gateway.store.transactions import Transactions
from tests.gateway.store.conformance_sequences import FILE, terms
from tests.gateway.store.samples import a_message


@pytest.fixture
def connection() -> Iterator[apsw.Connection]:
    connection = apsw.Connection(":memory:")
    migrate(connection, load_migrations())
    yield connection
    connection.close()


def test_a_number_has_one_message(connection: apsw.Connection) -> None:
    Transactions(connection, load_queries()).accept(a_message(), [], [], terms=terms(FILE))
    with pytest.raises(apsw.ConstraintError):
        connection.execute("INSERT INTO sequence_numbers VALUES ('munich', 'file', 0, 0, 1, 2)")


def test_numbers_go_with_their_message_and_are_not_given_again(
    connection: apsw.Connection,
) -> None:
    transactions = Transactions(connection, load_queries())
    transactions.accept(a_message(), [], [], terms=terms(FILE))
    connection.execute("DELETE FROM messages")
    assert connection.execute("SELECT count(*) FROM sequence_numbers").get == 0
    transactions.accept(a_message(), [], [], terms=terms(FILE))
    assert connection.execute("SELECT number FROM sequence_numbers").get == 2
