"""Tests of ``gateway.validation.install``."""

import shutil
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.errors import ConfigurationError
from gateway.validation import install
from gateway.validation.catalogue import SchemaCatalogue
from gateway.validation.install import (
    InstalledSchemas,
    install_schemas,
    list_installed,
    show_installed,
)
from gateway.validation.manifest import installed_files
from gateway.validation.xml_document import parse_xml


def put(source: Path, into: Path) -> InstalledSchemas:
    return install_schemas(source, standard="note", edition="1", into=into)


def pack(source: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in source.rglob("*"):
            archive.write(path, f"top/{path.relative_to(source).as_posix()}")
    return target


@pytest.fixture
def source(note_folder: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    shutil.copytree(note_folder, folder)
    (folder / "samples").mkdir()
    (folder / "samples" / "message.xml").write_text("<a/>")
    (folder / "readme.txt").write_text("read me")
    return folder


@pytest.fixture
def into(tmp_path: Path) -> Iterator[Path]:
    """An installation folder in which nothing temporary may stay."""
    yield tmp_path / "installed"
    assert list((tmp_path / "installed").rglob(".*")) == []


def test_only_schema_files_are_taken_unchanged(source: Path, into: Path) -> None:
    installed = put(source, into)
    files = installed_files(installed.folder)
    assert installed.folder == into / "note" / "1"
    assert sorted(path.name for path in files.iterdir()) == ["note.xsd", "types.xsd"]
    assert (files / "note.xsd").read_bytes() == (source / "note.xsd").read_bytes()


def test_record_says_what_was_installed(source: Path, into: Path) -> None:
    installed = put(source, into)
    assert installed.name == "note/1"
    assert installed.manifest.entries == ("note.xsd",)
    assert installed.manifest.roots == ("{urn:note}note",)
    assert list_installed(into) == (installed,)
    assert show_installed("note/1", into=into) == installed


def test_archive_gives_the_same_files(source: Path, into: Path, tmp_path: Path) -> None:
    archive = put(pack(source, tmp_path / "set.zip"), into)
    assert set(archive.manifest.files) == {"top/note.xsd", "top/types.xsd"}
    folder = put(source, into)
    assert sorted(folder.manifest.files.values()) == sorted(archive.manifest.files.values())


def test_installing_again_changes_nothing(source: Path, into: Path) -> None:
    assert put(source, into) == put(source, into)
    assert len(list_installed(into)) == 1


def test_refused_set_leaves_the_installed_one_alone(source: Path, into: Path) -> None:
    installed = put(source, into)
    (source / "types.xsd").unlink()
    with pytest.raises(ConfigurationError):
        put(source, into)
    assert show_installed("note/1", into=into) == installed


def test_failed_replacement_puts_the_old_set_back(
    source: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = put(source, into)
    rename = Path.rename

    def refusing(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise OSError
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refusing)
    with pytest.raises(ConfigurationError, match="cannot be written"):
        put(source, into)
    assert show_installed("note/1", into=into) == installed


def test_every_missing_file_is_named(source: Path, into: Path) -> None:
    (source / "types.xsd").unlink()
    with pytest.raises(ConfigurationError, match=r"note\.xsd refers to types\.xsd"):
        put(source, into)
    assert list_installed(into) == ()


def test_set_that_does_not_compile_is_refused(source: Path, into: Path) -> None:
    types = source / "types.xsd"
    types.write_text(types.read_text().replace('name="colour"', 'name="color"'))
    with pytest.raises(ConfigurationError, match="libxml2 does not take the set"):
        put(source, into)


@pytest.mark.parametrize("name", ["", "..", "a/b", "A", ".a", "a..b", "x" * 65])
def test_names_are_plain(source: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match="lower-case"):
        install_schemas(source, standard=name, edition="1", into=tmp_path)
    with pytest.raises(ConfigurationError, match="lower-case"):
        install_schemas(source, standard="note", edition=name, into=tmp_path)


@pytest.mark.parametrize("name", ["../evil.xsd", "a/../../evil.xsd", "/evil.xsd", "..\\evil.xsd"])
def test_archive_cannot_write_outside(tmp_path: Path, into: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.writestr(name, "<a/>")
    with pytest.raises(ConfigurationError, match="outside"):
        put(tmp_path / "set.zip", into)
    assert not list(tmp_path.rglob("evil.xsd"))


def test_links_are_not_followed(source: Path, into: Path, tmp_path: Path) -> None:
    (source / "link.xsd").symlink_to("/etc/passwd")
    with pytest.raises(ConfigurationError, match=r"link\.xsd is a link"):
        put(source, into)
    member = zipfile.ZipInfo("link.xsd")
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.writestr(member, "/etc/passwd")
    with pytest.raises(ConfigurationError, match=r"link\.xsd is a link"):
        put(tmp_path / "set.zip", into)


@pytest.mark.parametrize(("constant", "value"), [("MOST_FILES", 1), ("MOST_BYTES", 1000)])
def test_size_of_a_set_is_limited(
    source: Path, into: Path, monkeypatch: pytest.MonkeyPatch, constant: str, value: int
) -> None:
    monkeypatch.setattr(install, constant, value)
    with pytest.raises(ConfigurationError, match="are not taken"):
        put(source, into)
    with pytest.raises(ConfigurationError, match="are not taken"):
        put(pack(source, source.parent / "set.zip"), into)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04"])
def test_anything_else_is_refused(tmp_path: Path, into: Path, content: bytes) -> None:
    (tmp_path / "set.zip").write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"neither a folder nor a readable \.zip"):
        put(tmp_path / "set.zip", into)


def test_damaged_archive_is_refused(source: Path, into: Path, tmp_path: Path) -> None:
    archive = pack(source, tmp_path / "set.zip")
    data = bytearray(archive.read_bytes())
    data[60:200] = bytes(140)
    archive.write_bytes(data)
    with pytest.raises(ConfigurationError):
        put(archive, into)


def test_source_that_is_not_there_is_refused(tmp_path: Path, into: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        put(tmp_path / "nothing.zip", into)


def test_edition_that_is_not_installed_is_named(into: Path) -> None:
    assert list_installed(into) == ()
    with pytest.raises(ConfigurationError, match="note/1 is not installed"):
        show_installed("note/1", into=into)


@pytest.mark.standards
def test_official_edition_judges_every_real_message(standards: Path, into: Path) -> None:
    source = standards / "xmeld-2511a"
    installed = install_schemas(source, standard="xmeld", edition="25.11a", into=into)
    assert len(installed.manifest.roots) == 139
    catalogue = SchemaCatalogue(installed=into, shipped=into)
    schema = catalogue.wire_schema("xmeld/25.11a")
    samples = sorted((source / "samples").rglob("*.xml"))
    assert len(samples) == 14
    for path in samples:
        places = schema.check(parse_xml(path.read_bytes(), limit=1 << 20).root)
        assert (places == ()) is (path.parent.name == "valid"), path.name


@pytest.mark.standards
def test_truncated_official_edition_is_refused(standards: Path, into: Path, tmp_path: Path) -> None:
    source = tmp_path / "truncated"
    shutil.copytree(standards / "xmeld-2511a", source, copy_function=shutil.copyfile)
    (source / "xsd" / "xinneres").chmod(0o755)
    (source / "xsd" / "xinneres" / "xinneres-datum.xsd").unlink()
    with pytest.raises(ConfigurationError, match="incomplete") as caught:
        install_schemas(source, standard="xmeld", edition="25.11a", into=into)
    assert all("xinneres-datum.xsd" in place.detail for place in caught.value.places)
