import pytest

from gateway.validation.code_list import CodeList

LIST = CodeList(
    uri="urn:test",
    version="1",
    name="Test",
    valid_from=None,
    columns=("code", "text", "note"),
    key="code",
    rows={"1": ("1", "one", "")},
)


def test_a_row_is_shown_by_column_without_empty_cells() -> None:
    assert LIST.row("1") == {"code": "1", "text": "one"}


def test_an_unknown_code_has_no_row() -> None:
    with pytest.raises(KeyError):
        LIST.row("2")
