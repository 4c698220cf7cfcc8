"""Sampling counts, is repeatable, and shrinks what breaks."""

from typing import Any

import pytest

from gateway.adapter_kit.laws import Finding, Judged
from gateway.adapter_kit.sampling import sample
from gateway.errors import ConfigurationError

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "number": {"type": "integer", "minimum": 0, "maximum": 1000},
        "note": {"type": "string", "x-pattern": "text", "maxLength": 20},
    },
    "required": ["number"],
    "additionalProperties": False,
}


def test_accepted_documents_are_counted() -> None:
    found = sample(SCHEMA, lambda d: Judged(accepted="note" in d), count=80, seed=1)
    assert found.drawn == 80
    assert 10 < found.accepted < 70
    assert not found.findings


def test_same_seed_draws_the_same_documents() -> None:
    runs: list[list[str]] = []
    for seed in (7, 7, 8):
        seen: list[str] = []

        def keep(document: dict[str, Any], seen: list[str] = seen) -> Judged:
            seen.append(str(document))
            return Judged(accepted=True)

        sample(SCHEMA, keep, count=20, seed=seed)
        runs.append(seen)
    assert runs[0] == runs[1] != runs[2]


def test_broken_document_is_shrunk_to_the_least_one() -> None:
    least: list[dict[str, Any]] = []

    def judge(document: dict[str, Any]) -> Judged:
        if document["number"] <= 500:
            return Judged(accepted=True)
        least.append(document)
        return Judged(accepted=True, findings=(Finding(law="x", detail="d", pointer="/number"),))

    found = sample(SCHEMA, judge, count=80, seed=1)
    assert [finding.pointer for finding in found.findings] == ["/number"]
    assert found.counterexample is not None
    assert judge(found.counterexample).findings
    assert least[-1] == {"number": 501}


def test_schema_outside_the_subset_is_refused() -> None:
    bad = {"type": "object", "properties": {"a": {"type": "string"}}}
    with pytest.raises(ConfigurationError):
        sample(bad, lambda _: Judged(accepted=True), count=1, seed=1)
