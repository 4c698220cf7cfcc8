"""What was installed: the record kept beside an official edition's files.

Kept out: putting files there (``install``).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from gateway.errors import ConfigurationError, Place

XsdVersion = Literal["1.0", "1.1"]

MANIFEST = "manifest.json"
_FILES = "files"


@dataclass(frozen=True, kw_only=True, slots=True)
class SchemaManifest:
    """One installed edition.

    Attributes:
        standard: Name of the standard in lower case, e.g. ``xmeld``.
        edition: Its edition, e.g. ``25.11a``.
        checksum: SHA-256 over the lines ``<sha256>  <path>`` of all files, sorted by path.
        files: SHA-256 of each file by its path.
        entries: The files that nothing refers to; the schema is compiled from them.
        roots: Global elements, ``{namespace}name``.
        entry: The file the edition starts at, None where it is the whole set.
        xsd: The XML Schema version it is written in: 1.0 is checked by libxml2, 1.1 by xmlschema.
    """

    standard: str
    edition: str
    checksum: str
    files: Mapping[str, str]
    entries: tuple[str, ...]
    roots: tuple[str, ...]
    entry: str | None = None
    xsd: XsdVersion = "1.0"

    def verify(self, folder: Path) -> None:
        """Prove that the installed files are still those of the record.

        Raises:
            ConfigurationError: Files are missing, changed or new; each is a place.
        """
        found = checksums(installed_files(folder))
        names = sorted(found.keys() | self.files.keys())
        places = [
            Place(keyword="checksum", detail=f"{name} is not the file that was installed")
            for name in names
            if found.get(name) != self.files.get(name)
        ]
        if places:
            raise ConfigurationError(
                f"{self.standard}/{self.edition} was changed since it was installed: "
                "install it again",
                places=places,
            )

    def to_json(self) -> str:
        """Return the record as it is kept."""
        return json.dumps(asdict(self), indent=2, sort_keys=True) + "\n"


def installed_files(folder: Path) -> Path:
    """Return where the files of an installed edition are, beside its manifest."""
    return folder / _FILES


def read_manifest(folder: Path) -> SchemaManifest:
    """Return the record of an installed edition.

    Raises:
        ConfigurationError: There is none, or it is not one of ours.
    """
    try:
        record = json.loads((folder / MANIFEST).read_bytes())
        return SchemaManifest(
            standard=record["standard"],
            edition=record["edition"],
            checksum=record["checksum"],
            files=dict(record["files"]),
            entries=tuple(record["entries"]),
            roots=tuple(record["roots"]),
            # Editions installed by older releases say neither.
            entry=record.get("entry"),
            xsd="1.1" if record.get("xsd") == "1.1" else "1.0",
        )
    except (OSError, ValueError, KeyError, TypeError):
        raise ConfigurationError(
            f"{folder.parent.name}/{folder.name} has no readable manifest: install it again"
        ) from None


def checksums(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below a folder, by its path."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def checksum_of(files: Iterable[tuple[str, str]]) -> str:
    """Return one SHA-256 for many files, given path and SHA-256 of each."""
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(files))
    return hashlib.sha256(lines.encode()).hexdigest()
