"""Simulated authorities that survive every gateway and note when they saw which message."""

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import override

from gateway.bootstrap import SystemClock
from gateway.registry import load_adapter
from gateway.simulation.authority import Asked, Authority, Reply, Sighting, load_answers
from gateway.simulation.plan import Effect
from gateway.simulation.plan_file import load_plan
from gateway.simulation.server import SimulatedAuthority, serve
from gateway.validation import SchemaCatalogue
from tests.scenarios.crash import sightings
from tests.scenarios.crash.house import ADAPTERS, HERE, NOTICE, PROJECT, SEARCH
from tests.scenarios.crash.sightings import MARK, Record, read_sightings

TURNS_AWAY = frozenset({400, 429, 503})
"""Statuses that say that nothing was taken."""


@dataclass(frozen=True, kw_only=True)
class Watched(Authority):
    """Notes every request before it is answered."""

    record: Record

    @override
    def reply(self, asked: Asked, sighting: Sighting, effect: Effect) -> Reply:
        """See ``Authority``."""
        mark = MARK.search(asked.wire.decode())
        self.record.note(
            sightings.Sighting(
                at=time.monotonic(),
                message_id=asked.message_id,
                letter=None if mark is None else int(mark[1]),
                taken=effect.status not in TURNS_AWAY,
            )
        )
        return super().reply(asked, sighting, effect)


@dataclass(frozen=True, kw_only=True, slots=True)
class Authorities:
    """Both authorities, by the operation they answer, and the file with what they saw."""

    urls: Mapping[str, str]
    path: Path

    def sightings(self) -> list[sightings.Sighting]:
        """What they saw so far."""
        return read_sightings(self.path)

    def seen(self) -> dict[str, int]:
        """How often each message came."""
        return sightings.counted(self.sightings())


def open_offices(path: Path) -> dict[str, SimulatedAuthority]:
    """Make both authorities, by operation; they note what they see in a file."""
    record = Record(path)
    return {
        SEARCH: _authority(PROJECT / "adapters" / "xmeld", SEARCH, PROJECT / "schemas", record),
        NOTICE: _authority(ADAPTERS / "notices", NOTICE, HERE / "schemas", record),
    }


@contextlib.contextmanager
def serve_all(
    offices: Mapping[str, SimulatedAuthority], ports: Sequence[int]
) -> Iterator[dict[str, str]]:
    """Run authorities while the block runs; yields their URLs by operation."""
    with contextlib.ExitStack() as stack:
        yield {
            key: stack.enter_context(serve(app, port=port))
            for (key, app), port in zip(offices.items(), ports, strict=True)
        }


@contextlib.contextmanager
def authorities(folder: Path) -> Iterator[Authorities]:
    """Run both in this process while the block runs; what they see is noted in the folder."""
    path = folder / "seen"
    offices = open_offices(path)
    with serve_all(offices, [0] * len(offices)) as urls:
        yield Authorities(urls=urls, path=path)


def _authority(adapter: Path, key: str, schemas: Path, record: Record) -> SimulatedAuthority:
    catalogue = SchemaCatalogue(installed=None, shipped=schemas)
    plan = load_plan(HERE / f"{adapter.name}-plan.yaml")
    answers = load_answers(adapter / "examples", plan.answers())
    exchange = load_adapter(adapter, catalogue).exchanges[key]
    watched = Watched(exchange=exchange, plan=plan, answers=answers, record=record)
    return SimulatedAuthority(watched, SystemClock())
