"""What the installed editions say of a code."""

from pathlib import Path

import pytest

from gateway.errors import ConfigurationError
from gateway.validation.code_list_catalogue import CodeKind, CodeListCatalogue, CodeStatus
from gateway.validation.code_list_install import install_code_lists
from tests.gateway.validation.code_lists import URI, install_editions

EDITIONS = {
    "9": ("2023-01-01", "always early"),
    "10": ("2024-01-01", "always middle returns"),
    "11": ("2025-01-01", "always late"),
    "12": ("2026-01-01", "always late returns"),
}


@pytest.fixture
def catalogue(tmp_path: Path) -> CodeListCatalogue:
    return install_editions(tmp_path, EDITIONS)


def test_editions_follow_their_validity(catalogue: CodeListCatalogue) -> None:
    assert catalogue.editions(URI) == ("9", "10", "11", "12")
    assert catalogue.editions("urn:other") == ()
    assert catalogue.uris == {URI}


@pytest.mark.parametrize(
    ("version", "code", "status"),
    [
        ("10", "always", CodeStatus(kind=CodeKind.KNOWN, in_edition=True)),
        ("10", "returns", CodeStatus(kind=CodeKind.KNOWN, in_edition=True)),
        ("10", "middle", CodeStatus(kind=CodeKind.REMOVED, in_edition=True, removed_in="11")),
        ("9", "early", CodeStatus(kind=CodeKind.REMOVED, in_edition=True, removed_in="10")),
        ("12", "early", CodeStatus(kind=CodeKind.REMOVED, removed_in="10")),
        ("11", "returns", CodeStatus(kind=CodeKind.REMOVED, removed_in="11")),
        ("9", "late", CodeStatus(kind=CodeKind.UNKNOWN)),
        ("12", "never", CodeStatus(kind=CodeKind.UNKNOWN)),
        ("13", "always", CodeStatus(kind=CodeKind.NOT_INSTALLED)),
    ],
)
def test_the_status_of_a_code(
    catalogue: CodeListCatalogue, version: str, code: str, status: CodeStatus
) -> None:
    assert catalogue.status(URI, version, code) == status


def test_a_list_that_is_not_installed(catalogue: CodeListCatalogue) -> None:
    assert catalogue.status("urn:other", "9", "always").kind is CodeKind.NOT_INSTALLED
    with pytest.raises(ConfigurationError, match="codelists install"):
        catalogue.open("urn:other", "9")


def test_without_a_folder_nothing_is_installed(tmp_path: Path) -> None:
    assert CodeListCatalogue(tmp_path / "none").manifests == ()


def test_an_edition_is_opened_once(catalogue: CodeListCatalogue) -> None:
    assert catalogue.open(URI, "9") is catalogue.open(URI, "9")


@pytest.mark.standards
def test_a_municipality_that_was_merged_is_told_as_removed(standards: Path, tmp_path: Path) -> None:
    uri = "urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:ags"
    for path in (standards / "genericode-codelists").rglob("AGS_*"):
        install_code_lists(path, into=tmp_path)
    catalogue = CodeListCatalogue(tmp_path)
    old, new = catalogue.editions(uri)
    assert (old, new) == ("2024-09-30", "2026-04-30")
    gone = set(catalogue.open(uri, old).rows) - set(catalogue.open(uri, new).rows)
    assert len(gone) == 19
    for code in gone:
        status = catalogue.status(uri, old, code)
        assert status == CodeStatus(kind=CodeKind.REMOVED, in_edition=True, removed_in=new)
        assert not catalogue.status(uri, new, code).in_edition
