"""The parts of the crash tests that their verdict rests on: records, seeds, clocks, processes."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from gateway.bootstrap import SystemClock
from tests.scenarios.crash.clock import JumpingClock, Offset
from tests.scenarios.crash.crowd import letter_of
from tests.scenarios.crash.faults import EMBEDDED, SERVED, Fault, schedule
from tests.scenarios.crash.house import PROJECT
from tests.scenarios.crash.letters import Letter
from tests.scenarios.crash.nursery import EndedByItselfError, Nursery
from tests.scenarios.crash.sightings import MARK, Sighting, read_sightings

NOTE_AND_DIE = """
import os, pathlib, signal, sys
from tests.scenarios.crash.sightings import Record, Sighting
record = Record(pathlib.Path(sys.argv[1]))
for number in range(100):
    record.note(Sighting(at=1.5, message_id="m", letter=number or None, taken=number % 2 == 0))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_noted_is_there(tmp_path: Path) -> None:
    path = tmp_path / "seen"
    command = [sys.executable, "-c", NOTE_AND_DIE, str(path)]
    ended = subprocess.run(command, cwd=PROJECT, check=False)  # noqa: S603 - our own words
    assert ended.returncode == -signal.SIGKILL
    assert read_sightings(path) == [
        Sighting(at=1.5, message_id="m", letter=number or None, taken=number % 2 == 0)
        for number in range(100)
    ]


@pytest.mark.parametrize("faults", [EMBEDDED, SERVED])
def test_the_same_seed_has_the_same_things_go_wrong(faults: tuple[Fault, ...]) -> None:
    def drawn(seed: int) -> list[object]:
        rng = random.Random(seed)  # noqa: S311 - for choosing tests
        return [*schedule(rng, faults, letters=50, blows=2 * len(faults), targets=2)]

    assert drawn(1) == drawn(1) != drawn(2)


def test_every_fault_comes_as_often_as_the_others() -> None:
    rng = random.Random(3)  # noqa: S311 - for choosing tests
    blows = schedule(rng, SERVED, letters=50, blows=3 * len(SERVED), targets=2)
    faults = [blow.fault for blow in blows]
    assert {faults.count(fault) for fault in SERVED} == {3}
    assert [blow.after for blow in blows] == sorted(blow.after for blow in blows)


def test_a_letter_is_known_by_seed_and_number_alone() -> None:
    assert letter_of(7, 12) == letter_of(7, 12)
    keys = {letter_of(7, number)[1].key for number in range(500)}
    assert len(keys) == 500


@pytest.mark.parametrize("number", [0, 9_999])
def test_every_document_carries_its_mark(number: int) -> None:
    letters: list[Letter] = [letter_of(seed, number)[0] for seed in range(10)]
    for letter in letters:
        found = MARK.findall(letter.body().decode())
        assert [int(mark) for mark in found] == [number]


def test_a_clock_jumps_when_another_process_says_so(tmp_path: Path) -> None:
    offset = Offset(tmp_path / "clock")
    clock = JumpingClock(tmp_path / "clock")
    assert abs((clock.now() - SystemClock().now()).total_seconds()) < 1
    offset.seconds = -3_600
    assert abs((clock.now() - SystemClock().now()).total_seconds() + 3_600) < 1


@pytest.fixture
def authorities(tmp_path: Path) -> Nursery:
    made = Nursery(
        "backend_process", str(tmp_path / "seen"), "0", "0", log=tmp_path / "backend.log"
    )
    made.await_ready()
    return made


def test_a_process_is_paused_and_killed_and_ends_with_its_launcher(authorities: Nursery) -> None:
    with contextlib.closing(authorities):
        authorities.start_one("now")
        authorities.await_word("open")
        first = psutil.Process(authorities.pid or 0)
        authorities.tell(signal.SIGSTOP)
        authorities.kill()
        assert not first.is_running()
        authorities.start_one("now")
        second = psutil.Process(authorities.pid or 0)
        os.kill(authorities.launcher_pid, signal.SIGKILL)
        limit = time.monotonic() + 10
        while second.is_running() and second.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < limit, "it outlives its launcher"
            time.sleep(0.01)


def test_a_process_that_ends_by_itself_is_noticed(authorities: Nursery) -> None:
    with contextlib.closing(authorities):
        authorities.start_one("now")
        authorities.await_word("open")
        authorities.tell(signal.SIGTERM)
        with pytest.raises(EndedByItselfError):
            authorities.has_ended(10)
