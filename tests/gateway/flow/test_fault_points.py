"""Fault points do nothing, unless a test wants the process dead."""

import os
import signal
import subprocess
import sys

import pytest

from gateway.flow.fault_points import FaultPoint, die_at, no_fault

DYING = """
from gateway.flow.fault_points import FaultPoint, die_at
hook = die_at(FaultPoint.STEP_BEFORE_COMMIT)
hook(FaultPoint.STEP_AFTER_COMMIT)
print("alive", flush=True)
hook(FaultPoint.STEP_BEFORE_COMMIT)
print("still alive", flush=True)
"""


@pytest.mark.parametrize("point", FaultPoint)
def test_nothing_happens_in_production(point: FaultPoint) -> None:
    no_fault(point)


def test_process_dies_at_its_point_only() -> None:
    died = subprocess.run(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-c", DYING], capture_output=True, check=False
    )
    assert died.returncode == -9
    assert died.stdout == b"alive\n"


def test_death_is_sudden(monkeypatch: pytest.MonkeyPatch) -> None:
    signals: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda *call: signals.append(call))
    die_at(FaultPoint.STEP_BEFORE_COMMIT)(FaultPoint.STEP_AFTER_COMMIT)
    assert signals == []
    die_at(FaultPoint.STEP_BEFORE_COMMIT)(FaultPoint.STEP_BEFORE_COMMIT)
    assert signals == [(os.getpid(), signal.SIGKILL)]
