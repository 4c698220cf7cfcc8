"""A configuration of one caller that may hand in deposits."""

import shutil
from importlib.resources import files
from pathlib import Path

from gateway.cli.demo import free_port
from gateway.security.tokens import Token

PROJECT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
DEPOSIT = "testing/deposit/v1"
PATH = "/v1/testing/deposit"
RECIPIENT = "ags:16099001"

DEPOSITS = """
[schemas]
contracts = "schemas"
path = "installed"

[adapters]
paths = ["{adapters}"]

[[authentication.callers.grants]]
operation = "testing/deposit/v1"
authorities = ["ags:16*"]

[[channels]]
name = "deposits"
adapter = "deposits"
address = "{url}"
timeout = {timeout}
retry = {{ first_wait = 0.05, longest_wait = 0.2, max_attempts = 4 }}

[[routes]]
operation = "testing/deposit/v1"
authority = "ags:16099001"
channel = "deposits"

[attachments]
path = "attachments"
{attachments}
"""


def write_config(
    folder: Path, token: Token, url: str, *, attachments: str = "", timeout: int = 10
) -> Path:
    """Write schemas and configuration of a gateway into a folder; returns the file's path.

    Args:
        folder: Where; must be empty.
        token: Of the one caller.
        url: Of the authority.
        attachments: Further settings of that section.
        timeout: Of the channel, in seconds.
    """
    shutil.copytree(PROJECT / "schemas", folder / "schemas")
    shutil.copytree(HERE / "schemas", folder / "schemas", dirs_exist_ok=True)
    text = files("gateway.cli").joinpath("demo.toml").read_text(encoding="utf-8")
    for old, new in (("0" * 64, token.sha256), ("port = 8080", f"port = {free_port(0)}")):
        assert old in text
        text = text.replace(old, new)
    text += DEPOSITS.format(
        adapters=HERE / "adapters", url=url, attachments=attachments, timeout=timeout
    )
    path = folder / "gateway.toml"
    path.write_text(text, encoding="utf-8")
    return path
