"""A configuration whose one operation has an order and counts, and an authority that remembers."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import override

from gateway.bootstrap import SystemClock
from gateway.cli.demo import free_port
from gateway.registry import load_adapter
from gateway.security.tokens import Token
from gateway.simulation.authority import Authority, Reply, load_answers
from gateway.simulation.plan_file import load_plan
from gateway.simulation.server import SimulatedAuthority, serve
from gateway.validation import SchemaCatalogue

HERE = Path(__file__).resolve().parent
AMENDMENT = "testing/amendment/v1"
RECIPIENT = "ags:16099001"
CHANNEL = "amendments"

CONFIG = """
[server]
host = "127.0.0.1"
port = {port}

[store]
{store}

[attachments]
path = "attachments"

[schemas]
contracts = "{schemas}"
path = "installed"

[adapters]
paths = ["{adapters}"]

[[authentication.callers]]
name = "town"
token_sha256 = "{digest}"
party = "dbs:1"

[[authentication.callers.grants]]
operation = "{operation}"
authorities = ["ags:16*"]

[[parties]]
id = "dbs:1"
directory = "DVDV"
name = "Town"

[[authorities]]
id = "{recipient}"
directory = "DVDV"
name = "Registry"

[[channels]]
name = "{channel}"
adapter = "amendments"
address = "{url}/"
timeout = 10
retry = {{ first_wait = 0.02, longest_wait = 0.1, max_attempts = 50 }}

[[routes]]
operation = "{operation}"
authority = "{recipient}"
channel = "{channel}"
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """One amendment as the authority saw it."""

    message_id: str
    person: str
    change: int
    sequence: int


class Remembering(SimulatedAuthority):
    """Writes down every amendment that it reads, whether or not it answers."""

    def __init__(self, authority: Authority) -> None:
        super().__init__(authority, SystemClock())
        self.sightings: list[Sighting] = []

    @property
    def answers(self) -> int:
        """How many answers it has sent, or begun to send."""
        return self._answers

    @override
    def ask(self, data: bytes, *, number: int | None = None) -> Reply:
        asked = self._authority.read(data)
        document = asked.document
        self.sightings.append(
            Sighting(
                message_id=asked.message_id,
                person=document["person"],
                change=document["change"],
                sequence=document["sequence"],
            )
        )
        return super().ask(data, number=number)


@contextlib.contextmanager
def registry() -> Iterator[tuple[Remembering, str]]:
    """Run the authority while the block runs; it, and its address."""
    folder = HERE / "adapters" / "amendments"
    catalogue = SchemaCatalogue(installed=None, shipped=HERE / "schemas")
    plan = load_plan(HERE / "plan.yaml")
    app = Remembering(
        Authority(
            exchange=load_adapter(folder, catalogue).exchanges[AMENDMENT],
            plan=plan,
            answers=load_answers(folder / "examples", plan.answers()),
        )
    )
    with serve(app) as url:
        yield app, url


def write_config(folder: Path, token: Token, *, url: str, store: str) -> Path:
    """Write the configuration of a gateway.

    Args:
        folder: Where to.
        token: Of its caller.
        url: Of the authority.
        store: The settings of its store.
    """
    text = CONFIG.format(
        port=free_port(0),
        store=store,
        schemas=HERE / "schemas",
        adapters=HERE / "adapters",
        digest=token.sha256,
        operation=AMENDMENT,
        recipient=RECIPIENT,
        channel=CHANNEL,
        url=url,
    )
    path = folder / "gateway.toml"
    path.write_text(text, encoding="utf-8")
    return path
