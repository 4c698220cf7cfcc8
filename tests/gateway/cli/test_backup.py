"""``agency-gateway backup`` and ``restore``, as a user runs them."""

import re
import tarfile
from pathlib import Path

import pytest

from gateway.cli.demo import free_port, write_config
from gateway.security.tokens import new_token
from gateway.store.sqlite import SqliteStore
from tests.gateway.cli.conftest import Command
from tests.gateway.store.samples import a_message, stored


@pytest.fixture
async def config(tmp_path: Path) -> Path:
    """Of a gateway that is stopped, with one message that waits and must not be sent twice."""
    path = write_config(tmp_path, new_token(), {"gateway": free_port(0), "authority": 1})
    store = SqliteStore(tmp_path / "messages.sqlite3")
    await store.open()
    await stored(store, a_message(repeatable=False))
    await store.close()
    return path


def test_a_backup_comes_back(command: Command, config: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    made = command("backup", str(folder), "--config", str(config))
    assert made.code == 0
    (file,) = folder.iterdir()
    assert made.out.startswith(f"{file}: 1 messages, {file.stat().st_size} bytes")
    refused = command("restore", str(file), "--config", str(config))
    assert refused.code == 65
    assert "--replace puts it aside" in refused.err
    done = command("restore", str(file), "--replace", "--config", str(config))
    assert done.code == 0
    assert re.search(r"messages\.sqlite3: 1 messages as of 20\d\d-", done.out)
    assert ".replaced-20" in done.out
    assert "1 messages may have been sent since and are in doubt" in done.out


def test_after_a_move_nothing_is_in_doubt(command: Command, config: Path, tmp_path: Path) -> None:
    file = tmp_path / "b.tar"
    command("backup", str(file), "--config", str(config))
    done = command(
        "restore", str(file), "--replace", "--nothing-sent-since", "--config", str(config)
    )
    assert done.code == 0
    assert "in doubt" not in done.out


def test_the_configuration_is_in_it_only_when_asked_for(
    command: Command, config: Path, tmp_path: Path
) -> None:
    for name, options in (("without.tar", []), ("with.tar", ["--with-config"])):
        command("backup", str(tmp_path / name), "--config", str(config), *options)
        with tarfile.open(tmp_path / name) as tar:
            assert ("config.toml" in tar.getnames()) == bool(options)


def test_without_a_file_there_is_no_configuration_to_back_up(
    command: Command, tmp_path: Path
) -> None:
    assert command("backup", str(tmp_path), "--with-config").code == 2


def test_a_wrong_file_is_refused_in_words(command: Command, config: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.tar.gz"
    wrong.write_bytes(b"a photograph")
    ended = command("restore", str(wrong), "--replace", "--config", str(config))
    assert ended.code == 65
    assert ended.err.splitlines() == [
        f"backup-failed: {wrong} is damaged, or no backup.",
        "Next step: Correct what is named, or use another backup; nothing was changed.",
    ]


def test_messages_in_postgresql_are_left_to_its_own_programs(
    command: Command, config: Path, tmp_path: Path
) -> None:
    text = config.read_text("utf-8").replace(
        'path = "messages.sqlite3"', 'url = "postgresql://h/d"'
    )
    config.write_text(text, "utf-8")
    for arguments in (["backup", str(tmp_path / "b.tar")], ["restore", str(tmp_path / "b.tar")]):
        refused = command(*arguments, "--config", str(config))
        assert refused.code == 65
        assert "pg_dump" in refused.err
