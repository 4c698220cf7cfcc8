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


def test_a_condition_narrows_the_statement_that_it_names() -> None:
    base = "-- name: all\nSELECT *\nFROM a\nWHERE\n    b > 1\nLIMIT 2\n"
    narrow = "\n-- name: few\n-- Why.\n-- narrows: all\nc = 3\n"
    narrowed = "SELECT *\nFROM a\nWHERE\n    c = 3\n    AND b > 1\nLIMIT 2"
    assert parse_queries(base + narrow)["few"] == narrowed


def test_only_a_statement_with_a_condition_can_be_narrowed() -> None:
    with pytest.raises(ValueError, match="narrowed"):
        parse_queries("-- name: all\nSELECT 1\n-- name: few\n-- narrows: all\nc = 3\n")
