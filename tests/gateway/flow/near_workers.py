"""Workers in this process: what goes to them and what comes back is pickled all the same."""

import pickle
from dataclasses import dataclass, field
from typing import TypeVar

from typing_extensions import override

from gateway.errors import GatewayError, WorkerUnavailableError
from gateway.flow.directory import Directory
from gateway.flow.workers import Work, Workers

T = TypeVar("T")


@dataclass
class NearWorkers(Workers):
    """Takes bodies above a limit; ends in the middle of its work as often as the test says."""

    directory: Directory
    limit: int = 0
    ends: int = 0
    is_open: bool = False
    urgent: list[bool] = field(default_factory=list)

    @override
    def takes(self, size_bytes: int) -> bool:
        return size_bytes > self.limit

    @override
    async def open(self) -> None:
        self.is_open = True

    @override
    async def close(self) -> None:
        self.is_open = False

    @override
    async def run(self, work: Work[T], *, size_bytes: int = 0, urgent: bool = False) -> T:
        self.urgent.append(urgent)
        if self.ends:
            self.ends -= 1
            raise WorkerUnavailableError("It ended.")
        arrived: Work[T] = pickle.loads(pickle.dumps(work))  # noqa: S301 - our own
        try:
            result = arrived(self.directory)
        except GatewayError as error:
            refusal: GatewayError = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
            raise refusal from None
        returned: T = pickle.loads(pickle.dumps(result))  # noqa: S301 - our own
        return returned
