"""The guide for operators says what is there: figures, reasons, states and commands."""

import re
import shlex
from pathlib import Path

import pytest
import typer
import yaml
from prometheus_client.parser import text_string_to_metric_families

from gateway.api.health import MEANINGS, Status
from gateway.api.metrics import Metrics
from gateway.api.retention_metrics import RetentionMetrics
from gateway.cli.main import create_cli
from gateway.messaging.lifecycle import State
from gateway.messaging.message import AttemptResult
from gateway.messaging.order import Line
from gateway.messaging.sequence import Missing
from tests.gateway.api.conftest import NOW, message
from tests.gateway.api.test_metrics import look, step
from tests.gateway.api.test_retention_metrics import HELD

GUIDE = (Path(__file__).parents[1] / "docs" / "operations.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", GUIDE, flags=re.MULTILINE | re.DOTALL)
COMMANDS = [
    line
    for language, block in BLOCKS
    if not language
    for line in block.splitlines()
    if line.startswith("agency-gateway ")
]


def rows(heading: str) -> list[list[str]]:
    """Cells of the table rows below a heading, without the table's own head."""
    (section,) = [
        part for part in re.split(r"^#+ ", GUIDE, flags=re.MULTILINE) if part.startswith(heading)
    ]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def families() -> dict[str, str]:
    """Our figures as Prometheus reads them, and their types."""
    metrics = Metrics(version="1")
    RetentionMetrics(metrics.registry)
    text = metrics.exposition()[0].decode()
    found = {family.name: family.type for family in text_string_to_metric_families(text)}
    return {name: kind for name, kind in found.items() if name.startswith("agency_gateway_")}


def seen_everything() -> Metrics:
    """Figures with a sample each."""
    metrics = Metrics(version="1")
    settled = message(settled_at=NOW, attempts=1)
    metrics.accepted(settled)
    metrics.exchanged(settled, seconds=1)
    metrics.moved(step(State.ANSWERED, AttemptResult.ANSWERED), settled)
    metrics.answered(settled, authority_seconds=1)
    metrics.problem("", "path-unknown")
    metrics.seconds_of("residents/search/v1").observe(1)
    look(
        metrics,
        lines=[Line(channel="a", keys=1, waiting=1, held_up=0, held_up_since=None)],
        missing=[Missing(channel="a", sequence="file", count=1)],
    )
    retention = RetentionMetrics(metrics.registry)
    retention.erased("payload", 1, operation="residents/search/v1")
    retention.held([HELD], NOW)
    return metrics


def test_every_figure_is_listed_and_every_listed_one_exists() -> None:
    listed = {row[0].strip("`"): row[1] for row in rows("Figures") if row[0].startswith("`agency_")}
    # The text format has no type for what is constant: it is a gauge of 1, with a suffix.
    exist = {
        name.removesuffix("_info"): "info" if name.endswith("_info") else kind
        for name, kind in families().items()
    }
    assert listed == exist


def test_every_label_is_listed() -> None:
    listed = {row[0].strip("`"): re.findall(r"`(\w+)`", row[2]) for row in rows("Figures")}
    text = seen_everything().exposition()[0].decode()
    named = {
        family.name.removesuffix("_info"): set(sample.labels) - {"le"}
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if family.name.startswith("agency_gateway_") and not sample.name.endswith("_created")
    }
    assert {name: set(labels) for name, labels in listed.items() if name in named} == named
    assert len(named) == len(families())


def test_alarms_are_about_figures_that_exist() -> None:
    (rules,) = [yaml.safe_load(block) for language, block in BLOCKS if language == "yaml"]
    alarms = rules["groups"][0]["rules"]
    assert len(alarms) >= 5
    for alarm in alarms:
        (name,) = re.findall(r"agency_gateway_\w+", alarm["expr"])
        assert name.removesuffix("_total") in families(), alarm["alert"]


def test_every_status_and_reason_is_explained() -> None:
    health = rows("Health")
    assert {f"`{status}`" for status in Status} <= {row[0] for row in health}
    explained = {row[0].strip("`"): row[2] for row in health}
    for reason, meaning in MEANINGS.items():
        assert explained[reason] == meaning
        assert any(f"`{reason}`" in row[0] for row in rows("At 3 a.m."))


def test_somebody_is_told_what_to_do_about_every_state() -> None:
    told = " ".join(row[0] for row in rows("At 3 a.m."))
    for state in State:
        assert f"`{state}`" in told


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_and_option_exists(line: str) -> None:
    command: object = typer.main.get_command(create_cli())
    words = shlex.split(line)[1:]
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    assert isinstance(command, typer.core.TyperCommand)
    options = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options
