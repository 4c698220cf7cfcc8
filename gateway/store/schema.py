"""Bring a database to the newest schema.

Migrations are the files ``migrations/NNNN_pre_….sql`` and ``NNNN_post_….sql``, applied in the order
of their numbers; ``user_version`` holds the number of the last one. A released one is never edited.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import apsw

from gateway.errors import ConfigurationError


@dataclass(frozen=True, kw_only=True, slots=True)
class Migration:
    """One file: its number, higher than those before, and its statements."""

    number: int
    statements: str


def load_migrations(package: str = "gateway.store") -> list[Migration]:
    """Read every migration of a store, in order."""
    folder = files(package).joinpath("migrations")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [
        Migration(number=int(name[:4]), statements=folder.joinpath(name).read_text("utf-8"))
        for name in names
    ]


def migrate(connection: apsw.Connection, migrations: Sequence[Migration]) -> None:
    """Apply what is missing, all or nothing.

    Raises:
        ConfigurationError: The database was written by a newer gateway.
    """
    with connection:
        version = connection.pragma("user_version")
        newest = migrations[-1].number
        if version > newest:
            raise ConfigurationError(
                f"The message store has schema {version}; this gateway knows {newest} at most."
                " Start the newer gateway again, or restore the backup made before it."
            )
        for migration in migrations:
            if migration.number > version:
                connection.execute(migration.statements)
                connection.pragma("user_version", migration.number)
