"""What a caller asks."""

from tests.gateway.flow.world import SUBMISSION, ask_for


def test_key_names_operation_and_version() -> None:
    assert ask_for(operation=SUBMISSION).key == SUBMISSION.key == "residents/report/v2"
