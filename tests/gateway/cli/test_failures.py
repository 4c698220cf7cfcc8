"""From errors to the exit of the process."""

import pytest

from gateway import errors
from gateway.cli.failures import class_of, exit_code_of, print_error
from gateway.errors import GatewayError, Place


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.ConfigurationError, 78),
        (errors.SchemaViolationError, 65),
        (errors.NotSentError, 75),
        (errors.OutcomeUnknownError, 75),
        (errors.AuthorityRefusedError, 69),
        (errors.AnswerUnreadableError, 65),
        (errors.StoreUnavailableError, 75),
        (GatewayError, 70),
    ],
)
def test_the_nearest_ancestor_decides(kind: type[GatewayError], code: int) -> None:
    assert exit_code_of(kind) == code


def test_a_code_leads_back_to_its_class() -> None:
    assert class_of("no-route") is errors.NoRouteError
    assert class_of("nothing") is GatewayError


def test_an_error_is_printed_with_all_places(capsys: pytest.CaptureFixture[str]) -> None:
    places = [Place(keyword="k", detail=f"Wrong {n}.", pointer=f"/{n}") for n in range(2)]
    print_error(errors.SchemaViolationError("Two faults.", places=places))
    printed = capsys.readouterr().err
    assert "schema-violation: Two faults." in printed
    assert "Wrong 0. [/0]" in printed
    assert "Wrong 1. [/1]" in printed
    assert "Next step:" in printed
