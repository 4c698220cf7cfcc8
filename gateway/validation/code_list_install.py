"""Install editions of code lists, unchanged, each with a record of its checksum.

::

    codelists/<uri>/<version>/manifest.json, list.xml or list.xml.gz

``uri`` and ``version`` are percent-encoded. Every file is read and proved before the first is put
in place. Kept out: asking what a code means (``code_list_catalogue``).
"""

import hashlib
import json
import tempfile
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from urllib.parse import quote

from gateway.errors import ConfigurationError, Place
from gateway.validation.code_list import CodeList
from gateway.validation.genericode import MOST_BYTES, read_genericode

_MANIFEST = "manifest.json"
_LONGEST_NAME = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeListManifest:
    """The record of one installed edition.

    Attributes:
        uri: Canonical URI of the list.
        version: Its edition.
        name: What it is called, for people.
        valid_from: First day of validity as ISO 8601; None where the publisher does not say.
        codes: How many it has.
        file: Name of the published file, beside the record.
        checksum: SHA-256 of that file in hexadecimal.
    """

    uri: str
    version: str
    name: str
    valid_from: str | None
    codes: int
    file: str
    checksum: str

    @property
    def order(self) -> tuple[date, str]:
        """Editions sort by validity; one without a date comes before all others."""
        return (date.fromisoformat(self.valid_from) if self.valid_from else date.min, self.version)


def install_code_lists(
    source: Path, *, into: Path, replace: bool = False
) -> tuple[CodeListManifest, ...]:
    """Install one file, or every ``*.xml`` and ``*.xml.gz`` below a folder.

    Installing the same files again changes nothing.

    Args:
        source: A file in Genericode, packed with gzip or not, or a folder of such files.
        into: The installation folder (``codelists.path`` of the settings); made when missing.
        replace: Whether an edition that is installed with another content is replaced.

    Raises:
        ConfigurationError: A file is no code list, or its edition is installed with another
            content; each is a place. Nothing has changed then.
    """
    try:
        found = _read_all(source)
        if not replace:
            _refuse_other_content(found, into)
        for manifest, content in found:
            _put_in_place(manifest, content, into)
    except OSError:
        raise ConfigurationError(
            "the source cannot be read, or the installation folder cannot be written"
        ) from None
    return tuple(manifest for manifest, _ in found)


def list_code_lists(into: Path) -> tuple[CodeListManifest, ...]:
    """Return the record of every installed edition, by list and validity.

    Raises:
        ConfigurationError: A record is not readable.
    """
    found = [_read_manifest(path) for path in into.glob(f"[!.]*/[!.]*/{_MANIFEST}")]
    return tuple(sorted(found, key=lambda one: (one.uri, one.order)))


def open_code_list(manifest: CodeListManifest, into: Path) -> CodeList:
    """Return an installed edition, after proving that its file is unchanged.

    Raises:
        ConfigurationError: The file is missing or was changed.
    """
    try:
        data = (_folder(manifest, into) / manifest.file).read_bytes()
    except OSError:
        data = b""
    if hashlib.sha256(data).hexdigest() != manifest.checksum:
        raise ConfigurationError(
            f"{manifest.uri}, version {manifest.version}, was changed since it was installed: "
            "install it again"
        )
    return read_genericode(data)


def _read_all(source: Path) -> list[tuple[CodeListManifest, bytes]]:
    files = _files(source)
    found: dict[tuple[str, str], tuple[CodeListManifest, bytes]] = {}
    places: list[Place] = []
    for path in files:
        try:
            content = _content(path)
            manifest = _manifest(read_genericode(content), content)
        except ConfigurationError as error:
            places += [
                Place(keyword="code-list", detail=f"{path.name}: {fault.detail}")
                for fault in error.places or (error,)
            ]
            continue
        twin, _ = found.setdefault((manifest.uri, manifest.version), (manifest, content))
        if twin.checksum != manifest.checksum:
            detail = f"{path.name} has the edition of another file, with another content"
            places.append(Place(keyword="edition", detail=detail))
    if places or not found:
        raise ConfigurationError("the source does not hold code lists alone", places=places)
    return list(found.values())


def _files(source: Path) -> list[Path]:
    if not source.is_dir():
        return [source]
    # A link may lead anywhere; what it leads to was not handed over.
    return [
        path
        for path in sorted(source.rglob("*"))
        if path.name.endswith((".xml", ".xml.gz")) and path.is_file() and not path.is_symlink()
    ]


def _content(path: Path) -> bytes:
    if path.stat().st_size > MOST_BYTES:
        raise ConfigurationError(f"more than {MOST_BYTES} bytes are not taken")
    return path.read_bytes()


def _manifest(code_list: CodeList, content: bytes) -> CodeListManifest:
    for name in (code_list.uri, code_list.version):
        if len(_encoded(name)) > _LONGEST_NAME:
            raise ConfigurationError(f"URI or version is longer than {_LONGEST_NAME} characters")
    valid_from = code_list.valid_from
    return CodeListManifest(
        uri=code_list.uri,
        version=code_list.version,
        name=code_list.name,
        valid_from=valid_from.isoformat() if valid_from else None,
        codes=len(code_list.rows),
        file="list.xml.gz" if content.startswith(b"\x1f\x8b") else "list.xml",
        checksum=hashlib.sha256(content).hexdigest(),
    )


def _refuse_other_content(found: list[tuple[CodeListManifest, bytes]], into: Path) -> None:
    places = [
        Place(keyword="edition", detail=f"{manifest.uri}, version {manifest.version}")
        for manifest, _ in found
        if (path := _folder(manifest, into) / _MANIFEST).is_file()
        and _read_manifest(path).checksum != manifest.checksum
    ]
    if places:
        raise ConfigurationError(
            "editions are installed with another content; --replace replaces them", places=places
        )


def _put_in_place(manifest: CodeListManifest, content: bytes, into: Path) -> None:
    target = _folder(manifest, into)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".install-", dir=target.parent) as temporary:
        new, old = Path(temporary) / "new", Path(temporary) / "old"
        new.mkdir()
        (new / manifest.file).write_bytes(content)
        record = json.dumps(asdict(manifest), indent=2, sort_keys=True, ensure_ascii=False)
        (new / _MANIFEST).write_text(f"{record}\n", encoding="utf-8")
        # A folder cannot replace another in one step; the old one comes back if the new one fails.
        if target.exists():
            target.rename(old)
        try:
            new.rename(target)
        except OSError:
            if old.exists():
                old.rename(target)
            raise


def _folder(manifest: CodeListManifest, into: Path) -> Path:
    return into / _encoded(manifest.uri) / _encoded(manifest.version)


def _encoded(name: str) -> str:
    # A name that starts with a dot would be hidden, or lead upwards.
    encoded = quote(name, safe="")
    return f"%2E{encoded[1:]}" if encoded.startswith(".") else encoded


def _read_manifest(path: Path) -> CodeListManifest:
    try:
        manifest = CodeListManifest(**json.loads(path.read_bytes()))
        _ = manifest.order
    except (OSError, ValueError, TypeError):
        raise ConfigurationError(
            f"{path.parent.parent.name}/{path.parent.name} has no readable manifest: "
            "install it again"
        ) from None
    return manifest
