"""One answer through its map, read and written, beside lxml's parse and print of the same bytes."""

import cProfile
import time
from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from bench.inputs import PROJECT, Inputs
from bench.pairs import Measured, spread
from gateway.translation import load_map
from gateway.validation import SchemaCatalogue, shipped_schemas

MAP = PROJECT / "adapters" / "xmeld" / "person-answer.map.yaml"
BATCH = 50
MICROSECONDS = 1e6


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """What is timed against each other, each without arguments and result."""

    with_lxml: Callable[[], None]
    read: Callable[[], None]
    write: Callable[[], None]


def catalogue_of(inputs: Inputs) -> SchemaCatalogue:
    """The schemas of a run: official ones, where there are any."""
    installed = inputs.schemas if inputs.schemas.is_dir() else None
    return SchemaCatalogue(installed=installed, shipped=shipped_schemas())


def prepare(inputs: Inputs) -> Parts:
    """Compile the map with its schemas and read the answer once."""
    answer_map = load_map(MAP, schemas=catalogue_of(inputs))
    data = inputs.answer.read_bytes()
    document = answer_map.read(data).document

    def with_lxml() -> None:
        etree.tostring(etree.fromstring(data), encoding="UTF-8", xml_declaration=True)

    def read() -> None:
        answer_map.read(data)

    def write() -> None:
        answer_map.write(document)

    return Parts(with_lxml=with_lxml, read=read, write=write)


def measure_roundtrip(inputs: Inputs, *, seconds: float) -> Measured:
    """Take short turns for ``seconds``; a ratio is taken within each round of turns."""
    parts = prepare(inputs)
    ends = time.perf_counter() + seconds
    turns: list[list[float]] = []
    while not turns or time.perf_counter() < ends:
        turns.append([_time(part) for part in (parts.with_lxml, parts.read, parts.write)])
    return {
        **spread("ratio_to_lxml", [(reading + writing) / lxml for lxml, reading, writing in turns]),
        **spread("read_us", [turn[1] * MICROSECONDS for turn in turns]),
        **spread("write_us", [turn[2] * MICROSECONDS for turn in turns]),
        **spread("lxml_us", [turn[0] * MICROSECONDS for turn in turns]),
        "rounds": len(turns),
        "size_bytes": inputs.answer.stat().st_size,
    }


def profile_roundtrip(inputs: Inputs, *, seconds: float) -> cProfile.Profile:
    """Read and write for ``seconds`` under the profiler."""
    parts = prepare(inputs)
    ends = time.perf_counter() + seconds
    with cProfile.Profile() as profiler:
        while time.perf_counter() < ends:
            parts.read()
            parts.write()
    return profiler


def _time(action: Callable[[], None]) -> float:
    """Seconds of the processor that one call takes; what others do meanwhile does not count."""
    began = time.process_time()
    for _ in range(BATCH):
        action()
    return (time.process_time() - began) / BATCH
