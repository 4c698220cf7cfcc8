"""A configuration with a query and a submission; the processes that use it are in ``nursery``."""

import shutil
from importlib.resources import files
from pathlib import Path

from gateway.cli.demo import free_port
from gateway.security.tokens import Token

PROJECT = Path(__file__).resolve().parents[3]
HERE = Path(__file__).resolve().parent
ADAPTERS = HERE / "adapters"
SEARCH = "residents/search/v1"
NOTICE = "testing/notice/v1"
RECIPIENT = "ags:16099001"

NOTICES = """
[schemas]
contracts = "schemas"
path = "installed"

[adapters]
paths = ["{adapters}"]

[[authentication.callers.grants]]
operation = "testing/notice/v1"
authorities = ["ags:16*"]

[[channels]]
name = "notices"
adapter = "notices"
address = "{url}/"
{limits}

[[routes]]
operation = "testing/notice/v1"
authority = "ags:16099001"
channel = "notices"
"""
LIMITS = """timeout = 10
retry = { first_wait = 0.05, longest_wait = 0.2, max_attempts = 4 }
breaker = { failures = 0 }"""


def write_config(
    folder: Path,
    token: Token,
    *,
    search_url: str,
    notice_url: str,
    limits: str = LIMITS,
) -> Path:
    """Write schemas and configuration of a gateway into a folder; returns the file's path.

    Args:
        folder: Where to.
        token: Of the one caller.
        search_url: Where searches go.
        notice_url: Where notices go.
        limits: Further settings of both channels, as they stand in the file.
    """
    shutil.copytree(PROJECT / "schemas", folder / "schemas")
    shutil.copytree(HERE / "schemas", folder / "schemas", dirs_exist_ok=True)
    text = files("gateway.cli").joinpath("demo.toml").read_text(encoding="utf-8")
    for old, new in (
        ("0" * 64, token.sha256),
        ("port = 8080", f"port = {free_port(0)}"),
        ("http://127.0.0.1:8090", search_url),
        ("timeout = 10 ", f"{limits} "),
    ):
        assert old in text
        text = text.replace(old, new)
    # Beside this file, also where the messages are in a database on a server.
    text += '\n[attachments]\npath = "attachments"\n'
    text += NOTICES.format(adapters=ADAPTERS, url=notice_url, limits=limits)
    path = folder / "gateway.toml"
    path.write_text(text, encoding="utf-8")
    return path
