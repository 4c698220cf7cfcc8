"""Where schemas come from: official editions an operator installed, else the shipped profiles.

::

    installed/<standard>/<edition>/manifest.json, files/…   official, put there by ``install``
    shipped/wire/<standard>/<edition>.xsd                    generated from the maps
    shipped/<domain>/<operation>/v<n>/*.schema.json          canonical

Kept out: installing (``install``) and checking (``json_schema``, ``xml_schema``).
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from threading import RLock
from typing import Literal, TypeVar

from gateway.errors import ConfigurationError
from gateway.validation.json_schema import DocumentSchema
from gateway.validation.manifest import (
    MANIFEST,
    SchemaManifest,
    XsdVersion,
    installed_files,
    read_manifest,
)
from gateway.validation.schema_set import open_schema_set
from gateway.validation.thorough_schema import ThoroughSchema
from gateway.validation.xml_schema import WireSchema

Kind = Literal["official", "profile"]
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True, slots=True)
class SchemaSource:
    """Which schema answers for a name; messages record it.

    Attributes:
        name: ``standard/edition``.
        kind: ``official`` where an operator installed the edition, else ``profile``.
        checksum: SHA-256 in hexadecimal, of the set or of the profile's file.
        path: Folder of the official files, or the profile's file.
        entry: The file an official edition starts at, None where it is the whole folder.
        xsd: 1.0 is checked by libxml2, 1.1 by xmlschema.
    """

    name: str
    kind: Kind
    checksum: str
    path: Path
    entry: str | None = None
    xsd: XsdVersion = "1.0"


class SchemaCatalogue:
    """Finds and compiles schemas, each once; may be used from several threads.

    An edition that is installed while the gateway runs is seen by new catalogues only.
    """

    def __init__(self, *, installed: Path | None, shipped: Path) -> None:
        """Remember where to look; nothing is read before it is asked for.

        Args:
            installed: Folder of installed editions; None or a missing folder means none.
            shipped: The project's ``schemas`` folder, see ``shipped_schemas``.
        """
        self._installed = installed
        self._shipped = shipped
        self._lock = RLock()  # compiling looks up the source
        self._wire: dict[str, WireSchema] = {}
        self._sources: dict[str, SchemaSource] = {}
        self._canonical: dict[str, DocumentSchema] = {}
        self._callers: dict[str, DocumentSchema] = {}

    def wire_schema(self, name: str) -> WireSchema:
        """Return the compiled wire schema of an edition, e.g. ``xmeld/25.11a``.

        The first call compiles (XMeld: 0.1 s), under a lock; later ones look up.

        Raises:
            ConfigurationError: The edition is neither installed nor shipped, was changed since it
                was installed, or does not compile.
        """
        return self._once(self._wire, name, self._compile)

    def source(self, name: str) -> SchemaSource:
        """Say which schema ``wire_schema`` uses for a name.

        Raises:
            ConfigurationError: The edition is neither installed nor shipped, or was changed.
        """
        return self._once(self._sources, name, self._find)

    def canonical(self, path: str) -> DocumentSchema:
        """Return the schema of completed documents, by its path under ``schemas/``.

        ``…/request.schema.json#/$defs/free`` is one part of a file, as a schema of its own.

        Raises:
            ConfigurationError: It is missing or no schema.
        """
        return self._once(self._canonical, path, self._read)

    def for_callers(self, path: str) -> DocumentSchema:
        """Return the schema a caller's document must meet: supplied fields are optional.

        Raises:
            ConfigurationError: It is missing or no schema.
        """
        return self._once(self._callers, path, lambda path: self.canonical(path).for_callers())

    def list(self) -> tuple[SchemaSource, ...]:
        """Return every wire schema there is, official ones hiding profiles, by name.

        Raises:
            ConfigurationError: An installed edition was changed or has no manifest.
        """
        names = {f"{p.parent.name}/{p.stem}" for p in self._shipped.glob("wire/*/*.xsd")}
        if self._installed is not None:
            found = self._installed.glob(f"*/*/{MANIFEST}")
            names |= {f"{p.parent.parent.name}/{p.parent.name}" for p in found}
        return tuple(self.source(name) for name in sorted(names))

    def _once(self, cache: dict[str, _T], key: str, make: Callable[[str], _T]) -> _T:
        # Look first without the lock: the hot path never waits for a schema being compiled.
        if key not in cache:
            with self._lock:
                if key not in cache:
                    cache[key] = make(key)
        return cache[key]

    def _compile(self, name: str) -> WireSchema:
        source = self.source(name)
        if source.kind == "profile":
            return WireSchema.from_file(source.path, name=name)
        files = open_schema_set(source.path, entry=source.entry)
        if source.xsd == "1.1":
            return ThoroughSchema(files, name=name)
        return WireSchema(files, name=name)

    def _find(self, name: str) -> SchemaSource:
        folder = self._installed / name if self._installed is not None else None
        if folder is not None and (folder / MANIFEST).is_file():
            return _official(name, folder)
        profile = self._shipped / "wire" / f"{name}.xsd"
        if name.count("/") != 1 or ".." in name or not profile.is_file():
            raise _missing(name)
        checksum = hashlib.sha256(profile.read_bytes()).hexdigest()
        return SchemaSource(name=name, kind="profile", checksum=checksum, path=profile)

    def _read(self, path: str) -> DocumentSchema:
        file, _, part = path.partition("#")
        if part:
            return self.canonical(file).part(part)
        return DocumentSchema.from_file(self._shipped / path, name=path)


def shipped_schemas() -> Path:
    """Return the folder of shipped schemas: inside the installed package, else of the checkout.

    Raises:
        ConfigurationError: Neither is there.
    """
    package = Path(str(files("gateway")))
    for folder in (package / "schemas", package.parent / "schemas"):
        if folder.is_dir():
            return folder
    raise ConfigurationError("this installation has no schemas folder; install the package anew")


def _official(name: str, folder: Path) -> SchemaSource:
    manifest: SchemaManifest = read_manifest(folder)
    manifest.verify(folder)
    path = installed_files(folder)
    return SchemaSource(
        name=name,
        kind="official",
        checksum=manifest.checksum,
        path=path,
        entry=manifest.entry,
        xsd=manifest.xsd,
    )


def _missing(name: str) -> ConfigurationError:
    standard, _, edition = name.partition("/")
    return ConfigurationError(
        f"there is no wire schema {name}: run `agency-gateway schemas install <zip or folder> "
        f"--standard {standard} --edition {edition}`"
    )
