"""Refused calls as rows."""

import pytest

from gateway.errors import ParameterInvalidError
from gateway.messaging.refusal import Refusal, RefusalFilter, Spot
from gateway.store.cursors import new_cursor
from gateway.store.refusals import (
    refusal_cursor,
    refusal_of,
    refusal_row,
    refusals_bindings,
    refusals_statement,
)
from tests.gateway.store.samples import NOW

REFUSAL = Refusal(
    at=NOW,
    tenant="default",
    caller="city",
    operation="residents/search",
    operation_version=1,
    recipient="ags:1",
    code="schema-violation",
    spots=(Spot(keyword="required", pointer="/a"), Spot(keyword="x", wire="/ä", rule="m:1")),
    size_bytes=7,
)


def test_a_row_holds_everything() -> None:
    row = (5, *refusal_row(REFUSAL))
    assert refusal_of(row) == REFUSAL
    bindings = refusals_bindings(RefusalFilter(), limit=1, before=refusal_cursor(row))
    assert (bindings["before_number"], bindings["limit"]) == (5, 1)


def test_each_filter_has_the_statement_whose_index_fits() -> None:
    assert refusals_statement(RefusalFilter(caller="city")) == "find_refusals"
    mine = RefusalFilter(tenant="default", caller="city")
    assert refusals_statement(mine) == "find_refusals_of_caller"


@pytest.mark.parametrize("cursor", ["?", new_cursor(1, "of a message"), new_cursor(1, "9" * 30)])
def test_an_unknown_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(ParameterInvalidError):
        refusals_bindings(RefusalFilter(), limit=1, before=cursor)
