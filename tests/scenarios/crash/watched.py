"""Simulated authorities that survive every gateway and remember when they saw which message."""

import contextlib
import json
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
from typing_extensions import override

from gateway.bootstrap import SystemClock
from gateway.registry import load_adapter
from gateway.simulation.authority import Authority, Reply, load_answers
from gateway.simulation.plan_file import load_plan
from gateway.simulation.server import SimulatedAuthority, serve
from gateway.validation import SchemaCatalogue
from tests.scenarios.crash.house import ADAPTERS, HERE, NOTICE, PROJECT, SEARCH


class Watched(SimulatedAuthority):
    """Notes the time of every sighting."""

    def __init__(self, authority: Authority) -> None:
        super().__init__(authority, SystemClock())
        self.times: defaultdict[str, list[float]] = defaultdict(list)

    @override
    def ask(self, data: bytes, *, number: int | None = None) -> Reply:
        """See ``SimulatedAuthority``."""
        before = dict(self._seen)
        reply = super().ask(data, number=number)
        for message_id, count in self._seen.items():
            if count > before.get(message_id, 0):
                self.times[message_id].append(time.monotonic())
        return reply


@dataclass(frozen=True, kw_only=True, slots=True)
class Authorities:
    """Both authorities, by the operation they answer."""

    urls: Mapping[str, str]
    apps: Mapping[str, Watched]

    def seen(self) -> dict[str, int]:
        """How often each message came, as the authorities themselves tell."""
        counts: dict[str, int] = {}
        for url in self.urls.values():
            counts |= json.loads(httpx.get(f"{url}/seen", trust_env=False).content)
        return counts

    def times(self, message_id: str) -> Sequence[float]:
        """When a message came; monotonic."""
        return [at for app in self.apps.values() for at in app.times.get(message_id, [])]


@contextlib.contextmanager
def authorities() -> Iterator[Authorities]:
    """Run both while the block runs."""
    apps = {
        SEARCH: _authority(PROJECT / "adapters" / "xmeld", SEARCH, PROJECT / "schemas"),
        NOTICE: _authority(ADAPTERS / "notices", NOTICE, HERE / "schemas"),
    }
    with contextlib.ExitStack() as stack:
        urls = {key: stack.enter_context(serve(app)) for key, app in apps.items()}
        yield Authorities(urls=urls, apps=apps)


def _authority(adapter: Path, key: str, schemas: Path) -> Watched:
    catalogue = SchemaCatalogue(installed=None, shipped=schemas)
    plan = load_plan(HERE / f"{adapter.name}-plan.yaml")
    answers = load_answers(adapter / "examples", plan.answers())
    exchange = load_adapter(adapter, catalogue).exchanges[key]
    return Watched(Authority(exchange=exchange, plan=plan, answers=answers))
