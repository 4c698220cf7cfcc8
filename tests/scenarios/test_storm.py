"""Callers send while gateways, the database and the backend are killed, paused and cut off.

A short run, on both stores; ``make crash-test`` is the long one, and ``SEED`` repeats either.
"""

import os
import sys
from pathlib import Path

import pytest

from tests.scenarios.crash.faults import EMBEDDED, SERVED
from tests.scenarios.crash.run import report
from tests.scenarios.crash.runs import Plan, run
from tests.scenarios.crash.town import Kind

LETTERS = 80
LONGEST_SECONDS = 0.5
BLOWS = {Kind.SQLITE: len(EMBEDDED), Kind.POSTGRES: len(SERVED)}
"""Each fault once."""

GATEWAYS = {Kind.SQLITE: 1, Kind.POSTGRES: 2}


@pytest.mark.slow
@pytest.mark.parametrize("store", list(Kind))
async def test_no_promise_is_broken_while_everything_around_fails(
    tmp_path: Path, store: Kind
) -> None:
    plan = Plan(
        seed=int(os.environ.get("SEED", "20261125")),
        letters=LETTERS,
        store=store,
        gateways=GATEWAYS[store],
        blows=BLOWS[store],
        longest_seconds=LONGEST_SECONDS,
    )
    ran = await run(plan, tmp_path)
    findings = ran.evidence.findings()
    told = report(ran, findings, again=f"SEED={plan.seed} pytest {Path(__file__).name}")
    sys.stdout.write(f"{told}\n")
    assert findings == [], told
    assert len(ran.evidence.told) == LETTERS
    assert sum(one.promised for several in ran.evidence.told.values() for one in several)
    assert any(case.attempts for case in ran.evidence.cases.values())
