"""What the workers of these tests do; in a module of its own, so that they find it."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from gateway.errors import Place, SchemaViolationError

SECRET = "Geheimnis-4711"  # noqa: S105 - stands for content of a message


@dataclass(frozen=True)
class Context:
    """What is built once in each process."""

    pid: int


def build() -> Context:
    return Context(pid=os.getpid())


def build_nothing() -> Context:
    raise LookupError(SECRET)


def builder_of(context: Any) -> int:
    """The process that built the context."""
    pid: int = context.pid
    return pid


def doubled(_context: Any, body: bytes) -> tuple[bytes, int]:
    return body + body, os.getpid()


def refuse(_context: Any) -> None:
    raise SchemaViolationError("Wrong.", places=[Place(keyword="type", detail="x", pointer="/a")])


def fail(_context: Any) -> None:
    raise LookupError(SECRET)


def take_all_memory(_context: Any) -> None:
    raise MemoryError


def die(_context: Any) -> None:
    os._exit(9)


def last(_context: Any, seconds: float) -> str:
    time.sleep(seconds)
    return "done"


def doubling(size: int) -> Callable[[Any], tuple[bytes, int]]:
    return partial(doubled, body=b"x" * size)


def lasting(seconds: float) -> Callable[[Any], str]:
    return partial(last, seconds=seconds)
