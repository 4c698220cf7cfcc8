"""``agency-gateway token``."""

from gateway.security.tokens import digest
from tests.gateway.cli.conftest import Command


def test_a_token_is_shown_once_with_its_digest(command: Command) -> None:
    ended = command("token", "new")
    token, setting = ended.out.split("\n")[:2]
    assert setting == f'token_sha256 = "{digest(token)}"'
    assert ended.code == 0
