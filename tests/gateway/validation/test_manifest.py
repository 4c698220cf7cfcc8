"""Tests of ``gateway.validation.manifest``."""

import hashlib
from pathlib import Path

import pytest

from gateway.errors import ConfigurationError
from gateway.validation.manifest import (
    MANIFEST,
    SchemaManifest,
    checksum_of,
    checksums,
    installed_files,
    read_manifest,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "note" / "1"
    (installed_files(folder) / "sub").mkdir(parents=True)
    (installed_files(folder) / "a.xsd").write_text("a")
    (installed_files(folder) / "sub" / "b.xsd").write_text("b")
    return folder


def manifest(folder: Path) -> SchemaManifest:
    files = checksums(installed_files(folder))
    return SchemaManifest(
        standard="note",
        edition="1",
        checksum=checksum_of(files.items()),
        files=files,
        entries=("a.xsd",),
        roots=("{urn:note}note",),
    )


def test_record_is_read_as_it_was_written(folder: Path) -> None:
    (folder / MANIFEST).write_text(manifest(folder).to_json(), encoding="utf-8")
    assert read_manifest(folder) == manifest(folder)


def test_files_are_named_with_their_checksum(folder: Path) -> None:
    digest = hashlib.sha256
    expected = {"a.xsd": digest(b"a").hexdigest(), "sub/b.xsd": digest(b"b").hexdigest()}
    assert checksums(installed_files(folder)) == expected


def test_checksum_of_a_set_depends_on_names_and_contents_only() -> None:
    files = [("a", "1"), ("b", "2")]
    assert checksum_of(files) == checksum_of(reversed(files))
    assert checksum_of(files) != checksum_of([("a", "2"), ("b", "1")])


def test_unchanged_files_verify(folder: Path) -> None:
    manifest(folder).verify(folder)


def test_every_changed_new_or_missing_file_is_named(folder: Path) -> None:
    record = manifest(folder)
    (installed_files(folder) / "a.xsd").write_text("changed")
    (installed_files(folder) / "c.xsd").write_text("new")
    (installed_files(folder) / "sub" / "b.xsd").unlink()
    with pytest.raises(ConfigurationError, match="note/1 was changed") as caught:
        record.verify(folder)
    assert [place.detail.split()[0] for place in caught.value.places] == [
        "a.xsd",
        "c.xsd",
        "sub/b.xsd",
    ]


@pytest.mark.parametrize("content", [None, "{", "[]", "{}", '{"standard": "note"}'])
def test_unreadable_record_says_what_to_do(folder: Path, content: str | None) -> None:
    if content is not None:
        (folder / MANIFEST).write_text(content)
    with pytest.raises(ConfigurationError, match="note/1 has no readable manifest: install it"):
        read_manifest(folder)
