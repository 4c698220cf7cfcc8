"""Draw documents, judge each, and shrink the first that breaks a law to its least form.

hypothesis draws and shrinks; its database, deadline and own output are off, so a run depends on the
seed alone. Kept out: what is judged (``suite``) and how documents are made (``generate``).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.adapter_kit.generate import documents, strategies
from gateway.adapter_kit.laws import Finding, Judged

Judge = Callable[[dict[str, Any]], Judged]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """What came of the documents drawn.

    Attributes:
        drawn: How many were judged before the first fault.
        accepted: How many of them the map took.
        findings: What is wrong with the least document that breaks a law.
        counterexample: That document; None where no law is broken.
    """

    drawn: int
    accepted: int
    findings: tuple[Finding, ...] = ()
    counterexample: dict[str, Any] | None = None


class _BrokenError(Exception):
    """Carries findings through hypothesis, which looks at type and place of an error only."""

    def __init__(self, findings: tuple[Finding, ...], document: dict[str, Any]) -> None:
        super().__init__("a law is broken")
        self.findings = findings
        self.document = document


def sample(schema: Mapping[str, Any], judge: Judge, *, count: int, seed: int) -> Sample:
    """Judge ``count`` documents of a schema.

    Raises:
        ConfigurationError: hypothesis is not installed, or the schema leaves the subset.
    """
    strategies()  # says how to install hypothesis where it is missing
    import hypothesis  # noqa: PLC0415 - belongs to the extra `kit`

    verdicts: list[bool] = []

    def judged(document: dict[str, Any]) -> None:
        found = judge(document)
        if found.findings:
            raise _BrokenError(found.findings, document)
        verdicts.append(found.accepted)

    settings = hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        print_blob=False,
        report_multiple_bugs=False,
        verbosity=hypothesis.Verbosity.quiet,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    run = hypothesis.seed(seed)(settings(hypothesis.given(documents(schema))(judged)))
    try:
        run()
    except _BrokenError as error:
        return Sample(
            drawn=len(verdicts) + 1,
            accepted=sum(verdicts),
            findings=error.findings,
            counterexample=error.document,
        )
    return Sample(drawn=len(verdicts), accepted=sum(verdicts))
