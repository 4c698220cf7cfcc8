"""The page about guarantees: what it names as shown by a test is shown by a test."""

import re

import pytest

from tests.docs.pages import DOCS, PROJECT

TEXT = (DOCS / "guarantees.md").read_text("utf-8")
PROMISES = TEXT.partition("\n## The tests\n")[0].split("\n## ")[1:]
NAMED = sorted(set(re.findall(r"`([\w/]+\.py): (\w+)`", TEXT)))


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_a_named_test_exists(file: str, test: str) -> None:
    source = (PROJECT / "tests" / file).read_text("utf-8")
    assert re.search(rf"^ *(async )?def {test}\(", source, re.MULTILINE)


@pytest.mark.parametrize("section", PROMISES, ids=lambda one: one.split("\n")[0])
def test_a_section_of_promises_names_its_tests(section: str) -> None:
    assert section.startswith(("Order", "Hostile messages")) or "[^" in section


def test_every_note_is_referred_to_and_there() -> None:
    # Whoever shows the page numbers them, by their order.
    referred = re.findall(r"\[\^([\w-]+)\](?!:)", TEXT)
    notes = r"^\[\^([\w-]+)\]: (?:`[\w/]+\.py: test_\w+`(?:, |$))+"
    assert referred == re.findall(notes, TEXT, re.MULTILINE)
    assert len(set(referred)) == len(referred)
