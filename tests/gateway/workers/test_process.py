"""Every end of a work has its reply, and a worker stands back behind the gateway."""

import os
from pathlib import Path

import psutil
import pytest

from gateway.workers.process import NICENESS, OOM_SCORE, Done, Failed, Refused, carry_out
from gateway.workers.worker import Worker
from tests.gateway.workers import work


def test_a_result_is_a_reply() -> None:
    assert carry_out(work.builder_of, work.Context(pid=7)) == Done(result=7)


def test_a_refusal_is_a_reply_with_its_places() -> None:
    reply = carry_out(work.refuse, work.Context(pid=7))
    assert isinstance(reply, Refused)
    assert [place.pointer for place in reply.error.places] == ["/a"]


def test_what_nobody_foresaw_is_told_by_type_and_frames_only() -> None:
    reply = carry_out(work.fail, work.Context(pid=7))
    assert isinstance(reply, Failed)
    assert reply.kind == "LookupError"
    assert any(frame.endswith(" fail") for frame in reply.frames)
    assert work.SECRET not in str(reply)


def test_a_process_without_memory_ends() -> None:
    with pytest.raises(MemoryError):
        carry_out(work.take_all_memory, work.Context(pid=7))


def test_it_goes_behind_the_gateway_for_processor_and_memory() -> None:
    worker = Worker(work.build)
    try:
        worker.do(work.builder_of)
        assert worker.pid is not None
        expected = min(os.nice(0) + NICENESS, 19)
        assert psutil.Process(worker.pid).nice() == expected
        score = Path(f"/proc/{worker.pid}/oom_score_adj")
        if score.exists():
            assert int(score.read_text("ascii")) == OOM_SCORE
    finally:
        worker.end()
