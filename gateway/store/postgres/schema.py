"""Bring a database to the newest schema, with Alembic.

Migrations are the files ``migrations/NNNN_pre_….sql`` and ``NNNN_post_….sql``, one revision each,
in the order of their names; Alembic's table ``alembic_version`` holds the number of the last one. A
released one is never edited. Kept out: what the tables are.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

from alembic.runtime.migration import MigrationContext, MigrationStep, RevisionStep
from alembic.script.revision import Revision, RevisionError, RevisionMap
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from gateway.errors import ConfigurationError
from gateway.store.postgres.database import Database
from gateway.store.postgres.faults import FAILURES, unavailable
from gateway.store.schema import Migration, load_migrations

PACKAGE = "gateway.store.postgres"

LOCK = 0x61676174_77617900
"""Advisory lock of whoever migrates; a number that no other program is likely to use."""


async def migrate(database: Database, migrations: Sequence[Migration] | None = None) -> None:
    """Apply what is missing, all or nothing; of several processes, one does and the others wait.

    Args:
        database: Where.
        migrations: In order; None: those of this release.

    Raises:
        ConfigurationError: The database was written by a newer gateway.
        StoreUnavailableError: The database cannot be used, or refuses a statement.
    """
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=partial(database.connect, statement_seconds=None),
        poolclass=NullPool,
    )
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade, migrations or load_migrations(PACKAGE))
    except FAILURES as error:
        raise unavailable(error) from None
    except DBAPIError as error:
        # What the driver raised; the text around it quotes the statement.
        raise unavailable(_cause(error)) from None
    finally:
        await engine.dispose()


class _Script(Revision):
    """A migration as a revision of Alembic, which expects a module with a function."""

    def __init__(self, migration: Migration, below: str | None, upgrade: Callable[[], None]):
        super().__init__(_name(migration), below)
        self.module = SimpleNamespace(upgrade=upgrade)


def _upgrade(connection: Connection, migrations: Sequence[Migration]) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    scripts = [
        _Script(migration, below, partial(_run, connection, migration.statements))
        for below, migration in _chain(migrations)
    ]
    revisions = RevisionMap(lambda: scripts)

    def missing(heads: tuple[str, ...], _context: MigrationContext) -> list[RevisionStep]:
        return [
            MigrationStep.upgrade_from_script(revisions, script)
            for script in reversed(_above(revisions, heads))
        ]

    MigrationContext.configure(connection, opts={"fn": missing}).run_migrations()


def _chain(migrations: Sequence[Migration]) -> Iterable[tuple[str | None, Migration]]:
    names = [None, *map(_name, migrations)]
    return zip(names, migrations, strict=False)


def _name(migration: Migration) -> str:
    return f"{migration.number:04}"


def _above(revisions: RevisionMap, heads: tuple[str, ...]) -> list[Any]:
    """The revisions that the database has not, the newest first."""
    try:
        return list(revisions.iterate_revisions("head", heads, implicit_base=True))
    except RevisionError:
        newest = revisions.get_current_head()
        raise ConfigurationError(
            f"The message store has schema {heads[0]}; this gateway knows {newest} at most."
            " Start the newer gateway again, or restore the backup made before it."
        ) from None


def _run(connection: Connection, statements: str) -> None:
    """Carry out a file of statements, in the transaction that has begun."""
    driver = connection.connection.dbapi_connection
    assert driver is not None  # noqa: S101 - it is open
    driver.run_async(lambda session: session.execute(statements))


def _cause(error: DBAPIError) -> Exception:
    cause = None if error.orig is None else error.orig.__cause__
    return cause if isinstance(cause, Exception) else error
