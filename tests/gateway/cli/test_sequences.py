"""``agency-gateway sequences``."""

import json

from tests.gateway.cli.conftest import Command
from tests.gateway.cli.running import Running


def test_gaps_of_a_channel_are_listed(command: Command, running: Running) -> None:
    listed = command("sequences", "gaps", "registry", *running.access)
    assert listed.out.split() == ["what", "sequence", "first", "last", "about"]
    document = json.loads(command("sequences", "gaps", "registry", "--json", *running.access).out)
    assert document == {"missing": [], "unsent": []}


def test_nobody_lists_without_a_token(command: Command, running: Running) -> None:
    assert command("sequences", "gaps", "registry", "--url", running.access[1]).code == 65
