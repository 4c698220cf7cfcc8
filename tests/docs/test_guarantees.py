"""The page about guarantees: what it names as shown by a test is shown by a test."""

import re

import pytest

from tests.docs.pages import DOCS, PROJECT

TEXT = (DOCS / "guarantees.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`([\w/]+\.py): (\w+)`", TEXT)))


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_a_named_test_exists(file: str, test: str) -> None:
    source = (PROJECT / "tests" / file).read_text("utf-8")
    assert re.search(rf"^ *(async )?def {test}\(", source, re.MULTILINE)


@pytest.mark.parametrize("section", TEXT.split("\n## ")[1:], ids=lambda one: one.split("\n")[0])
def test_a_section_of_promises_names_its_tests(section: str) -> None:
    promises_nothing = ("Order", "Hostile messages")
    assert section.startswith(promises_nothing) or re.search(r"`[\w/]+\.py: test_\w+`", section)


def test_tests_are_named_in_one_form_only() -> None:
    assert TEXT.count(": test_") == len(re.findall(r"`[\w/]+\.py: test_\w+`", TEXT))
