"""Installing editions: unchanged, all or none, and never in silence over another content."""

import gzip
import hashlib
from pathlib import Path

import pytest

from gateway.errors import ConfigurationError
from gateway.validation.code_list_install import (
    install_code_lists,
    list_code_lists,
    open_code_list,
)
from tests.gateway.validation.code_lists import ROWS, genericode, published


def written(folder: Path, name: str, data: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(data)
    return path


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_file_is_kept_unchanged_with_its_checksum(tmp_path: Path) -> None:
    for name, data in (("a.xml", genericode(ROWS)), ("b.xml.gz", gzip.compress(genericode(ROWS)))):
        into = tmp_path / f"into-{name}"
        (manifest,) = install_code_lists(written(tmp_path, name, data), into=into)
        assert manifest.checksum == hashlib.sha256(data).hexdigest()
        assert manifest.codes == 2
        (kept,) = into.rglob(manifest.file)
        assert kept.read_bytes() == data
        assert list_code_lists(into) == (manifest,)
        assert open_code_list(manifest, into).rows["1"] == ("1", "one")


def test_installing_again_changes_nothing(tmp_path: Path) -> None:
    source = written(tmp_path, "a.xml", genericode(ROWS))
    into = tmp_path / "into"
    first = install_code_lists(source, into=into)
    before = {path: path.read_bytes() for path in files(into)}
    assert install_code_lists(source, into=into) == first
    assert {path: path.read_bytes() for path in files(into)} == before


def test_editions_are_listed_by_validity_not_by_text(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for version, day in (("10", "2024-02-01"), ("9", "2024-01-01"), ("1", None), ("11", None)):
        data = genericode(ROWS, version=version, valid_from=day)
        written(source, f"{version}.xml", data)
    install_code_lists(source, into=tmp_path / "into")
    assert [one.version for one in list_code_lists(tmp_path / "into")] == ["1", "11", "9", "10"]


def test_another_content_needs_to_be_asked_for(tmp_path: Path) -> None:
    into = tmp_path / "into"
    install_code_lists(written(tmp_path, "a.xml", genericode(ROWS)), into=into)
    other = written(tmp_path, "b.xml", genericode({"1": "another"}))
    with pytest.raises(ConfigurationError, match="another content"):
        install_code_lists(other, into=into)
    assert list_code_lists(into)[0].codes == 2
    install_code_lists(other, into=into, replace=True)
    assert list_code_lists(into)[0].codes == 1
    assert len(files(into)) == 2


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<a/>", "bad.xml: the file is no code list"),
        (genericode("<Row/><Row/>", version="3"), "bad.xml: row 2 has no code"),
        (genericode({"1": "another"}), "another content"),
        (genericode(ROWS, version="v" * 201), "longer than"),
    ],
)
def test_of_a_folder_with_one_wrong_file_nothing_is_installed(
    tmp_path: Path, data: bytes, says: str
) -> None:
    written(tmp_path / "source", "a.xml", genericode(ROWS))
    written(tmp_path / "source", "bad.xml", data)
    with pytest.raises(ConfigurationError, match=says):
        install_code_lists(tmp_path / "source", into=tmp_path / "into")
    assert files(tmp_path / "into") == []


def test_a_source_that_holds_nothing_is_refused(tmp_path: Path) -> None:
    for source in (tmp_path, tmp_path / "missing.xml"):
        with pytest.raises(ConfigurationError):
            install_code_lists(source, into=tmp_path / "into")


@pytest.mark.parametrize("version", ["..", ".", "../../outside", "/etc", ".hidden"])
def test_no_version_leads_out_of_the_folder(tmp_path: Path, version: str) -> None:
    source = written(tmp_path / "source", "a.xml", genericode(ROWS, version=version))
    into = tmp_path / "into"
    (manifest,) = install_code_lists(source, into=into)
    assert list_code_lists(into) == (manifest,)
    assert files(tmp_path) == sorted([source, *files(into)])


def test_a_changed_file_is_not_opened(tmp_path: Path) -> None:
    into = tmp_path / "into"
    (manifest,) = install_code_lists(written(tmp_path, "a.xml", genericode(ROWS)), into=into)
    (kept,) = into.rglob("list.xml")
    kept.write_bytes(genericode({"1": "forged"}))
    with pytest.raises(ConfigurationError, match="was changed"):
        open_code_list(manifest, into)
    kept.unlink()
    with pytest.raises(ConfigurationError, match="was changed"):
        open_code_list(manifest, into)


@pytest.mark.parametrize("record", ["", "{}", "[]", '{"uri": 1}'])
def test_a_record_that_cannot_be_read_is_named(tmp_path: Path, record: str) -> None:
    into = tmp_path / "into"
    install_code_lists(written(tmp_path, "a.xml", genericode(ROWS)), into=into)
    (manifest,) = into.rglob("manifest.json")
    manifest.write_text(record)
    with pytest.raises(ConfigurationError, match="no readable manifest"):
        list_code_lists(into)


@pytest.mark.standards
def test_every_published_list_is_installed_unchanged(standards: Path, tmp_path: Path) -> None:
    sources = list(published(standards))
    for folder in {path.parent for path in sources}:
        install_code_lists(folder, into=tmp_path)
    found = list_code_lists(tmp_path)
    assert len(found) == len(sources) == 77
    expected = {hashlib.sha256(path.read_bytes()).hexdigest() for path in sources}
    assert {one.checksum for one in found} == expected
    kept = [path for path in files(tmp_path) if path.name.startswith("list.xml")]
    assert {hashlib.sha256(path.read_bytes()).hexdigest() for path in kept} == expected
