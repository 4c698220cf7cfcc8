"""Cursors."""

import pytest

from gateway.errors import ParameterInvalidError
from gateway.store.cursors import END_OF_TIME, bound, new_cursor, read_cursor
from tests.gateway.store.samples import NOW


@pytest.mark.parametrize("entry", [(0, ""), (-5, "a:b"), (END_OF_TIME, "ä/+=")])
def test_a_cursor_says_where_its_page_ended(entry: tuple[int, str]) -> None:
    cursor = new_cursor(*entry)
    assert read_cursor(cursor) == entry
    assert cursor.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    "cursor", ["", "?", "YWJj", "/////", new_cursor(2**63, ""), new_cursor(-(10**30), "")]
)
def test_an_unknown_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(ParameterInvalidError):
        read_cursor(cursor)


def test_a_time_that_is_missing_restricts_nothing() -> None:
    assert bound(None, 7) == 7
    assert bound(NOW, 7) > 7
