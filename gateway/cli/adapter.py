"""``agency-gateway adapter``: what integrators run on an adapter's folder."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.adapter_kit.coverage import UNDECIDED, Covered, cover_documents, cover_messages
from gateway.adapter_kit.lint import lint_adapter
from gateway.adapter_kit.lint_finding import LintFinding
from gateway.adapter_kit.reference import outdated
from gateway.adapter_kit.suite import HURRIED, SuiteReport, run_suite
from gateway.bootstrap import catalogue_of
from gateway.cli.options import Config
from gateway.registry import load_adapter
from gateway.settings import load_settings

FAILED = 1
"""Exit code when an adapter does not pass: no error of the gateway, nor of the call."""


def adapter_cli() -> typer.Typer:
    """The group of commands."""
    group = typer.Typer(help="Work on an adapter.", no_args_is_help=True)
    group.command("test")(check_adapter)
    group.command("lint")(lint)
    group.command("coverage")(show_coverage)
    group.command("docs")(write_docs)
    group.callback()(_group)
    return group


def check_adapter(
    path: Annotated[Path, typer.Argument(help="Folder with adapter.yaml.")],
    documents: Annotated[int, typer.Option(help="Documents generated for each map.", min=1)] = 100,
    seed: Annotated[int | None, typer.Option(help="Draw the documents of a report again.")] = None,
    *,
    quick: Annotated[
        bool, typer.Option("--quick", help="Change examples at some places, not at every one.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    config: Config = None,
) -> None:
    """Run every test that an adapter gets for free: examples, laws, malformed input."""
    catalogue = catalogue_of(load_settings(config, to_serve=False))
    changes = HURRIED if quick else None
    report = run_suite(path, catalogue, documents=documents, changes=changes, seed=seed)
    if as_json:
        typer.echo(json.dumps(_as_data(report), indent=2, ensure_ascii=False))
    else:
        print_report(report)
    if not report.passed:
        raise typer.Exit(FAILED)


def show_coverage(
    path: Annotated[Path, typer.Argument(help="Folder with adapter.yaml.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    config: Config = None,
) -> None:
    """Say what becomes of every leaf of the wire schema and of the canonical schema."""
    catalogue = catalogue_of(load_settings(config, to_serve=False))
    adapter = load_adapter(path, catalogue)
    messages, documents = cover_messages(adapter, catalogue), cover_documents(adapter)
    if as_json:
        said = {
            side: [{**asdict(covered), "counts": covered.counts} for covered in found]
            for side, found in (("messages", messages), ("documents", documents))
        }
        typer.echo(json.dumps({"adapter": adapter.name, **said}, indent=2, ensure_ascii=False))
        return
    print_coverage([*messages, *documents])


def lint(
    path: Annotated[Path, typer.Argument(help="Folder with adapter.yaml.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print findings as JSON.")] = False,
    config: Config = None,
) -> None:
    """Find what is wrong with an adapter before a message shows it; exit 1 where an error is."""
    found = lint_adapter(path, catalogue_of(load_settings(config, to_serve=False)))
    if as_json:
        said = [{**asdict(finding), "remedy": finding.remedy} for finding in found]
        typer.echo(json.dumps(said, indent=2, ensure_ascii=False))
    else:
        print_findings(found)
    if any(finding.severity == "error" for finding in found):
        raise typer.Exit(FAILED)


def write_docs(
    paths: Annotated[list[Path], typer.Argument(help="Folders with adapter.yaml.")],
    *,
    check: Annotated[bool, typer.Option("--check", help="Only say what differs; exit 1.")] = False,
) -> None:
    """Generate the reference of an adapter, its README.md, with the shipped schemas."""
    found = outdated(paths)
    for path, text in found.items():
        if not check:
            path.write_text(text, encoding="utf-8", newline="\n")
        typer.echo(f"{path}: {'outdated, run: make docs' if check else 'written'}")
    if check and found:
        raise typer.Exit(FAILED)


def print_findings(found: Sequence[LintFinding]) -> None:
    """Print each finding with its places and remedy, then how many there are."""
    for finding in found:
        places = (finding.place, finding.wire, finding.pointer)
        where = " · ".join(place for place in places if place)
        typer.echo(f"{finding.severity}  {finding.rule}: {finding.detail} [{where}]")
        typer.echo(f"    {finding.remedy}")
    counts = [
        f"{sum(finding.severity == kind for finding in found)} {kind}s"
        for kind in ("error", "warning", "note")
    ]
    typer.echo(", ".join(counts))


def print_coverage(found: Sequence[Covered]) -> None:
    """Print one line a leaf and the counts of each message and document; undecided ones last."""
    for covered in found:
        for leaf in sorted(covered.leaves, key=lambda leaf: leaf.decision == UNDECIDED):
            why = " ".join(part for part in (leaf.rule, leaf.reason) if part)
            typer.echo(f"{leaf.decision:10}  {leaf.place}  {why}".rstrip())
        counts = ", ".join(f"{count} {name}" for name, count in covered.counts.items())
        typer.echo(f"{covered.name}: {len(covered.leaves)} leaves: {counts}")


def print_report(report: SuiteReport) -> None:
    """Print each check, what is wrong with it and where, and the accepted share of each map."""
    for check in report.checks:
        of_map = f"{check.map}: " if check.map else ""
        verdict = "passed" if check.passed else "FAILED"
        typer.echo(f"{verdict}  {of_map}{check.name} ({check.count}, {check.seconds:.1f} s)")
        for finding in check.findings:
            typer.echo(f"        {finding}")
        if check.counterexample is not None:
            least = json.dumps(check.counterexample, indent=2, ensure_ascii=False)
            typer.echo(f"The least generated document that breaks it:\n{least}")
    for share in report.shares:
        typer.echo(
            f"{share.map}: {share.share:.0%} of {share.drawn} generated documents can be "
            f"expressed (manifest: {share.wanted:.0%})"
        )
    verdict = "passed" if report.passed else "did not pass"
    typer.echo(f"{report.adapter} {verdict} in {report.seconds:.1f} s; seed {report.seed}")


def _as_data(report: SuiteReport) -> dict[str, Any]:
    return {
        "adapter": report.adapter,
        "passed": report.passed,
        "seed": report.seed,
        "seconds": report.seconds,
        "checks": [{**asdict(check), "passed": check.passed} for check in report.checks],
        "shares": [{**asdict(share), "share": share.share} for share in report.shares],
    }


def _group() -> None:
    """Work on an adapter."""
