"""The suite runs everything on an adapter and gives a verdict."""

from pathlib import Path

import pytest

from gateway.adapter_kit.suite import run_suite
from gateway.errors import ConfigurationError
from tests.gateway.adapter_kit.small_adapter import DOCUMENT, MESSAGE, small_adapter


def test_good_adapter_passes(tmp_path: Path) -> None:
    report = run_suite(tmp_path, small_adapter(tmp_path), documents=20, seed=11)
    assert report.passed
    assert report.adapter == "small"
    assert report.seed == 11
    assert [check.name for check in report.checks] == [
        "examples",
        "example case",
        "malformed request of small/ask/v1",
        "malformed answer of small/ask/v1",
        "generated documents",
    ]
    (share,) = report.shares
    assert (share.drawn, share.accepted, share.share) == (20, 20, 1.0)


def test_seed_is_chosen_and_named_when_none_is_given(tmp_path: Path) -> None:
    catalogue = small_adapter(tmp_path)
    seeds = {run_suite(tmp_path, catalogue, documents=1).seed for _ in range(3)}
    assert len(seeds) == 3


def test_wrong_example_fails_the_adapter(tmp_path: Path) -> None:
    catalogue = small_adapter(tmp_path, document={**DOCUMENT, "number": 8})
    report = run_suite(tmp_path, catalogue, documents=2, seed=1)
    assert not report.passed
    assert [check.name for check in report.checks if not check.passed] == ["example case"]


def test_share_below_the_manifest_fails_the_adapter(tmp_path: Path) -> None:
    catalogue = small_adapter(
        tmp_path,
        name="parts of a partial date",
        document={"died": "2020"},
        message=MESSAGE[: MESSAGE.index(b">")] + b"><s:died><y>2020</y></s:died></s:message>",
    )
    report = run_suite(tmp_path, catalogue, documents=60, seed=1)
    (share,) = report.shares
    assert 0 < share.share < 1
    (finding,) = [finding for check in report.checks for finding in check.findings]
    assert finding.law == "accepted share"
    assert str(share.drawn) in finding.detail


def test_adapter_that_cannot_be_loaded_is_a_configuration_fault(tmp_path: Path) -> None:
    catalogue = small_adapter(tmp_path)
    (tmp_path / "specimen.map.yaml").unlink()
    with pytest.raises(ConfigurationError):
        run_suite(tmp_path, catalogue)
