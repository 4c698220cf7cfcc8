"""Install an official edition of a standard's schemas.

Nothing is half installed: files are copied into a folder beside the target, the set is proved
complete and compiled there, and only then put in place. Kept out: using what is installed
(``catalogue``).
"""

import re
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gateway.errors import ConfigurationError
from gateway.validation.manifest import (
    MANIFEST,
    SchemaManifest,
    XsdVersion,
    checksum_of,
    checksums,
    installed_files,
    read_manifest,
)
from gateway.validation.schema_compiler import compile_schema_set
from gateway.validation.schema_locations import CATALOGUE_FILE
from gateway.validation.schema_set import SchemaSet, open_schema_set
from gateway.validation.thorough_schema import ThoroughSchema

MOST_FILES = 5_000
"""Most schema files of one edition."""
MOST_BYTES = 64 << 20
"""Most bytes of one edition's schema files together, unpacked."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, kw_only=True, slots=True)
class InstalledSchemas:
    """One installed edition: its record, and the folder that holds record and files."""

    manifest: SchemaManifest
    folder: Path

    @property
    def name(self) -> str:
        """``standard/edition``, as maps name it."""
        return f"{self.manifest.standard}/{self.manifest.edition}"


def install_schemas(
    source: Path,
    *,
    standard: str,
    edition: str,
    into: Path,
    entry: str | None = None,
    xsd: XsdVersion = "1.0",
) -> InstalledSchemas:
    """Install the schema files of a folder or ZIP archive as ``standard/edition``.

    Only ``*.xsd`` and ``catalog.xml`` are taken, unchanged, wherever they lie. The same edition is
    replaced; installing the same files again changes nothing.

    Args:
        source: A folder, or a ``.zip`` file.
        standard: Lower-case name, e.g. ``xmeld``.
        edition: Lower-case edition, e.g. ``25.11a``.
        into: The installation folder (``schemas.path`` of the settings); made when missing.
        entry: The file to start at, relative to the source, where its files contradict each other:
            years of one form, several redefinitions of one envelope. None takes all files as one.
        xsd: The version of XML Schema; 1.1 is checked by xmlschema, a hundred times slower.

    Raises:
        ConfigurationError: The source is neither, unsafe or too large; the set is incomplete (each
            missing location is a place) or does not compile. Nothing has changed then.
    """
    for name in (standard, edition):
        if not _NAME.fullmatch(name) or ".." in name:
            raise ConfigurationError("standard and edition are lower-case letters, digits, . _ -")
    target = into / standard / edition
    try:
        manifest = _install(source, target, entry=entry, xsd=xsd)
    except OSError:
        raise ConfigurationError(
            "the source cannot be read, or the installation folder cannot be written"
        ) from None
    return InstalledSchemas(manifest=manifest, folder=target)


def _install(source: Path, target: Path, *, entry: str | None, xsd: XsdVersion) -> SchemaManifest:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".install-", dir=target.parent) as temporary:
        folder = Path(temporary) / "new"
        _copy(source, installed_files(folder))
        files = _prove(installed_files(folder), entry=entry, xsd=xsd)
        digests = checksums(installed_files(folder))
        manifest = SchemaManifest(
            standard=target.parent.name,
            edition=target.name,
            checksum=checksum_of(digests.items()),
            files=digests,
            entries=files.entries,
            roots=files.roots,
            entry=entry,
            xsd=xsd,
        )
        (folder / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
        _put_in_place(folder, target, aside=Path(temporary) / "old")
    return manifest


def list_installed(into: Path) -> tuple[InstalledSchemas, ...]:
    """Return every installed edition, by name; empty when the folder is missing.

    Raises:
        ConfigurationError: An edition has no readable manifest.
    """
    found = sorted(path.parent for path in into.glob(f"[!.]*/[!.]*/{MANIFEST}"))
    return tuple(InstalledSchemas(manifest=read_manifest(path), folder=path) for path in found)


def show_installed(name: str, *, into: Path) -> InstalledSchemas:
    """Return one installed edition, after proving that its files are unchanged.

    Args:
        name: ``standard/edition``.
        into: The installation folder.

    Raises:
        ConfigurationError: It is not installed, or was changed since.
    """
    for installed in list_installed(into):
        if installed.name == name:
            installed.manifest.verify(installed.folder)
            return installed
    raise ConfigurationError(f"{name} is not installed")


def _prove(folder: Path, *, entry: str | None, xsd: XsdVersion) -> SchemaSet:
    files = open_schema_set(folder, entry=entry)
    if xsd == "1.1":
        ThoroughSchema(files, name="").build()
    else:
        compile_schema_set(files)
    return files


def _put_in_place(folder: Path, target: Path, *, aside: Path) -> None:
    # A folder cannot replace another in one step: the old one goes aside first, and comes back
    # if the new one cannot be put there.
    if target.exists():
        target.rename(aside)
    try:
        folder.rename(target)
    except OSError:
        if aside.exists():
            aside.rename(target)
        raise


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        _write(_from_folder(source), target)
        return
    try:
        with zipfile.ZipFile(source) as archive:
            _write(_from_archive(archive), target)
    # Damaged, encrypted or oddly packed; RuntimeError is what zipfile raises for the latter two.
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError):
        raise ConfigurationError("the source is neither a folder nor a readable .zip") from None


def _write(members: Iterator[tuple[PurePosixPath, bytes]], target: Path) -> None:
    left = MOST_BYTES
    for number, (name, content) in enumerate(members, start=1):
        left -= len(content)
        if left < 0 or number > MOST_FILES:
            raise ConfigurationError(
                f"more than {MOST_FILES} schema files or {MOST_BYTES} bytes are not taken"
            )
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _is_wanted(name: PurePosixPath) -> bool:
    return name.suffix == ".xsd" or name.name == CATALOGUE_FILE


def _from_folder(source: Path) -> Iterator[tuple[PurePosixPath, bytes]]:
    for path in sorted(source.rglob("*")):
        name = PurePosixPath(path.relative_to(source).as_posix())
        if not _is_wanted(name):
            continue
        # A link may lead anywhere; what it leads to was not handed over.
        if path.is_symlink():
            raise ConfigurationError(f"{name} is a link; links are not taken")
        if path.is_file():
            yield name, path.read_bytes()


def _from_archive(archive: zipfile.ZipFile) -> Iterator[tuple[PurePosixPath, bytes]]:
    for member in archive.infolist():
        name = PurePosixPath(member.filename.replace("\\", "/"))
        if member.is_dir() or not _is_wanted(name):
            continue
        if name.is_absolute() or ".." in name.parts or ":" in name.parts[0]:
            raise ConfigurationError("a file of the archive lies outside it")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise ConfigurationError(f"{name} is a link; links are not taken")
        with archive.open(member) as stream:
            # The stated size may lie: never unpack more than is taken at all.
            yield name, stream.read(MOST_BYTES + 1)
