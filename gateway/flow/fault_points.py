"""Named places on a message's journey where a test lets the process die.

In production the hook does nothing. Who passes another one decides what happens at which point;
this module reads no setting and keeps no state.
"""

import os
import signal
from collections.abc import Callable
from enum import StrEnum


class FaultPoint(StrEnum):
    """A place between two effects: what came before has happened, what comes after has not."""

    ACCEPT_BEFORE_COMMIT = "accept.before_commit"
    ACCEPT_AFTER_COMMIT = "accept.after_commit"
    DELIVER_BEFORE_EXCHANGE = "deliver.before_exchange"
    DELIVER_AFTER_BYTES_SENT = "deliver.after_bytes_sent"
    DELIVER_AFTER_ANSWER = "deliver.after_answer"
    DELIVER_AFTER_FAILURE = "deliver.after_failure"
    STEP_BEFORE_COMMIT = "step.before_commit"
    STEP_AFTER_COMMIT = "step.after_commit"
    PUMP_AFTER_LEASE = "pump.after_lease"
    ASK_BEFORE_RESPONSE = "ask.before_response"


FaultHook = Callable[[FaultPoint], None]
"""Called at every fault point; returns, or ends the process."""


def no_fault(_point: FaultPoint) -> None:
    """Do nothing: the hook of every gateway in production."""


def die_at(point: FaultPoint) -> FaultHook:
    """Make a hook that kills this process at ``point``, without any clean-up (SIGKILL)."""

    def hook(reached: FaultPoint) -> None:
        if reached is point:
            os.kill(os.getpid(), signal.SIGKILL)

    return hook
