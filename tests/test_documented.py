"""What is written for people says the same as the code: settings, states, events, errors."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from gateway.api.problems import HTTP_ONLY, error_classes, status_of
from gateway.cli.failures import exit_code_of
from gateway.flow.events import MEANINGS
from gateway.messaging.channel_state import MEANINGS as CHANNEL_MEANINGS
from gateway.messaging.lifecycle import STARTS, TRANSITIONS, State
from gateway.settings.model import Settings
from gateway.settings.section import Section

DOCS = Path(__file__).parents[1] / "docs"
SECTIONS = [Settings, *Section.__subclasses__()]


@pytest.mark.parametrize("section", SECTIONS)
def test_every_setting_is_described_in_the_code_and_for_people(section: type[BaseModel]) -> None:
    text = (DOCS / "settings.md").read_text("utf-8")
    for name, field in section.model_fields.items():
        assert field.description, name
        shown = field.alias or name
        assert f"| `{shown}` |" in text or f"[{shown}]" in text, name


def test_the_drawn_states_are_those_of_the_table() -> None:
    drawn = set(
        re.findall(r"^    (\S+) --> (\S+)$", (DOCS / "states.md").read_text("utf-8"), re.MULTILINE)
    )
    moves = {(str(start), str(end)) for start, ends in TRANSITIONS.items() for end in ends}
    starts = {("[*]", str(state)) for state in STARTS}
    ends = {(str(state), "[*]") for state in State if not TRANSITIONS[state]}
    assert drawn == moves | starts | ends


def test_every_event_is_listed_with_its_meaning() -> None:
    text = (DOCS / "events.md").read_text("utf-8")
    for event, meaning in MEANINGS.items():
        assert f"| `{event}` | {meaning} |" in text


def test_every_event_of_a_channel_is_listed_with_its_meaning() -> None:
    text = (DOCS / "events.md").read_text("utf-8")
    for event, meaning in CHANNEL_MEANINGS.items():
        assert f"| `{event}` | {meaning} |" in text


def test_every_code_is_listed_with_its_status_and_exit() -> None:
    text = (DOCS / "errors.md").read_text("utf-8")
    for kind in error_classes():
        assert (
            f"| `{kind.code}` | {status_of(kind)} | {exit_code_of(kind)} | {kind.fault} |" in text
        )
    for problem in HTTP_ONLY:
        assert f"| `{problem.code}` | {problem.status} |" in text
