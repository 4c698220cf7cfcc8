"""Answers of a size that a case asks for, and how throughput falls as they grow."""

from dataclasses import replace
from pathlib import Path

from bench.cases import Bench, everything
from bench.inputs import EXAMPLES, Inputs
from bench.pairs import Measured, measure_pairs, with_cpu
from bench.roundtrip import catalogue_of
from gateway.translation import Map, load_map

SEVERAL = EXAMPLES / "answer-several-hits.wire.xml"
ANSWER_MAP = EXAMPLES.parent / "person-answer.map.yaml"
HIT = EXAMPLES / "answer-hit.wire.xml"
SWEEP = {"3kB": 0, "6kB": 6_000, "25kB": 25_000, "100kB": 100_000, "1000kB": 1_000_000}
"""Sizes of the answer; the first is the smallest there is, which finds nobody."""

LARGE = 100_000


def answer_of(inputs: Inputs, name: str, size: int) -> Path:
    """Write an answer of about this many bytes: as many persons as it takes.

    Args:
        inputs: Where it is written.
        name: Of its file.
        size: In bytes; 0: the answer that finds nobody.
    """
    if size == 0:
        return EXAMPLES / "answer-no-hit.wire.xml"
    translation = load_map(ANSWER_MAP, schemas=catalogue_of(inputs))
    path = inputs.folder / f"answer-{name}.xml"
    path.write_bytes(_grown(translation, size))
    return path


def _grown(translation: Map, size: int) -> bytes:
    document = translation.read(SEVERAL.read_bytes()).document
    (person,) = translation.read(HIT.read_bytes()).document["result"]["persons"]

    def written(number: int) -> bytes:
        document["result"]["persons"] = [person] * number
        return translation.write(document).data

    one = len(written(1))
    return written(1 + round((size - one) / (len(written(2)) - one)))


def _pairs(bench: Bench, answer: Path) -> Measured:
    inputs = replace(bench.inputs, answer=answer)
    question = inputs.questions["search-small"]
    with everything(inputs) as running:
        pairs = measure_pairs(
            lambda: running.bare.load(bench, question),
            lambda: running.gateway.load(bench, question),
            pairs=bench.pairs,
        )
    return with_cpu(pairs)


def xml_100kb(bench: Bench) -> Measured:
    """Searches that are answered by 100 kB of XML."""
    answer = answer_of(bench.inputs, "100kB", LARGE)
    return {**_pairs(bench, answer), "size_bytes": answer.stat().st_size}


def size_sweep(bench: Bench) -> Measured:
    """The same for answers from 3 kB to a megabyte; one figure of each kind a size."""
    figures: Measured = {"failures": {}, "first_failure": ""}
    for name, size in SWEEP.items():
        measured = _pairs(bench, answer_of(bench.inputs, name, size))
        for figure in ("ratio_to_bare", "per_second", "cpu_us"):
            figures[f"{figure}_{name}"] = measured[figure]
            figures[f"{figure}_{name}_spread"] = measured[f"{figure}_spread"]
        figures["failures"] |= {f"{name} {kind}": n for kind, n in measured["failures"].items()}
        figures["first_failure"] = figures["first_failure"] or measured["first_failure"]
    return figures
