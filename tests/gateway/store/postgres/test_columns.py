from gateway.store.postgres.columns import columns


def test_rows_become_columns() -> None:
    assert columns([(1, "a"), (2, "b")], 2) == [(1, 2), ("a", "b")]


def test_no_rows_are_as_many_empty_columns() -> None:
    assert columns([], 3) == [(), (), ()]
