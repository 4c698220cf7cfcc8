"""How commands print."""

import pytest

from gateway.cli.show import print_json, print_table


def test_columns_are_as_wide_as_they_need(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("id", "state"), [("x" * 100, "dead"), ("y", "answered")])
    heading, first, second = capsys.readouterr().out.splitlines()
    assert first == "x" * 100 + "  dead"
    assert heading.index("state") == second.index("answered") == 102


def test_json_is_utf8_whatever_the_terminal(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    print_json({"a": "ä"})
    assert capfdbinary.readouterr().out == '{\n  "a": "ä"\n}\n'.encode()
