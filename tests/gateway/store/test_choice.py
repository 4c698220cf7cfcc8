from pathlib import Path

import pytest
from pydantic import SecretStr

from gateway.errors import StoreUnavailableError
from gateway.settings.store import StoreSettings
from gateway.store.choice import letters_of, store_of
from gateway.store.letters import SqliteLetters
from gateway.store.postgres.letters import PostgresLetters
from gateway.store.postgres.store import PostgresStore
from gateway.store.sqlite import SqliteStore
from tests.gateway.flow.memory_store import MemoryStore


async def test_without_a_url_messages_are_in_the_file(tmp_path: Path) -> None:
    store, peers = store_of(StoreSettings(path=tmp_path / "messages.sqlite3"))
    assert isinstance(store, SqliteStore)
    assert peers is None
    await store.open()
    await store.close()
    assert (tmp_path / "messages.sqlite3").is_file()


async def test_with_a_url_messages_are_in_postgresql(postgres_url: str, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("any\n", "utf-8")
    store, peers = store_of(StoreSettings(url=SecretStr(postgres_url), password_file=file))
    assert isinstance(store, PostgresStore)
    assert peers is store
    await store.open()
    assert (await store.condition()).writes
    await store.close()


async def test_a_password_file_that_is_gone_is_named(postgres_url: str, tmp_path: Path) -> None:
    file = tmp_path / "password"
    store, _ = store_of(StoreSettings(url=SecretStr(postgres_url), password_file=file))
    with pytest.raises(StoreUnavailableError, match=r"store\.password_file"):
        await store.open()


async def test_dead_letters_are_kept_where_the_messages_are(
    postgres_url: str, tmp_path: Path
) -> None:
    file, _ = store_of(StoreSettings(path=tmp_path / "messages.sqlite3"))
    assert isinstance(letters_of(file), SqliteLetters)
    server, _ = store_of(StoreSettings(url=SecretStr(postgres_url)))
    assert isinstance(letters_of(server), PostgresLetters)
    with pytest.raises(TypeError, match="MemoryStore"):
        letters_of(MemoryStore())
