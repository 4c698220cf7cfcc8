"""Every test that an adapter gets for free: ``run_suite`` runs them and says what is wrong.

The adapter brings a manifest, maps and examples (``examples/<case>.api.json`` beside
``<case>.wire.xml``); nothing of this is written by its author. Kept out: the laws themselves
(``laws``), the examples' own checks (``examples``) and how a report is printed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from random import SystemRandom
from time import perf_counter
from typing import Any

from gateway.adapter_kit.examples import Example, find_examples, judge_example
from gateway.adapter_kit.laws import Finding, Judged, law1, law2, law3
from gateway.adapter_kit.malformed import taken
from gateway.adapter_kit.sampling import Sample, sample
from gateway.adapter_kit.trees import parse
from gateway.registry import Adapter, load_adapter
from gateway.translation.map import Map
from gateway.validation.catalogue import SchemaCatalogue

_SEEDS = 2**32

HURRIED = 150
"""At how many places of an example something is changed when time is short."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One kind of test on one map.

    Attributes:
        name: ``example search-small``, ``generated documents``, ``malformed input``.
        map: Name of the map; empty: the adapter as a whole.
        count: How many documents or messages were tried.
        findings: What is wrong; none: passed.
        seconds: How long it took.
        counterexample: The least generated document that breaks a law.
    """

    name: str
    map: str
    count: int
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0
    counterexample: dict[str, Any] | None = None

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """How many generated documents a map can express."""

    map: str
    drawn: int
    accepted: int
    wanted: float

    @property
    def share(self) -> float:
        """Accepted of drawn."""
        return self.accepted / self.drawn if self.drawn else 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SuiteReport:
    """What came of all tests of one adapter.

    Attributes:
        adapter: Its name.
        seed: Draws the same documents again.
        checks: Every check in the order it ran.
        shares: Accepted share of each map.
    """

    adapter: str
    seed: int
    checks: tuple[Check, ...]
    shares: tuple[Share, ...] = field(default_factory=tuple)

    @property
    def passed(self) -> bool:
        """The verdict: nothing is wrong anywhere."""
        return all(check.passed for check in self.checks)

    @property
    def seconds(self) -> float:
        """How long all checks took."""
        return sum(check.seconds for check in self.checks)


def run_suite(
    folder: Path,
    catalogue: SchemaCatalogue,
    *,
    documents: int = 100,
    changes: int | None = None,
    seed: int | None = None,
) -> SuiteReport:
    """Run every test on one adapter.

    Args:
        folder: Folder with ``adapter.yaml``.
        catalogue: Where schemas are found; official editions are used where installed.
        documents: How many documents are generated for each map.
        changes: At how many places of each example something is changed, evenly spread; None: at
            every one. ``HURRIED`` is a good sample.
        seed: Of the generated documents; None: a new one, which the report names.

    Raises:
        ConfigurationError: The adapter cannot be loaded; hypothesis is not installed; a canonical
            schema leaves the declared subset.
    """
    adapter = load_adapter(folder, catalogue)
    chosen = SystemRandom().randrange(_SEEDS) if seed is None else seed
    examples, faults = find_examples(folder, adapter.maps)
    checks = [Check(name="examples", map="", count=len(examples), findings=tuple(faults))]
    checks += (_timed(partial(_example, example, changes)) for example in examples)
    checks += _malformed(adapter, examples)
    shares = []
    for name, translation in sorted(adapter.maps.items()):
        judge = partial(_judge, translation, catalogue)
        began = perf_counter()
        found = sample(translation.schema, judge, count=documents, seed=chosen)
        seconds = perf_counter() - began
        share = Share(map=name, drawn=found.drawn, accepted=found.accepted, wanted=adapter.accepted)
        shares.append(share)
        checks.append(replace(_generated(name, found, share), seconds=seconds))
    return SuiteReport(
        adapter=adapter.name, seed=chosen, checks=tuple(checks), shares=tuple(shares)
    )


def _timed(check: Callable[[], Check]) -> Check:
    began = perf_counter()
    done = check()
    return replace(done, seconds=perf_counter() - began)


def _example(example: Example, changes: int | None) -> Check:
    return Check(
        name=f"example {example.name}",
        map=example.map.name,
        count=1,
        findings=tuple(judge_example(example, most=changes)),
    )


def _judge(translation: Map, catalogue: SchemaCatalogue, document: Mapping[str, Any]) -> Judged:
    """Laws 1 to 3 on a generated document and what is written of it."""
    first = law1(translation, document)
    if first.written is None:
        return first
    schema = catalogue.wire_schema(translation.wire_schema)
    faults = schema.check(parse(first.written), namespaces=translation.namespaces)
    findings = list(first.findings)
    findings += (
        Finding(law="wire schema", detail=f"breaks {fault.keyword}", wire=fault.wire)
        for fault in faults
    )
    for law in (law2, law3):
        findings += law(translation, first.written).findings
    return Judged(accepted=True, findings=tuple(findings), written=first.written)


def _generated(name: str, found: Sample, share: Share) -> Check:
    findings = list(found.findings)
    if share.share < share.wanted:
        findings.append(
            Finding(
                law="accepted share",
                detail=f"{share.accepted} of {share.drawn} documents can be expressed, "
                f"the manifest says {share.wanted:.0%}",
            )
        )
    return Check(
        name="generated documents",
        map=name,
        count=found.drawn,
        findings=tuple(findings),
        counterexample=found.counterexample,
    )


def _malformed(adapter: Adapter, examples: list[Example]) -> Iterator[Check]:
    for key, exchange in sorted(adapter.exchanges.items()):
        for side, candidates in (("request", exchange.requests), ("answer", exchange.answers)):
            names = {candidate.map.name for candidate in candidates}
            message = next((e.wire for e in examples if e.map.name in names), None)
            if message is None:
                continue
            judge = partial(taken, exchange, message, as_request=side == "request")
            yield _timed(partial(_malformed_side, f"malformed {side} of {key}", judge))


def _malformed_side(name: str, judge: Callable[[], list[str]]) -> Check:
    found = tuple(Finding(law="malformed", detail=f"taken: {fault}") for fault in judge())
    return Check(name=name, map="", count=12, findings=found)
