"""Find adapters and operations and load them; every fault of a broken one is reported.

An adapter is found by an entry point in the group ``gateway.adapters`` that names its package, or
in a directory of ``adapters.paths``. Its package is located, never imported: an adapter is data.
Kept out: which channel uses which adapter (``bootstrap``).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from gateway.errors import ConfigurationError, Place
from gateway.messaging.operation import Operation, OperationKind
from gateway.translation.exchange import Choosable, Exchange
from gateway.translation.map import Map, load_map
from gateway.translation.source import YamlMapping, load_yaml
from gateway.validation.catalogue import SchemaCatalogue

GROUP = "gateway.adapters"
"""Entry-point group in which packages declare their adapter."""

MANIFEST = "adapter.yaml"


@dataclass(frozen=True, kw_only=True, slots=True)
class AdapterFolder:
    """Where an adapter lies; ``fault`` says why it cannot be used, None if nothing is known yet."""

    name: str
    path: Path | None
    fault: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Adapter:
    """A loaded adapter.

    Attributes:
        name: As the manifest says, ``xmeld``.
        version: Of the adapter, counted from 1.
        standard: Name of the standard it translates.
        edition: Edition of the standard.
        path: Its folder.
        transports: Names of the transports it goes with.
        exchanges: Its maps by operation key, ``residents/search/v1``.
        maps: Every map by its name.
        accepted: Share of generated documents that its maps can express, as the manifest states.
    """

    name: str
    version: int
    standard: str
    edition: str
    path: Path
    transports: tuple[str, ...]
    exchanges: Mapping[str, Exchange]
    maps: Mapping[str, Map]
    accepted: float = 1.0
    wire_schema: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AdapterFault:
    """An adapter that cannot be used, and everything that is wrong with it."""

    name: str
    error: ConfigurationError


@dataclass(frozen=True, kw_only=True, slots=True)
class Registry:
    """What was found: usable adapters by name, and the broken ones with their faults."""

    adapters: Mapping[str, Adapter]
    faults: Sequence[AdapterFault] = field(default_factory=tuple)


def find_adapters(
    paths: Iterable[Path] = (), declared: Iterable[EntryPoint] | None = None
) -> list[AdapterFolder]:
    """List adapters without loading one: entry points first, then directories.

    Args:
        paths: Directories whose subfolders are adapters.
        declared: Entry points to look at; None: those of the installation.
    """
    points = entry_points(group=GROUP) if declared is None else declared
    found = [_from_entry_point(point) for point in points]
    for directory in paths:
        manifests = sorted(directory.glob(f"*/{MANIFEST}"))
        if not manifests:
            found.append(
                AdapterFolder(
                    name=directory.name, path=None, fault="The directory holds no adapter."
                )
            )
        found += [AdapterFolder(name=m.parent.name, path=m.parent) for m in manifests]
    return found


def load_adapters(folders: Iterable[AdapterFolder], schemas: SchemaCatalogue) -> Registry:
    """Load each adapter; one that is broken does not keep the others from working."""
    adapters: dict[str, Adapter] = {}
    faults: list[AdapterFault] = []
    for folder in folders:
        try:
            adapter = _load_folder(folder, schemas, known=adapters)
            adapters[adapter.name] = adapter
        except ConfigurationError as error:
            faults.append(AdapterFault(name=folder.name, error=error))
    return Registry(adapters=adapters, faults=tuple(faults))


def load_adapter(path: Path, schemas: SchemaCatalogue) -> Adapter:
    """Load one adapter from its folder.

    Raises:
        ConfigurationError: Manifest or maps are wrong; every fault is listed with its place.
    """
    manifest = load_yaml(path / MANIFEST)
    faults = list(_manifest_faults(manifest))
    if faults:
        raise ConfigurationError(f"The adapter in {path.name} is wrong.", places=faults)
    maps: dict[str, Map] = {}
    exchanges: dict[str, Exchange] = {}
    for key, messages in manifest["operations"].items():
        try:
            exchanges[key] = Exchange(
                _choosable(messages, "request", path, schemas, maps),
                _choosable(messages, "answer", path, schemas, maps),
            )
        except ConfigurationError as error:
            faults += error.places or [Place(keyword="map", detail=error.detail)]
    if faults:
        raise ConfigurationError(f"The adapter {manifest['adapter']} is wrong.", places=faults)
    test = manifest.get("test") or {}
    return Adapter(
        name=manifest["adapter"],
        version=manifest["version"],
        standard=str(manifest["standard"]),
        edition=str(manifest["edition"]),
        path=path,
        transports=tuple(manifest.get("transports") or ()),
        exchanges=exchanges,
        maps=maps,
        accepted=float(test.get("accepted", 1.0)),
        wire_schema=str(manifest.get("wireSchema", "")),
    )


def load_operation(schemas_root: Path, key: str) -> Operation:
    """Read an operation's contract, ``schemas/<key>/operation.yaml``.

    Raises:
        ConfigurationError: It is missing or wrong.
    """
    path = schemas_root / key / "operation.yaml"
    if not path.is_file():
        raise ConfigurationError(
            f"The operation {key} has no contract.",
            places=[Place(keyword="missing", detail="There is no operation.yaml.", rule=key)],
        )
    contract = load_yaml(path)
    try:
        return _operation(contract)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ConfigurationError(
            f"The contract of {key} is wrong.",
            places=[
                Place(
                    keyword="contract",
                    detail="It needs operation, version, title (en, de), kind and repeatable.",
                    rule=contract.place,
                )
            ],
        ) from None


def _operation(contract: YamlMapping) -> Operation:
    optional: dict[str, Any] = {}
    if "routing" in contract:
        optional["routing"] = str(contract["routing"])
    if "deadline" in contract:
        optional["deadline"] = timedelta(seconds=int(contract["deadline"]))
    if "async_deadline" in contract:
        optional["async_deadline"] = timedelta(seconds=int(contract["async_deadline"]))
    if "body_limit" in contract:
        optional["body_limit_bytes"] = int(contract["body_limit"])
    return Operation(
        name=contract["operation"],
        version=int(contract["version"]),
        title=contract["title"]["en"],
        title_de=contract["title"]["de"],
        kind=OperationKind(contract["kind"]),
        repeatable=contract["repeatable"] is True,
        **optional,
    )


def _from_entry_point(point: EntryPoint) -> AdapterFolder:
    try:
        spec = find_spec(point.value)
    except ImportError:
        spec = None
    if spec is None or spec.origin is None:
        return AdapterFolder(name=point.name, path=None, fault="Its package is not installed.")
    return AdapterFolder(name=point.name, path=Path(spec.origin).parent)


def _load_folder(
    folder: AdapterFolder, schemas: SchemaCatalogue, *, known: Mapping[str, Adapter]
) -> Adapter:
    if folder.path is None:
        raise ConfigurationError(folder.fault or "The adapter cannot be found.")
    adapter = load_adapter(folder.path, schemas)
    if adapter.name in known:
        raise ConfigurationError(f"Two adapters are called {adapter.name}.")
    return adapter


def _manifest_faults(manifest: YamlMapping) -> list[Place]:
    expected = {
        "adapter": str,
        "version": int,
        "standard": str,
        "edition": str,
        "operations": dict,
    }
    return [
        Place(keyword="manifest", detail=f"The manifest needs `{key}`.", rule=manifest.place)
        for key, kind in expected.items()
        if not isinstance(manifest.get(key), kind)
    ]


def _choosable(
    messages: Mapping[str, Any],
    side: str,
    path: Path,
    schemas: SchemaCatalogue,
    maps: dict[str, Map],
) -> list[Choosable]:
    chosen = []
    for entry in messages.get(side) or ():
        name = str(entry["map"])
        file = path / f"{name}.map.yaml"
        if not file.is_file():
            raise ConfigurationError(
                "A map is missing.",
                places=[Place(keyword="missing", detail="There is no such map.", rule=file.name)],
            )
        if name not in maps:
            maps[name] = load_map(file, schemas=schemas)
        chosen.append(Choosable(map=maps[name], when=entry.get("when") or {}))
    return chosen
