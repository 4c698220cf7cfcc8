"""Tests of ``gateway.validation.catalogue``."""

import hashlib
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from lxml import etree

from gateway.errors import ConfigurationError
from gateway.validation.catalogue import SchemaCatalogue, shipped_schemas
from gateway.validation.install import install_schemas
from gateway.validation.manifest import installed_files

PROFILE = (
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:note">'
    '<xs:element name="note" type="xs:int"/></xs:schema>'
)
CANONICAL = {"required": ["id"], "properties": {"id": {"type": "string", "x-supplied": "test"}}}
VALID_PROFILE = etree.fromstring(b"<note xmlns='urn:note'>1</note>")
VALID_OFFICIAL = etree.fromstring(b"<note xmlns='urn:note'><key>12345678</key></note>")


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    folder = tmp_path / "schemas"
    (folder / "wire" / "note").mkdir(parents=True)
    (folder / "wire" / "note" / "1.xsd").write_text(PROFILE)
    (folder / "wire" / "note" / "2.0.xsd").write_text(PROFILE)
    (folder / "notes" / "v1").mkdir(parents=True)
    (folder / "notes" / "v1" / "request.schema.json").write_text(json.dumps(CANONICAL))
    return folder


@pytest.fixture
def installed(tmp_path: Path, note_folder: Path) -> Path:
    folder = tmp_path / "installed"
    install_schemas(note_folder, standard="note", edition="1", into=folder)
    return folder


def test_profile_answers_where_nothing_is_installed(shipped: Path, tmp_path: Path) -> None:
    for folder in (None, tmp_path / "missing"):
        catalogue = SchemaCatalogue(installed=folder, shipped=shipped)
        source = catalogue.source("note/1")
        assert (source.kind, source.path) == ("profile", shipped / "wire" / "note" / "1.xsd")
        assert source.checksum == hashlib.sha256(PROFILE.encode()).hexdigest()
        assert catalogue.wire_schema("note/1").check(VALID_PROFILE) == ()


def test_installed_edition_takes_precedence(shipped: Path, installed: Path) -> None:
    catalogue = SchemaCatalogue(installed=installed, shipped=shipped)
    assert catalogue.source("note/1").kind == "official"
    assert len(catalogue.source("note/1").checksum) == 64
    assert catalogue.wire_schema("note/1").check(VALID_OFFICIAL) == ()
    assert catalogue.wire_schema("note/1").check(VALID_PROFILE) != ()


def test_all_sources_are_listed_once(shipped: Path, installed: Path) -> None:
    sources = SchemaCatalogue(installed=installed, shipped=shipped).list()
    assert [(source.name, source.kind) for source in sources] == [
        ("note/1", "official"),
        ("note/2.0", "profile"),
    ]


def test_schema_is_compiled_once(shipped: Path) -> None:
    catalogue = SchemaCatalogue(installed=None, shipped=shipped)
    with ThreadPoolExecutor(4) as pool:
        schemas = set(pool.map(catalogue.wire_schema, ["note/1"] * 16))
    assert len(schemas) == 1


@pytest.mark.parametrize("name", ["note/3", "other/1", "note", "note/../1", "../wire/note/1", ""])
def test_missing_schema_says_what_to_run(shipped: Path, name: str) -> None:
    catalogue = SchemaCatalogue(installed=shipped, shipped=shipped)
    with pytest.raises(ConfigurationError, match="run `agency-gateway schemas install"):
        catalogue.wire_schema(name)


def test_changed_installation_is_not_used(shipped: Path, installed: Path) -> None:
    types = installed_files(installed / "note" / "1") / "types.xsd"
    types.write_text(types.read_text().replace("{8}", "{9}"))
    catalogue = SchemaCatalogue(installed=installed, shipped=shipped)
    with pytest.raises(ConfigurationError, match="was changed since"):
        catalogue.wire_schema("note/1")


def test_removed_installation_uncovers_the_profile(shipped: Path, installed: Path) -> None:
    shutil.rmtree(installed / "note")
    assert SchemaCatalogue(installed=installed, shipped=shipped).source("note/1").kind == "profile"


def test_canonical_schemas_are_read_once(shipped: Path) -> None:
    catalogue = SchemaCatalogue(installed=None, shipped=shipped)
    path = "notes/v1/request.schema.json"
    assert catalogue.canonical(path) is catalogue.canonical(path)
    assert catalogue.for_callers(path) is catalogue.for_callers(path)
    assert catalogue.canonical(path).check({}) != ()
    assert catalogue.for_callers(path).check({}) == ()


def test_part_of_a_canonical_schema_is_read_by_its_pointer(shipped: Path) -> None:
    folder = shipped / "pets" / "v1"
    folder.mkdir(parents=True)
    (folder / "request.schema.json").write_text(
        '{"oneOf": [{"$ref": "#/$defs/cat"}],'
        ' "$defs": {"cat": {"type": "object", "required": ["name"]}}}'
    )
    catalogue = SchemaCatalogue(installed=None, shipped=shipped)
    path = "pets/v1/request.schema.json#/$defs/cat"
    assert catalogue.canonical(path) is catalogue.canonical(path)
    assert catalogue.canonical(path).check({"name": "Mau"}) == ()
    assert catalogue.canonical(path).check({}) != ()
    with pytest.raises(ConfigurationError, match="there is no schema at #/"):
        catalogue.canonical("pets/v1/request.schema.json#/$defs/dog")


def test_missing_canonical_schema_is_named(shipped: Path) -> None:
    catalogue = SchemaCatalogue(installed=None, shipped=shipped)
    with pytest.raises(ConfigurationError, match=r"notes/v2/request\.schema\.json"):
        catalogue.canonical("notes/v2/request.schema.json")


def test_shipped_schemas_are_found() -> None:
    assert shipped_schemas().name == "schemas"
    assert shipped_schemas().is_dir()
