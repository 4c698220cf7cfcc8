import apsw
import pytest

from gateway.errors import ParameterInvalidError
from gateway.messaging.causes import RESTING
from gateway.messaging.lifecycle import MOVING, State
from gateway.messaging.ports import MessageFilter
from gateway.store.queries import load_queries
from gateway.store.schema import load_migrations, migrate
from gateway.store.search import GIVEN_UP, bindings_for, cursor_after, statement_for
from tests.gateway.store.samples import NOW, a_message


@pytest.mark.parametrize(
    ("wanted", "statement"),
    [
        (MessageFilter(), "find"),
        (MessageFilter(caller="city"), "find"),
        (MessageFilter(tenant="default", caller="city"), "find_of_caller"),
        (MessageFilter(states=RESTING), "find_resting"),
        (MessageFilter(states=RESTING | {State.ACCEPTED}), "find"),
        (MessageFilter(states=MOVING), "find_open"),
        (MessageFilter(states=GIVEN_UP), "find_given_up"),
        (MessageFilter(authority="ags:09162000"), "find_of_authority"),
        (MessageFilter(tenant="a", caller="b", authority="ags:09162000"), "find_of_authority"),
        (MessageFilter(case_reference="4711", states=MOVING), "find_of_case"),
    ],
)
def test_each_filter_has_the_statement_whose_index_fits(
    wanted: MessageFilter, statement: str
) -> None:
    assert statement_for(wanted) == statement


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        ("find", "messages_listed"),
        ("find_of_caller", "messages_listed_by_caller"),
        ("find_of_authority", "messages_of_authority"),
        ("find_of_case", "messages_of_case"),
        ("find_open", "messages_open"),
        ("find_given_up", "messages_given_up"),
        ("find_resting", "messages_resting"),
        ("find_waiting", "messages_waiting"),
    ],
)
def test_each_statement_is_answered_by_its_index(statement: str, index: str) -> None:
    database = apsw.Connection(":memory:")
    migrate(database, load_migrations())
    explain = f"EXPLAIN QUERY PLAN {load_queries()[statement]}"
    bindings = dict(bindings_for(MessageFilter(), limit=1, before=None))
    (_, _, _, step), *_ = database.execute(explain, bindings).fetchall()
    assert f"SEARCH messages USING INDEX {index} (" in str(step)


def test_a_cursor_names_the_last_message_of_its_page() -> None:
    message = a_message()
    bindings = bindings_for(MessageFilter(), limit=1, before=cursor_after(message))
    assert bindings["before_id"] == message.id
    assert bindings["before_at"] == int(NOW.timestamp()) * 1_000_000 + NOW.microsecond


def test_a_cursor_of_another_kind_is_refused() -> None:
    with pytest.raises(ParameterInvalidError):
        bindings_for(MessageFilter(), limit=1, before="YWJj")
