"""Find adapters and operations and load them; every fault of a broken one is reported.

An adapter is found by an entry point in the group ``gateway.adapters`` that names its package, or
in a directory of ``adapters.paths``. Its package is located and not run, but for the packages
around it, which Python imports on the way: an adapter is data.
Kept out: which channel uses which adapter (``bootstrap``).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from gateway.errors import ConfigurationError, Place
from gateway.messaging.operation import Operation, OperationKind
from gateway.messaging.periods import Retention
from gateway.messaging.retention import USUAL
from gateway.translation.exchange import Choosable, Exchange
from gateway.translation.map import Map, load_map
from gateway.translation.source import YamlMapping, load_yaml
from gateway.validation.catalogue import SchemaCatalogue
from gateway.validation.code_list_catalogue import CodeListCatalogue

GROUP = "gateway.adapters"
"""Entry-point group in which packages declare their adapter."""

MANIFEST = "adapter.yaml"

SIDES = ("request", "answer")
"""Keys of an operation in a manifest."""

MANIFEST_NEEDED: Mapping[str, type] = {
    "adapter": str,
    "version": int,
    "standard": str,
    "edition": str,
    "operations": YamlMapping,
}
"""Keys that a manifest must have, and what they hold."""

MANIFEST_KEYS = {*MANIFEST_NEEDED, "wireSchema", "transports", "test"}

_PERIOD = TypeAdapter(timedelta)

_CONTRACT = {
    "operation",
    "version",
    "title",
    "kind",
    "repeatable",
    "routing",
    "deadline",
    "async_deadline",
    "body_limit",
    "retention",
    "order",
}


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


def load_adapters(
    folders: Iterable[AdapterFolder],
    schemas: SchemaCatalogue,
    lists: CodeListCatalogue | None = None,
) -> Registry:
    """Load each adapter; one that is broken does not keep the others from working."""
    adapters: dict[str, Adapter] = {}
    faults: list[AdapterFault] = []
    for folder in folders:
        try:
            adapter = _load_folder(folder, schemas, lists, known=adapters)
            adapters[adapter.name] = adapter
        except ConfigurationError as error:
            faults.append(AdapterFault(name=folder.name, error=error))
    return Registry(adapters=adapters, faults=tuple(faults))


def load_adapter(
    path: Path, schemas: SchemaCatalogue, lists: CodeListCatalogue | None = None
) -> Adapter:
    """Load one adapter from its folder.

    Args:
        path: The folder.
        schemas: Where schemas are found.
        lists: Where editions of code lists are found; None: codes are not looked up.

    Raises:
        ConfigurationError: Manifest or maps are wrong; every fault is listed with its place.
    """
    manifest = load_yaml(path / MANIFEST)
    faults = list(_manifest_faults(manifest))
    if faults:
        raise ConfigurationError(f"The adapter in {path.name} is wrong.", places=faults)
    maps, faults = _load_maps(manifest, path, schemas, lists)
    if faults:
        raise ConfigurationError(f"The adapter {manifest['adapter']} is wrong.", places=faults)
    exchanges = {
        key: Exchange(_choosable(messages, "request", maps), _choosable(messages, "answer", maps))
        for key, messages in manifest["operations"].items()
    }
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
    unknown = sorted(set(contract) - _CONTRACT)
    if unknown:
        place = _wrong_key(contract, unknown[0], "The contract")
        raise ConfigurationError(f"The contract of {key} is wrong.", places=[place])
    try:
        return _operation(contract)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ConfigurationError(
            f"The contract of {key} is wrong.",
            places=[
                Place(
                    keyword="contract",
                    detail="It needs operation, version, title (en, de), kind and repeatable;"
                    " periods of retention are ISO 8601, none longer than the next one of"
                    " key, payload, resting, record; `order` is a JSON Pointer or a list of them.",
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
    if "retention" in contract:
        optional["retention"] = _retention(contract["retention"], OperationKind(contract["kind"]))
    if "order" in contract:
        optional["order"] = _pointers(contract["order"])
    return Operation(
        name=contract["operation"],
        version=int(contract["version"]),
        title=contract["title"]["en"],
        title_de=contract["title"]["de"],
        kind=OperationKind(contract["kind"]),
        repeatable=_boolean(contract["repeatable"]),
        **optional,
    )


def _retention(given: Mapping[str, Any], kind: OperationKind) -> Retention:
    """The periods of a contract; what it leaves out is as usual."""
    periods = {name: _PERIOD.validate_python(value) for name, value in given.items()}
    retention = replace(USUAL[kind], **periods)
    if retention.contradiction() is not None:
        raise ValueError
    return retention


def _pointers(value: Any) -> tuple[str, ...]:
    pointers = [value] if isinstance(value, str) else value
    if not isinstance(pointers, list) or not all(str(one).startswith("/") for one in pointers):
        raise TypeError
    return tuple(pointers)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _from_entry_point(point: EntryPoint) -> AdapterFolder:
    try:
        spec = find_spec(point.module)
    except (ImportError, ValueError, AttributeError):
        spec = None
    if spec is None or spec.origin is None:
        return AdapterFolder(name=point.name, path=None, fault="Its package is not installed.")
    return AdapterFolder(name=point.name, path=Path(spec.origin).parent)


def _load_folder(
    folder: AdapterFolder,
    schemas: SchemaCatalogue,
    lists: CodeListCatalogue | None,
    *,
    known: Mapping[str, Adapter],
) -> Adapter:
    if folder.path is None:
        raise ConfigurationError(folder.fault or "The adapter cannot be found.")
    adapter = load_adapter(folder.path, schemas, lists)
    if adapter.name in known:
        raise ConfigurationError(f"Two adapters are called {adapter.name}.")
    return adapter


def _manifest_faults(manifest: YamlMapping) -> Iterator[Place]:
    for key, kind in MANIFEST_NEEDED.items():
        if not isinstance(manifest.get(key), kind):
            yield _wrong(manifest, f"The manifest needs `{key}`.")
    for key in sorted(set(manifest) - MANIFEST_KEYS):
        yield _wrong_key(manifest, key, "The manifest")
    transports = manifest.get("transports", [])
    if not isinstance(transports, list) or not all(isinstance(t, str) for t in transports):
        yield _wrong(manifest, "`transports` must be a list of names.")
    if not _is_share(manifest.get("test")):
        yield _wrong(manifest, "`test` holds `accepted`, a share from 0 to 1.")
    operations = manifest.get("operations")
    if isinstance(operations, YamlMapping):
        for key, messages in operations.items():
            yield from _operation_faults(operations, key, messages)


def _operation_faults(operations: YamlMapping, key: str, messages: Any) -> Iterator[Place]:
    if not isinstance(messages, YamlMapping):
        yield _wrong(operations, f"{key} needs `request` and `answer`.", key)
        return
    for side in sorted(set(messages) - set(SIDES)):
        yield _wrong_key(messages, side, key)
    for side in SIDES:
        entries = messages.get(side)
        if side == "answer" and entries is None:
            continue  # a notification has no answer
        if not isinstance(entries, list) or not entries:
            yield _wrong(messages, f"{key} needs a list of maps under `{side}`.")
            continue
        for entry in entries:
            if not _is_entry(entry):
                yield _wrong(messages, f"An entry is `map`, and perhaps `when`: {key}.", side)


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, YamlMapping)
        and isinstance(entry.get("map"), str)
        and isinstance(entry.get("when", {}), dict)
        and not set(entry) - {"map", "when"}
    )


def _is_share(test: Any) -> bool:
    if test is None:
        return True
    if not isinstance(test, YamlMapping) or set(test) != {"accepted"}:
        return False
    try:
        return 0 <= float(test["accepted"]) <= 1
    except (TypeError, ValueError):
        return False


def _wrong(mapping: YamlMapping, detail: str, key: str = "") -> Place:
    rule = mapping.places.get(key, mapping.place)
    return Place(keyword="manifest", detail=detail, rule=rule)


def _wrong_key(mapping: YamlMapping, key: str, what: str) -> Place:
    return _wrong(mapping, f"{what} has no key `{key}`.", key)


def _load_maps(
    manifest: YamlMapping,
    path: Path,
    schemas: SchemaCatalogue,
    lists: CodeListCatalogue | None,
) -> tuple[dict[str, Map], list[Place]]:
    """Every map that the manifest names, loaded once, and the faults of those that are wrong."""
    entries = [
        entry
        for messages in manifest["operations"].values()
        for side in SIDES
        for entry in messages.get(side, ())
    ]
    maps: dict[str, Map] = {}
    faults: list[Place] = []
    for name in dict.fromkeys(entry["map"] for entry in entries):
        file = path / f"{name}.map.yaml"
        if not file.is_file():
            faults.append(Place(keyword="missing", detail="There is no such map.", rule=file.name))
            continue
        try:
            maps[name] = load_map(file, schemas=schemas, lists=lists)
        except ConfigurationError as error:
            faults += error.places or [Place(keyword="map", detail=error.detail, rule=file.name)]
    return maps, faults


def _choosable(messages: YamlMapping, side: str, maps: Mapping[str, Map]) -> list[Choosable]:
    return [
        Choosable(map=maps[entry["map"]], when=entry.get("when") or {})
        for entry in messages.get(side, ())
    ]
