import apsw
import pytest

from gateway.store.faults import refused, unavailable


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (apsw.FullError("secret"), "full"),
        (apsw.IOError("secret"), "reports an error"),
        (apsw.BusyError("secret"), "BusyError"),
    ],
)
def test_the_kind_of_fault_is_told_and_nothing_else(error: apsw.Error, text: str) -> None:
    told = str(unavailable(error))
    assert text in told
    assert "secret" not in told


def test_what_is_stored_already_is_told_apart() -> None:
    connection = apsw.Connection(":memory:")
    connection.execute(
        "CREATE TABLE a (b UNIQUE, c CHECK (c < 'x')); INSERT INTO a VALUES (1, 'b')"
    )
    with pytest.raises(apsw.ConstraintError) as repeated:
        connection.execute("INSERT INTO a VALUES (1, 'c')")
    assert "stored already" in str(refused(repeated.value))
    with pytest.raises(apsw.ConstraintError) as wrong:
        connection.execute("INSERT INTO a VALUES (2, 'z')")
    assert "rule of the message store" in str(refused(wrong.value))
    connection.close()
