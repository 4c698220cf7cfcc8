import dataclasses
from collections.abc import Iterator

import apsw
import pytest

from gateway.errors import ConfigurationError
from gateway.messaging.lifecycle import STARTS, TRANSITIONS, State, is_settled
from gateway.messaging.message import AttemptResult, StageKind
from gateway.messaging.operation import OperationKind
from gateway.store.queries import load_queries
from gateway.store.rows import micros, new_message_row
from gateway.store.schema import Migration, load_migrations, migrate
from tests.gateway.store.samples import NOW, a_message


@pytest.fixture
def connection() -> Iterator[apsw.Connection]:
    connection = apsw.Connection(":memory:")
    connection.pragma("foreign_keys", value=True)
    migrate(connection, load_migrations())
    yield connection
    connection.close()


def insert(connection: apsw.Connection, state: str) -> int:
    """Store a message by the statement alone, without the store's own checks."""
    settled_at = NOW if is_settled(State(state)) else None
    row = new_message_row(
        dataclasses.replace(a_message(), state=State(state), settled_at=settled_at),
        event_count=0,
        head_hash=bytes(32),
    )
    connection.execute(load_queries()["accept_message"], row)
    return connection.last_insert_rowid()


def insert_anywhere(connection: apsw.Connection, state: State) -> int:
    """Bring a message into any state, past the trigger that refuses later ones."""
    with connection:
        trigger = connection.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'messages_start'"
        ).get
        connection.execute("DROP TRIGGER messages_start")
        number = insert(connection, state)
        connection.execute(trigger)
    return number


def move(connection: apsw.Connection, number: int, end: State) -> None:
    settled_at = micros(NOW) if is_settled(end) else None
    connection.execute(
        "UPDATE messages SET state = ?, settled_at = ? WHERE number = ?", (end, settled_at, number)
    )


@pytest.mark.parametrize("start", list(State))
@pytest.mark.parametrize("end", list(State))
def test_the_database_itself_allows_the_moves_of_the_life_cycle_and_no_other(
    connection: apsw.Connection, start: State, end: State
) -> None:
    number = insert_anywhere(connection, start)
    if end is start or end in TRANSITIONS[start]:
        move(connection, number, end)
        assert connection.execute("SELECT state FROM messages").get == end
    else:
        with pytest.raises(apsw.ConstraintError):
            move(connection, number, end)


@pytest.mark.parametrize("state", list(State))
def test_the_database_itself_knows_where_messages_start(
    connection: apsw.Connection, state: State
) -> None:
    if state in STARTS:
        insert(connection, state)
    else:
        with pytest.raises(apsw.ConstraintError):
            insert(connection, state)


@pytest.mark.parametrize("state", list(State))
def test_the_database_itself_knows_which_states_are_settled(
    connection: apsw.Connection, state: State
) -> None:
    number = insert_anywhere(connection, state)
    other = None if is_settled(state) else 1
    with pytest.raises(apsw.ConstraintError):
        connection.execute("UPDATE messages SET settled_at = ? WHERE number = ?", (other, number))


def test_words_of_the_code_are_words_of_the_tables(connection: apsw.Connection) -> None:
    number = insert(connection, State.ACCEPTED)
    for kind in StageKind:
        connection.execute(
            "INSERT INTO stages (message_number, kind, media_type, body) VALUES (?, ?, '', x'')",
            (number, kind),
        )
    for attempt, result in enumerate(AttemptResult, start=1):
        connection.execute(
            "INSERT INTO attempts VALUES (?, ?, 1, 2, ?, NULL)", (number, attempt, result)
        )
    for operation_kind in OperationKind:
        connection.execute("UPDATE messages SET kind = ?", (operation_kind,))


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO stages (message_number, kind, media_type, body) VALUES (1, 'x', '', x'')",
        "INSERT INTO stages (message_number, kind, media_type, body) VALUES (9, 'x', '', x'')",
        "INSERT INTO attempts VALUES (1, 1, 1, 2, 'x', NULL)",
        "INSERT INTO attempts VALUES (1, 1, 1, NULL, 'answered', NULL)",
        "INSERT INTO attempts VALUES (1, 1, 1, 2, NULL, NULL)",
        "INSERT INTO attempts VALUES (9, 1, 1, NULL, NULL, NULL)",
        "INSERT INTO events VALUES (1, 1, 1, 'x', 'accepted', NULL, NULL, NULL, x'00')",
        "UPDATE messages SET kind = 'x'",
        "UPDATE messages SET outcome = 'x'",
        "UPDATE messages SET state = 'x'",
        "UPDATE messages SET accepted_at = 'yesterday'",
    ],
)
def test_other_words_and_strangers_are_refused(connection: apsw.Connection, statement: str) -> None:
    assert insert(connection, State.ACCEPTED) == 1
    with pytest.raises(apsw.ConstraintError):
        connection.execute(statement)


def test_each_migration_has_a_number_of_its_own() -> None:
    numbers = [migration.number for migration in load_migrations()]
    assert numbers == sorted(set(numbers))


def test_only_missing_migrations_are_applied(connection: apsw.Connection) -> None:
    newest = load_migrations()[-1].number
    further = Migration(number=newest + 1, statements="CREATE TABLE further (id)")
    migrate(connection, [*load_migrations(), further])
    assert connection.pragma("user_version") == newest + 1


def test_a_migration_that_fails_changes_nothing(connection: apsw.Connection) -> None:
    newest = load_migrations()[-1].number
    broken = Migration(number=newest + 1, statements="CREATE TABLE further (id); SELEKT")
    with pytest.raises(apsw.SQLError):
        migrate(connection, [*load_migrations(), broken])
    assert connection.pragma("user_version") == newest
    assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'further'").fetchall()


def test_a_database_of_a_newer_gateway_is_left_alone(connection: apsw.Connection) -> None:
    connection.pragma("user_version", 99)
    with pytest.raises(ConfigurationError, match="schema 99"):
        migrate(connection, load_migrations())


def test_a_database_of_the_first_schema_keeps_its_data() -> None:
    connection = apsw.Connection(":memory:")
    migrate(connection, load_migrations()[:1])
    number = insert(connection, State.ACCEPTED)
    put = load_queries()["put_stage"]
    bodies = {kind: kind.encode() for kind in StageKind if kind is not StageKind.LATER_ANSWER}
    for kind, body in bodies.items():
        connection.execute(
            "INSERT INTO stages (message_number, kind, media_type, ledger, body)"
            " VALUES (?, ?, 'text/plain', ?, ?)",
            (number, kind, b"{}", body),
        )

    migrate(connection, load_migrations())

    rows = connection.execute("SELECT message_number, kind, ledger, body FROM stages").fetchall()
    assert {row[1]: row[3] for row in rows} == bodies
    assert {row[0] for row in rows} == {number}
    connection.execute(
        put, (number, StageKind.LATER_ANSWER, "text/plain", None, None, None, b"x", None)
    )
    connection.close()
