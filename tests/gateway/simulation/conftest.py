"""A simulated registry over the adapter's own maps and examples."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.registry import load_adapter
from gateway.simulation.authority import Authority, load_answers
from gateway.simulation.plan_file import load_plan
from gateway.translation import Exchange
from gateway.validation import SchemaCatalogue, shipped_schemas

PROJECT = Path(__file__).resolve().parents[3]
ADAPTER = PROJECT / "adapters" / "xmeld"


@dataclass(frozen=True, kw_only=True, slots=True)
class FixedClock:
    at: datetime = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@pytest.fixture(scope="session")
def examples() -> Path:
    return ADAPTER / "examples"


@pytest.fixture(scope="session")
def exchange() -> Exchange:
    schemas = SchemaCatalogue(installed=None, shipped=shipped_schemas())
    return load_adapter(ADAPTER, schemas).exchanges["residents/search/v1"]


@pytest.fixture
def authority(exchange: Exchange, examples: Path) -> Authority:
    plan = load_plan()
    return Authority(exchange=exchange, plan=plan, answers=load_answers(examples, plan.answers()))


@pytest.fixture(scope="session")
def request_wire(examples: Path) -> bytes:
    return (examples / "search-small.wire.xml").read_bytes()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture(scope="session")
def examples_answer(examples: Path) -> bytes:
    return (examples / "answer-hit.wire.xml").read_bytes()
