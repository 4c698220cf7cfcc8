"""A worker builds once, is replaced when it ends, and never outlives the gateway."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import psutil
import pytest

from gateway.workers import worker as module
from gateway.workers.process import Done
from gateway.workers.worker import Worker, WorkerEndedError
from tests.gateway.workers import work

PARENT = """
import sys, time
from gateway.workers.worker import Worker
from tests.gateway.workers import work
worker = Worker(work.build)
worker.start()
print(worker.pid, flush=True)
worker.do(work.lasting(float(sys.argv[1])))
time.sleep(60)
"""


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker(work.build)
    yield worker
    worker.end()


def has_ended(pid: int, *, within: float = 10.0) -> bool:
    """Whether a process that is not our child is gone in time."""
    limit = time.monotonic() + within
    while time.monotonic() < limit:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


def test_work_is_done_in_one_process_that_built_once(worker: Worker) -> None:
    assert worker.pid is None
    reply = worker.do(work.doubling(1_000_000))
    assert reply == Done(result=(b"x" * 2_000_000, worker.pid))
    assert worker.do(work.builder_of) == Done(result=worker.pid)
    assert worker.pid != os.getpid()


def test_a_process_that_ends_during_its_work_is_told_and_replaced(worker: Worker) -> None:
    worker.start()
    first = worker.pid
    with pytest.raises(WorkerEndedError):
        worker.do(work.die)
    assert worker.pid is None
    assert worker.do(work.builder_of) == Done(result=worker.pid)
    assert worker.pid != first


def test_a_process_that_runs_out_of_memory_is_replaced(worker: Worker) -> None:
    with pytest.raises(WorkerEndedError):
        worker.do(work.take_all_memory)
    assert worker.do(work.builder_of) == Done(result=worker.pid)


def test_a_process_that_ended_idle_is_replaced_unnoticed(worker: Worker) -> None:
    worker.start()
    first = worker.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert worker.do(work.builder_of) == Done(result=worker.pid)
    assert worker.pid != first


def test_a_process_that_cannot_build_is_told_and_logged_without_the_text(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    worker = Worker(work.build_nothing)
    with pytest.raises(WorkerEndedError):
        worker.start()
    assert worker.pid is None
    (record,) = caplog.records
    assert (vars(record)["event"], vars(record)["error"]) == ("worker.unexpected", "LookupError")
    assert work.SECRET not in str(vars(record))
    assert work.SECRET not in "".join(capfd.readouterr())


def test_a_process_that_cannot_be_started_is_told(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(WorkerEndedError):
        worker.start()
    assert worker.pid is None


def test_a_process_that_does_not_end_is_killed(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "END_SECONDS", 0.1)
    worker.start()
    pid = worker.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOWAIT)
    worker.end()
    assert not psutil.pid_exists(pid)


def test_work_without_end_ends_with_its_process(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST_WORK", timedelta(seconds=2))
    worker.start()
    pid = worker.pid
    assert pid is not None
    with pytest.raises(WorkerEndedError):
        worker.do(work.lasting(60))
    assert has_ended(pid)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_to_the_whole_group_leave_the_end_to_the_gateway(
    worker: Worker, number: signal.Signals
) -> None:
    worker.start()
    pid = worker.pid
    assert pid is not None
    threading.Timer(0.2, os.kill, [pid, number]).start()
    assert worker.do(work.lasting(0.5)) == Done(result="done")


@pytest.mark.parametrize("seconds", [0, 60])
def test_it_ends_with_a_gateway_that_is_killed_idle_or_at_work(seconds: float) -> None:
    command = [sys.executable, "-c", PARENT, str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:  # noqa: S603
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        time.sleep(0.2)
        assert psutil.pid_exists(pid)
        parent.kill()
    assert has_ended(pid)
