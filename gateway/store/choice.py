"""Which store the settings ask for."""

from pathlib import Path

from gateway.errors import StoreUnavailableError
from gateway.messaging.letters import LetterStore
from gateway.messaging.peers import Peers
from gateway.messaging.ports import MessageStore
from gateway.settings.store import StoreSettings
from gateway.store.letters import SqliteLetters
from gateway.store.sqlite import SqliteStore


def store_of(settings: StoreSettings) -> tuple[MessageStore, Peers | None]:
    """The store of these settings, not yet open, and its peers; None: it can have none."""
    if settings.url is None:
        return SqliteStore(settings.path, reserve_bytes=settings.reserve_megabytes * 2**20), None
    # Its libraries take a third of a second to load and 20 MB, which SQLite needs not pay for.
    from gateway.store.postgres.database import Source  # noqa: PLC0415
    from gateway.store.postgres.line import Rhythm  # noqa: PLC0415
    from gateway.store.postgres.store import PostgresStore  # noqa: PLC0415

    file = settings.password_file
    source = Source(
        url=settings.url.get_secret_value(),
        password=None if file is None else lambda: _password(file),
        connections=settings.connections,
    )
    rhythm = Rhythm(heartbeat=settings.heartbeat, dead_after=settings.dead_after)
    store = PostgresStore(source, rhythm)
    return store, store


def letters_of(store: MessageStore) -> LetterStore:
    """What is kept of dead letters in the database of a store; open while that is."""
    if isinstance(store, SqliteStore):
        return SqliteLetters(store)
    from gateway.store.postgres.letters import PostgresLetters  # noqa: PLC0415
    from gateway.store.postgres.store import PostgresStore  # noqa: PLC0415

    if not isinstance(store, PostgresStore):
        raise TypeError(type(store).__name__)
    return PostgresLetters(store)


def _password(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise StoreUnavailableError("The file of `store.password_file` cannot be read.") from None
