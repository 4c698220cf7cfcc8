"""Where things lie unless a setting says otherwise; and the one place that reads the environment.

Nothing here creates a folder.
"""

import os
from collections.abc import Mapping
from pathlib import Path


def environment() -> Mapping[str, str]:
    """The process environment."""
    return os.environ  # noqa: TID251 - the settings are what reads the environment


def data_folder() -> Path:
    """Where the gateway keeps its data: ``$XDG_DATA_HOME/agency-gateway``.

    Source: XDG Base Directory Specification 0.8, default ``$HOME/.local/share``; a relative
    ``XDG_DATA_HOME`` is to be ignored.
    """
    configured = Path(environment().get("XDG_DATA_HOME", ""))
    root = configured if configured.is_absolute() else Path.home() / ".local" / "share"
    return root / "agency-gateway"
