"""Differences between editions, on small lists and on the published ones."""

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.errors import ConfigurationError
from gateway.validation.code_list_diff import CellChange, compare_editions
from gateway.validation.genericode import read_genericode
from tests.gateway.validation.code_lists import genericode

OLD = read_genericode(genericode({"1": "one", "2": "two", "3": "three"}))


def test_codes_that_came_and_went_and_cells_that_changed() -> None:
    new = read_genericode(genericode({"4": "four", "3": "drei", "1": "one"}, version="2"))
    found = compare_editions(OLD, new)
    assert (found.added, found.removed) == (("4",), ("2",))
    assert found.changed == (CellChange(code="3", column="text", before="three", after="drei"),)
    assert found.codes_changed == 1
    assert (found.columns_added, found.columns_removed) == ((), ())


def test_an_edition_does_not_differ_from_itself() -> None:
    found = compare_editions(OLD, OLD)
    assert not any((found.added, found.removed, found.changed))


def test_only_columns_of_both_editions_are_compared_wherever_they_stand() -> None:
    rows = {code: ("new", code) for code in OLD.rows}
    new = replace(OLD, version="2", columns=("name", "code"), rows=rows)
    found = compare_editions(OLD, new)
    assert (found.columns_added, found.columns_removed) == (("name",), ("text",))
    assert found.changed == ()


def test_two_lists_are_not_compared() -> None:
    with pytest.raises(ConfigurationError):
        compare_editions(OLD, replace(OLD, uri="urn:other"))


@pytest.mark.standards
@pytest.mark.parametrize(
    ("old", "new", "numbers"),
    [
        ("AGS_2024-09-30.xml.gz", "AGS_2026-04-30.xml.gz", (11_243, 11_227, 3, 19, 19)),
        ("Kreis_2021-07-31.xml", "Kreis_2026-01-31.xml", (517, 518, 1, 0, 1)),
        ("DVDV.Praefixe_49.xml", "DVDV.Praefixe_51.xml", (106, 118, 12, 0, 0)),
        ("Rechtsformen_2.2.xml", "Rechtsformen_2.4.xml", (164, 174, 10, 0, 144)),
    ],
)
def test_the_published_editions_differ_in_this(
    standards: Path, old: str, new: str, numbers: tuple[int, ...]
) -> None:
    folder = standards / "genericode-codelists"
    before = read_genericode((folder / "older" / old).read_bytes())
    after = read_genericode((folder / "current" / new).read_bytes())
    found = compare_editions(before, after)
    assert numbers == (
        len(before.rows),
        len(after.rows),
        len(found.added),
        len(found.removed),
        found.codes_changed,
    )


@pytest.mark.standards
def test_the_columns_that_legal_forms_renamed_are_told(standards: Path) -> None:
    folder = standards / "genericode-codelists"
    found = compare_editions(
        read_genericode((folder / "older" / "Rechtsformen_2.2.xml").read_bytes()),
        read_genericode((folder / "current" / "Rechtsformen_2.4.xml").read_bytes()),
    )
    assert found.columns_removed == ("Bezeichnung-kurz",)
    assert {"Bezeichnung-kurz-1", "Bezeichnung-kurz-2"} < set(found.columns_added)
