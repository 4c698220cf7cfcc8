"""The page about the API: its examples run, and it tells of all there is and of nothing else."""

import json
import re
import shutil
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import DOCS, PROJECT, blocks, prose
from tests.docs.setup import as_in_the_tutorial

PAGE = DOCS / "api.md"
CONTRACT = json.loads((PROJECT / "openapi" / "openapi.json").read_text("utf-8"))
OPERATION = re.compile(r"/v\d+/(?!messages\b|operations\b|routes\b)[a-z-]+/[a-z-]+(/check)?")

PAGES = {"/docs", "/openapi.json"}
"""What is served beside the API."""

NOT_IN_CONTRACT = {"authorization", "content-type", "www-authenticate", "allow", "cache-control"}
"""Headers of HTTP itself, which OpenAPI does not list as parameters."""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_every_example_does_what_the_page_shows(tmp_path: Path) -> None:
    with as_in_the_tutorial(tmp_path) as console:
        console.follow(PAGE)


def test_the_page_tells_of_every_path_and_of_no_other() -> None:
    real = {path for path in CONTRACT["paths"] if not OPERATION.fullmatch(path)}
    named = set(re.findall(r"`(?:GET |POST )?(/[^`?…]+)", _told())) - PAGES - {"/recipient/id"}
    assert named - real == {"/check"}
    assert real - named - set(_example_paths()) == set()


def test_every_operation_is_told_of() -> None:
    operations = {path for path in CONTRACT["paths"] if OPERATION.fullmatch(path)}
    assert operations <= set(_example_paths())


def test_the_page_tells_of_every_header_and_of_no_other() -> None:
    sent = {one["name"] for one in _parameters() if one["in"] == "header"}
    got = set(
        chain.from_iterable(
            answer.get("headers", {})
            for operation in _operations()
            for answer in operation["responses"].values()
        )
    )
    rows = re.findall(r"^\| `([A-Za-z-]+)` \| ", PAGE.read_text("utf-8"), re.MULTILINE)
    tabled = {row for row in rows if row[0].isupper() or row == "traceparent"}
    assert (sent | got) - tabled == set()
    assert {one.lower() for one in tabled - sent - got} <= NOT_IN_CONTRACT
    used = {name.lower() for name in re.findall(r'-H "([A-Za-z-]+):', PAGE.read_text("utf-8"))}
    assert used <= {name.lower() for name in sent} | NOT_IN_CONTRACT


def test_the_page_tells_of_every_query_parameter_and_of_no_other() -> None:
    real = {one["name"] for one in _parameters() if one["in"] == "query"}
    used = set(re.findall(r"[?&]([A-Za-z]+)=", PAGE.read_text("utf-8")))
    told = set(re.findall(r"`([A-Za-z]+)`", _told())) | used
    assert real - told == set()
    assert used - real == set()


def test_the_page_tells_of_every_status() -> None:
    real = {status for operation in _operations() for status in operation["responses"]}
    table = _told().partition("| Status |")[2].partition("\n\n")[0]
    assert real - {"default"} <= set(re.findall(r"`(\d{3})`", table))


def test_the_page_tells_of_every_member_of_a_problem_and_of_no_other() -> None:
    real = set(CONTRACT["components"]["schemas"]["Problem"]["properties"])
    table = _told().partition("| Member |")[2].partition("\n\n")[0]
    named = {
        name
        for row in table.splitlines()
        for name in re.findall(r"`([A-Za-z]+)`", row.split("|")[1] if "|" in row else "")
    }
    assert named <= real
    assert real - named <= {"type", "title", "status", "errorsOmitted"}


def _told() -> str:
    return prose(PAGE.read_text("utf-8"))


def _example_paths() -> list[str]:
    """Paths that the examples call."""
    lines = chain.from_iterable(block.lines for block in blocks(PAGE.read_text("utf-8")))
    return re.findall(r"\$GATEWAY(/[^\s?\"]+)", "\n".join(lines))


def _operations() -> list[Any]:
    return [one for methods in CONTRACT["paths"].values() for one in methods.values()]


def _parameters() -> list[Any]:
    return [one for operation in _operations() for one in operation.get("parameters", [])]
