"""The plain format with a sequence number in requests and answers, for tests of numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from typing_extensions import override

from gateway.errors import NotExpressibleError
from gateway.messaging.sequence import SequenceField
from tests.gateway.flow.world import (
    PlainExchange,
    PlainMap,
    PlainRead,
    PlainWriting,
    PlainWritten,
    World,
)

FIELD = SequenceField(name="file", pointer="/number", first=1, last=999)
COUNTING = PlainMap(sequences=(FIELD,))


class CountingExchange(PlainExchange):
    """Numbers its messages; takes no number that a test forbids."""

    trial_numbers: Mapping[str, int] = {"sequence.file": FIELD.last}
    answer_numbers = (FIELD,)

    def __init__(self) -> None:
        super().__init__()
        self.written: list[int] = []
        self.forbidden: set[int] = set()

    @override
    def write_request(
        self, document: Mapping[str, Any], supplies: Mapping[str, Any]
    ) -> PlainWritten:
        known = {"messageId": supplies.get("message.id"), "number": supplies["sequence.file"]}
        completed = {**known, **document}
        self.written.append(completed["number"])
        if completed["number"] in self.forbidden:
            raise NotExpressibleError("Not this number.")
        wire = b"<" + repr(completed["number"]).encode() + b">"
        return PlainWritten(completed, PlainWriting(wire), COUNTING)

    @override
    def read_answer(self, data: bytes) -> PlainRead:
        return PlainRead(super().read_answer(data).reading, COUNTING)


@dataclass
class CountingWorld(World):
    """A world that counts."""

    exchange: PlainExchange = field(default_factory=CountingExchange)

    @property
    def counting(self) -> CountingExchange:
        """Its exchange."""
        assert isinstance(self.exchange, CountingExchange)
        return self.exchange
