"""What a run needs on disk: bodies, the backend's answer, official schemas, the configuration.

All made from the adapter's own examples, in a temporary folder. Nothing of an official standard is
kept: an official edition is installed from where it lies into that folder.
"""

import contextlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.security.tokens import new_token
from gateway.settings.places import data_folder
from gateway.validation import install_schemas, list_installed

PROJECT = Path(__file__).resolve().parent.parent
EXAMPLES = PROJECT / "adapters" / "xmeld" / "examples"
OFFICIAL = PROJECT.parent / "shared" / "standards" / "xmeld-2511a"
RESULTS = PROJECT / "bench" / "results"
STANDARD, EDITION = "xmeld", "25.11a"
OPERATION = "residents/search/v1"
PATH = "/v1/residents/search"

SUPPLIED = ("messageId", "createdAt", "sender", "requestingAuthority", "test")
"""Parts of a completed document that the gateway supplies."""

WRITTEN_OUT = frozenset({"search-full"})
"""Examples whose caller writes the recipient out; others give its id only."""

CODELISTS = {
    "directory": "3",
    "contactChannel": "3",
    "municipality": "2025-01-31",
    "country": "2025-06-01",
    "nationality": "2025-06-01",
    "sex": "1",
}
"""Versions that the examples speak."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One request as a caller sends it: its body's file and the caller's token."""

    body: Path
    token: str

    def arguments(self) -> list[str]:
        """The load generator's arguments for it."""
        return ["--body", str(self.body), "--header", f"Authorization: Bearer {self.token}"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Inputs:
    """Everything on disk.

    Attributes:
        folder: Temporary; logs and the store go here too.
        questions: By example name, ``search-small``, ``search-full``.
        answer: The backend's answer: one person, 5 to 6 kB, as real ones are.
        schemas: Folder with installed official editions; may be empty.
        wire_schema: ``official`` or ``profile``, and where it came from.
        settings: The gateway's sections without address and port.
    """

    folder: Path
    questions: Mapping[str, Question]
    answer: Path
    schemas: Path
    wire_schema: str
    settings: Mapping[str, Any]

    def log(self, name: str) -> Path:
        """File for a process's output."""
        return self.folder / f"{name}.log"


@contextlib.contextmanager
def prepared() -> Iterator[Inputs]:
    """Make the inputs; the folder lies beside the results, so that the store is on a real disk."""
    RESULTS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="run-", dir=RESULTS) as name:
        folder = Path(name)
        settings: dict[str, list[dict[str, Any]]] = {
            "callers": [],
            "parties": [],
            "authorities": [],
            "routes": [],
        }
        questions = {
            example: _question(example, folder, settings)
            for example in ("search-small", "search-full")
        }
        schemas = folder / "schemas"
        yield Inputs(
            folder=folder,
            questions=questions,
            answer=EXAMPLES / "answer-hit.wire.xml",
            schemas=schemas,
            wire_schema=_install(schemas),
            settings=settings,
        )


def _question(example: str, folder: Path, settings: dict[str, list[dict[str, Any]]]) -> Question:
    document = json.loads((EXAMPLES / f"{example}.api.json").read_bytes())
    sender, recipient = _party(document["sender"]), _party(document["recipient"])
    token = new_token()
    grant = {"operation": OPERATION, "authorities": ["*"]}
    settings["callers"].append(
        {
            "name": example,
            "token_sha256": token.sha256,
            "party": sender["id"],
            "grants": [grant],
        }
    )
    settings["parties"].append(sender)
    if recipient["id"] not in {known["id"] for known in settings["authorities"]}:
        settings["authorities"].append(recipient)
        settings["routes"].append(
            {"operation": OPERATION, "channel": "bench", "authority": recipient["id"]}
        )
    asked = {name: value for name, value in document.items() if name not in SUPPLIED}
    body = folder / f"{example}.json"
    if example not in WRITTEN_OUT:
        asked["recipient"] = {"id": recipient["id"]}
    body.write_text(json.dumps(asked, ensure_ascii=False), encoding="utf-8")
    return Question(body=body, token=token.token)


def _party(head: Mapping[str, Any]) -> dict[str, Any]:
    fields = ("id", "directory", "name", "contacts", "address")
    return {name: head[name] for name in fields if name in head}


def _install(schemas: Path) -> str:
    """Put the official edition into the folder, if there is one on this machine."""
    if OFFICIAL.is_dir():
        install_schemas(OFFICIAL, standard=STANDARD, edition=EDITION, into=schemas)
        return "official, from ../shared/standards"
    installed = data_folder() / "schemas"
    if any(edition.name == f"{STANDARD}/{EDITION}" for edition in list_installed(installed)):
        shutil.copytree(installed / STANDARD / EDITION, schemas / STANDARD / EDITION)
        return "official, as installed on this machine"
    return "profile (no official edition on this machine)"


def write_configuration(
    inputs: Inputs, *, name: str, port: int, backend: str, store: str | None = None
) -> Path:
    """Write the gateway's TOML file for one run; every run begins with an empty store.

    Args:
        inputs: Where the file goes, and what is in it.
        name: Of the gateway; files are named after it.
        port: It listens on.
        backend: URL of the authority.
        store: URL of an empty database; None: a new file.
    """
    settings = configuration(inputs, name=name, port=port, backend=backend)
    if store is not None:
        settings["store"] = {"url": store}
    return write_toml(inputs, name, settings)


def configuration(inputs: Inputs, *, name: str, port: int, backend: str) -> dict[str, Any]:
    """The gateway's settings for one run, with an empty store."""
    store = inputs.folder / f"store-{name}"
    shutil.rmtree(store, ignore_errors=True)
    store.mkdir()
    channel = {
        "name": "bench",
        "adapter": "xmeld",
        "address": backend,
        "codelist_versions": CODELISTS,
    }
    return {
        **{name: inputs.settings[name] for name in ("parties", "authorities", "routes")},
        "channels": [channel],
        "server": {"port": port},
        "store": {"path": str(store / "messages.sqlite3")},
        "attachments": {"path": str(store / "attachments")},
        "schemas": {"path": str(inputs.schemas)},
        "authentication": {"callers": inputs.settings["callers"]},
    }


def write_toml(inputs: Inputs, name: str, settings: Mapping[str, Any]) -> Path:
    """Write settings into the run's folder; returns the file's path."""
    return write_settings(inputs.folder / f"{name}.toml", settings)


def write_settings(path: Path, settings: Mapping[str, Any]) -> Path:
    """Write settings as a TOML file; returns its path."""
    lines = [f"{key} = {_toml(value)}" for key, value in settings.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _toml(value: Any) -> str:
    """Print a value inline; a JSON string is a TOML basic string."""
    if isinstance(value, Mapping):
        pairs = (f"{json.dumps(key)} = {_toml(item)}" for key, item in value.items())
        return "{ " + ", ".join(pairs) + " }"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)
