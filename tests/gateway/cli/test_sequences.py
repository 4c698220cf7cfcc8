"""``agency-gateway sequences``."""

import asyncio
import json
from pathlib import Path

from gateway.cli.demo import free_port, write_config
from gateway.messaging.sequence import LastNumber
from gateway.security.tokens import new_token
from gateway.store.sqlite import SqliteStore
from tests.gateway.cli.conftest import Command
from tests.gateway.cli.running import Running


def test_gaps_of_a_channel_are_listed(command: Command, running: Running) -> None:
    listed = command("sequences", "gaps", "tannau", *running.access)
    assert listed.out.split() == ["what", "sequence", "first", "last", "about"]
    document = json.loads(command("sequences", "gaps", "tannau", "--json", *running.access).out)
    assert document == {"missing": [], "unsent": []}
    unknown = command("sequences", "gaps", "registry", *running.access)
    assert (unknown.code, "channel-unknown" in unknown.err) == (65, True)


def test_nobody_lists_without_a_token(command: Command, running: Running) -> None:
    assert command("sequences", "gaps", "tannau", "--url", running.access[1]).code == 65


def config_of(tmp_path: Path) -> Path:
    return write_config(tmp_path, new_token(), {"gateway": free_port(0), "authority": 1})


def test_a_sequence_is_told_where_to_go_on(command: Command, tmp_path: Path) -> None:
    config = config_of(tmp_path)
    told = command("sequences", "set", "tannau", "file", "52", "--config", str(config))
    assert (told.code, told.out) == (0, "The next message of tannau gets the number after 52.\n")
    file = tmp_path / "b.tar"
    command("backup", str(file), "--config", str(config))
    restored = command("restore", str(file), "--replace", "--config", str(config))
    assert "The sequence file of tannau would go on after 52." in restored.out
    assert "agency-gateway sequences set tannau file NUMBER" in restored.out
    moved = command(
        "restore", str(file), "--replace", "--nothing-sent-since", "--config", str(config)
    )
    assert "The sequence" not in moved.out


async def test_a_running_gateway_is_not_told(command: Command, tmp_path: Path) -> None:
    config = config_of(tmp_path)
    store = SqliteStore(tmp_path / "messages.sqlite3")
    await store.open()
    ended = await asyncio.to_thread(
        command, "sequences", "set", "tannau", "file", "1", "--config", str(config)
    )
    assert ended.code == 78
    assert await store.sequences.last_numbers() == []
    await store.sequences.go_on_after(LastNumber(channel="a", sequence="b", number=1))
    await store.close()


def test_a_number_of_an_unknown_channel_is_not_set(command: Command, tmp_path: Path) -> None:
    config = config_of(tmp_path)
    told = command("sequences", "set", "registry", "file", "52", "--config", str(config))
    assert (told.code, "channel-unknown" in told.err) == (65, True)
