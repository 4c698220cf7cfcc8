"""Options that several commands share."""

from tests.gateway.cli.conftest import Command


def test_shared_options_name_their_variables(command: Command) -> None:
    assert "AGENCY_GATEWAY_TOKEN" in command("messages", "list", "--help").out
    assert "AGENCY_GATEWAY_CONFIG" in command("serve", "--help").out
