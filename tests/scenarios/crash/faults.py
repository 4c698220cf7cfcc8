"""What goes wrong in a run, when and for how long: drawn from the seed, before anything starts."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.flow.fault_points import FaultPoint


class Fault(StrEnum):
    """What can go wrong, apart from what callers and authorities do by themselves."""

    GATEWAY_KILLED = "gateway killed"
    GATEWAY_DIES = "gateway dies at a step"
    GATEWAY_PAUSED = "gateway paused"
    CLOCK_JUMPS = "clock jumps"
    DISK_FULL = "disk full"
    BACKEND_KILLED = "backend killed"
    BACKEND_PAUSED = "backend paused"
    BACKEND_CUT = "backend cut off"
    BACKEND_DROPPED = "backend drops connections"
    BACKEND_SILENT = "backend half-open"
    BACKEND_SLOW = "backend slow"
    DATABASE_KILLED = "database killed"
    DATABASE_PAUSED = "database paused"
    DATABASE_CUT = "database cut off"
    DATABASE_DROPPED = "database drops connections"
    DATABASE_SILENT = "database half-open"
    DATABASE_SLOW = "database slow"


EVERYWHERE = (
    Fault.GATEWAY_KILLED,
    Fault.GATEWAY_DIES,
    Fault.GATEWAY_PAUSED,
    Fault.CLOCK_JUMPS,
    Fault.BACKEND_KILLED,
    Fault.BACKEND_PAUSED,
    Fault.BACKEND_CUT,
    Fault.BACKEND_DROPPED,
    Fault.BACKEND_SILENT,
    Fault.BACKEND_SLOW,
)
EMBEDDED = (*EVERYWHERE, Fault.DISK_FULL)
"""With the database in a file of the gateway's."""

SERVED = (
    *EVERYWHERE,
    Fault.DATABASE_KILLED,
    Fault.DATABASE_PAUSED,
    Fault.DATABASE_CUT,
    Fault.DATABASE_DROPPED,
    Fault.DATABASE_SILENT,
    Fault.DATABASE_SLOW,
)
"""With the database in a server."""

LONGEST_SECONDS = 2.5
"""Longer than an attempt may take, so that some end by their time-out."""

JUMPS = (-20.0, -5.0, -1.0, 1.0, 60.0, 3_600.0, 172_800.0)
"""Seconds that a clock is put forward by, also beyond every deadline. Back only as far as a run can
wait: what was planned by a clock that ran ahead is done when the right one comes there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Blow:
    """One thing that goes wrong.

    Attributes:
        after: Number of letters that are on their way or answered before.
        fault: What.
        target: Which one, of several; counted from 0.
        seconds: For how long.
        point: Where a gateway dies.
        nth: At which time it comes there.
        jump: Seconds that a clock is put forward by.
    """

    after: int
    fault: Fault
    target: int
    seconds: float
    point: FaultPoint
    nth: int
    jump: float


def schedule(
    rng: random.Random,
    faults: Sequence[Fault],
    *,
    letters: int,
    blows: int,
    targets: int,
    longest_seconds: float = LONGEST_SECONDS,
) -> list[Blow]:
    """Draw what goes wrong: every fault as often as the others, in any order.

    Args:
        rng: Where to draw from.
        faults: What may go wrong.
        letters: How many are sent; nothing goes wrong after the last.
        blows: How often something goes wrong.
        targets: How many gateways there are.
        longest_seconds: How long one thing goes wrong at most.
    """
    order = rng.sample(faults, len(faults))
    chosen = [order[number % len(order)] for number in range(blows)]
    rng.shuffle(chosen)
    moments = sorted(rng.randrange(letters) for _ in range(blows))
    return [
        Blow(
            after=after,
            fault=fault,
            target=rng.randrange(targets),
            seconds=rng.uniform(0.1, longest_seconds),
            point=rng.choice(list(FaultPoint)),
            nth=rng.randint(1, 5),
            jump=rng.choice(JUMPS),
        )
        for after, fault in zip(moments, chosen, strict=True)
    ]
