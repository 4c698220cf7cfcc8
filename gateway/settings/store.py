"""Where messages are kept (``store.*``): a file, or a database server.

Kept out: what is wrong with both together (``gateway.settings.faults``).
"""

from datetime import timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_core import PydanticCustomError

from gateway.settings.places import data_folder
from gateway.settings.section import Seconds, Section

_SCHEMES = frozenset({"postgresql", "postgres"})


class StoreSettings(Section):
    """Where messages are kept."""

    path: Path = Field(default_factory=lambda: data_folder() / "messages.sqlite3")
    """SQLite database. Default: the data folder of the user the gateway runs as,
    ``$XDG_DATA_HOME/agency-gateway`` or ``~/.local/share/agency-gateway``, never the current
    folder, so that a start from elsewhere finds the same messages. On a local disk: SQLite does
    not lock reliably over a network file system."""

    reserve_megabytes: Annotated[int, Field(ge=1)] = 64
    """Free space on the disk of ``path``, in units of 1,048,576 bytes, that new messages leave to
    the answers of those that were accepted: below it they are refused with 503. PostgreSQL looks
    after its own disk."""

    url: SecretStr | None = None
    """PostgreSQL database instead, ``postgresql://user@host:5432/database``, for any number of
    gateway processes; default: none, SQLite. What it leaves open, the variables ``PG…`` of
    PostgreSQL's own programs say, and ``~/.pgpass``."""

    password_file: Path | None = None
    """File that holds the password of ``url`` and nothing else; read whenever a connection is
    made, so that a new password needs no new start. Default: none."""

    connections: Annotated[int, Field(ge=4, le=100)] = 8
    """Connections to PostgreSQL that one gateway process uses at most, beside two of its own for
    telling other processes; the server must allow them for all processes together."""

    heartbeat: Seconds = timedelta(seconds=2)
    """Between two signs of life that a process gives to the others on the same PostgreSQL."""

    dead_after: Seconds = timedelta(seconds=10)
    """A process that gave no sign of life for so long is taken for dead: others take over what it
    was delivering. At least four times ``heartbeat``, so that a slow moment is no death."""

    @field_validator("url")
    @classmethod
    def _postgresql(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not _is_postgresql(url.get_secret_value()):
            raise PydanticCustomError("string_pattern_mismatch", "not postgresql://")
        return url

    @property
    def shown_url(self) -> str | None:
        """``url`` without its password, and without the values behind its question mark."""
        if self.url is None:
            return None
        parts = urlsplit(self.url.get_secret_value())
        place = parts.netloc.rpartition("@")[2]
        return f"{parts.scheme}://{place}{parts.path}"


def _is_postgresql(url: str) -> bool:
    try:
        return urlsplit(url).scheme in _SCHEMES and "://" in url
    except ValueError:
        return False
