"""The table of compatibility rules says what ``make compat`` does."""

import re
from typing import Any

import pytest

from gateway.adapter_kit.compatibility import Side, breaking_changes
from tests.docs.pages import DOCS

Json = dict[str, Any]

TEXT: Json = {"type": "string", "maxLength": 10}


def record(*required: str, **properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": list(required)}


def kinds(*names: str) -> Json:
    return {"oneOf": [record("kind", kind={"const": name}) for name in names]}


def outcome(*words: str) -> Json:
    return record("outcome", outcome={"enum": list(words)})


SAMPLES: dict[str, tuple[Json, Json]] = {
    "a new field that may be absent": (record(), record(a=TEXT)),
    "a new field that must be there": (record(), record("a", a=TEXT)),
    "a field is removed or renamed": (record(a=TEXT), record(b=TEXT)),
    "a field need no longer be there": (record("a", a=TEXT), record(a=TEXT)),
    "a field has to be there from now on": (record(a=TEXT), record("a", a=TEXT)),
    "a new word in a list of words (`enum`)": ({"enum": ["a"]}, {"enum": ["a", "b"]}),
    "a word goes": ({"enum": ["a", "b"]}, {"enum": ["a"]}),
    "a new alternative, such as a new `kind`": (kinds("a"), kinds("a", "b")),
    "a new `outcome`": (outcome("answered"), outcome("answered", "partly")),
    "longer texts, more entries, more characters": (TEXT, TEXT | {"maxLength": 20}),
    "shorter texts, fewer entries, fewer characters": (TEXT, TEXT | {"maxLength": 5}),
    "another form (`pattern`, `format`, `x-pattern`)": (
        TEXT | {"x-pattern": "line"},
        TEXT | {"x-pattern": "code"},
    ),
    "titles, descriptions, examples": (TEXT | {"title": "A"}, TEXT | {"title": "B"}),
}
FOR_PEOPLE = {"the same field means something else"}
"""What no comparison of schemas can see."""

PAGE = (DOCS / "compatibility.md").read_text("utf-8")
TABLE = PAGE.partition("| Change | in a request | in an answer |\n|---|---|---|\n")[2]
RULES = {
    change: (request, answer)
    for change, request, answer in re.findall(
        r"^\| (.+?) \| (.+?) \| (.+?) \|$", TABLE.partition("\n\n")[0], re.MULTILINE
    )
}


def test_every_rule_of_the_page_has_a_sample() -> None:
    assert RULES.keys() == SAMPLES.keys() | FOR_PEOPLE


@pytest.mark.parametrize("number", [0, 1], ids=["request", "answer"])
@pytest.mark.parametrize("change", SAMPLES)
def test_the_check_follows_the_page(change: str, number: int) -> None:
    sides: tuple[Side, Side] = ("request", "answer")
    rule = RULES[change][number]
    if rule == "does not occur":
        return
    old, new = SAMPLES[change]
    breaks = bool(breaking_changes(old, new, side=sides[number]))
    assert breaks == rule.startswith("**new version**")
    assert breaks or rule.startswith("allowed")
