import pytest

from gateway.store.queries import load_queries, parse_queries


def test_statements_are_found_by_name_without_comments() -> None:
    text = "-- head\n\n-- name: one\n-- Why.\nSELECT 1\n\n-- name: two\nSELECT\n    2\n"
    assert parse_queries(text) == {"one": "SELECT 1", "two": "SELECT\n    2"}


def test_a_name_stands_for_one_statement() -> None:
    with pytest.raises(ValueError, match="same name"):
        parse_queries("-- name: one\nSELECT 1\n-- name: one\nSELECT 2\n")


def test_every_statement_is_one_statement() -> None:
    assert all(statement and ";" not in statement for statement in load_queries().values())
