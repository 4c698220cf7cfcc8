"""``agency-gateway adapter``."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.adapter_kit.laws import Finding
from gateway.adapter_kit.suite import Check, Share, SuiteReport
from gateway.cli.adapter import print_report
from tests.gateway.cli.conftest import PROJECT, START, Command

XMELD = str(PROJECT / "adapters" / "xmeld")


def test_the_shipped_adapter_passes(command: Command) -> None:
    ended = command("adapter", "test", XMELD, "--documents", "3", "--seed", "1", "--quick")
    assert ended.code == 0, ended.out
    assert re.search(r"^xmeld passed in \d+\.\d s; seed 1$", ended.out, re.MULTILINE)


@pytest.mark.slow
def test_the_shipped_adapter_passes_at_every_leaf(command: Command) -> None:
    ended = command("adapter", "test", XMELD, "--seed", "1", "--json")
    report = json.loads(ended.out)
    assert ended.code == 0, [check for check in report["checks"] if not check["passed"]]
    assert report["passed"] is True
    assert report["seconds"] == sum(check["seconds"] for check in report["checks"])
    timed = [check for check in report["checks"] if check["name"] != "examples"]
    assert all(check["seconds"] > 0 for check in timed)


def test_an_adapter_that_is_not_there_is_a_configuration_fault(
    command: Command, tmp_path: Path
) -> None:
    assert command("adapter", "test", str(tmp_path)).code == 78


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["adapter", "test", XMELD, "--quick"], 78, "agency-gateway[kit]"),
        (["operations"], 0, "residents/search"),
    ],
)
def test_without_the_extra_only_this_command_fails(
    data_home: Path, arguments: list[str], code: int, said: str
) -> None:
    without = f"import sys; sys.modules['hypothesis'] = None; {START}"
    ended = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", without, *arguments],
        cwd=PROJECT,
        capture_output=True,
        check=False,
        text=True,
    )
    assert ended.returncode == code, ended.stderr
    assert said in ended.stdout + ended.stderr


def test_a_report_says_what_is_wrong_and_where(capsys: pytest.CaptureFixture[str]) -> None:
    finding = Finding(law="law 3", detail="differs", pointer="/a", wire="x:a")
    print_report(
        SuiteReport(
            adapter="xmeld",
            seed=7,
            checks=(
                Check(
                    name="example a",
                    map="m",
                    count=1,
                    seconds=0.25,
                    findings=(finding,),
                    counterexample={"a": "x"},
                ),
            ),
            shares=(Share(map="m", drawn=4, accepted=3, wanted=0.95),),
        )
    )
    printed = capsys.readouterr().out
    assert "FAILED  m: example a (1, 0.2 s)" in printed
    assert "law 3: differs [/a · x:a]" in printed
    assert "75% of 4" in printed
    assert 'The least generated document that breaks it:\n{\n  "a": "x"\n}' in printed
    assert "did not pass in 0.2 s; seed 7" in printed


def test_coverage_names_every_leaf_and_counts_decisions(command: Command) -> None:
    ended = command("adapter", "coverage", XMELD)
    assert ended.code == 0, ended.err
    assert "supplied    /messageId  parts.fragments.yaml:" in ended.out
    assert "person-search: " in ended.out


def test_coverage_is_json_too(command: Command) -> None:
    said = json.loads(command("adapter", "coverage", XMELD, "--json").out)
    (search,) = [found for found in said["messages"] if found["name"] == "person-search"]
    assert sum(search["counts"].values()) == len(search["leaves"])
    assert {"place", "decision", "reason", "rule", "at", "required"} == set(search["leaves"][0])


def test_lint_ends_with_one_where_an_error_is_found(command: Command, tmp_path: Path) -> None:
    (tmp_path / "adapter.yaml").write_text("adapter: a\nverison: 1\n", encoding="utf-8")
    ended = command("adapter", "lint", str(tmp_path))
    assert ended.code == 1
    assert "error  manifest: The manifest has no key `verison`. [adapter.yaml:2]" in ended.out


def test_lint_findings_are_json_too(command: Command) -> None:
    ended = command("adapter", "lint", XMELD, "--json")
    for finding in json.loads(ended.out):
        assert {"rule", "severity", "detail", "remedy", "place"} <= finding.keys()


def test_docs_are_those_of_the_maps(command: Command) -> None:
    ended = command("adapter", "docs", XMELD, "--check")
    assert ended.code == 0, f"{ended.out}run: make docs"


def test_docs_are_written_where_they_differ(command: Command, tmp_path: Path) -> None:
    copy = tmp_path / "xmeld"
    shutil.copytree(XMELD, copy, ignore=shutil.ignore_patterns("README.md"))
    checked = command("adapter", "docs", str(copy), "--check")
    assert (checked.code, "outdated" in checked.out) == (1, True)
    assert command("adapter", "docs", str(copy)).code == 0
    assert (copy / "README.md").read_bytes() == Path(XMELD, "README.md").read_bytes()
