"""What the settings ask of this installation and do not find: folders, adapters, operations.

Each fault is a ``Place`` that names the setting. Nothing is written; the only look outside is
whether folders are there. Kept out: contradictions within the settings
(``gateway.settings.faults``) and what is wrong inside an adapter (``gateway.registry``).
"""

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from gateway.errors import Place
from gateway.registry import MANIFEST, Registry
from gateway.settings.model import Settings
from gateway.settings.store import StoreSettings


def find_missing_folders(settings: Settings) -> list[Place]:
    """Paths of the settings that cannot be what they are meant to be."""
    return [
        *_contracts(settings.schemas.contracts),
        *_optional("schemas.path", settings.schemas.path),
        *_optional("codelists.path", settings.codelists.path),
        *_optional("attachments.path", settings.attachments_folder()),
        *_adapters(settings.adapters.paths),
        *_store(settings.store),
    ]


def find_usable_paths(settings: Settings) -> tuple[Path, ...]:
    """Those of ``adapters.paths`` that hold adapters at all."""
    return tuple(path for path in settings.adapters.paths if not list(_adapter_path("", path)))


def find_missing_operations(settings: Settings, operations: Collection[str]) -> list[Place]:
    """Routes and grants for operations that have no contract here.

    Args:
        settings: The settings.
        operations: Keys of the operations with a contract, ``residents/search/v1``.
    """
    return [
        _place(
            "unknown-operation", where, "No contract of this operation is in the schemas folder."
        )
        for where, operation in _named_operations(settings)
        if operation not in operations
    ]


def find_missing_adapters(settings: Settings, registry: Registry) -> list[Place]:
    """Channels whose adapter cannot be used, and routes to what an adapter does not translate."""
    broken = {fault.name for fault in registry.faults}
    faults: list[Place] = []
    for index, channel in enumerate(settings.channels):
        where, closed = f"channels[{index}]", f"channel {channel.name} stays closed"
        adapter = registry.adapters.get(channel.adapter)
        if adapter is not None and channel.transport not in adapter.transports:
            detail = f"The adapter {adapter.name} does not go with it, so {closed}."
            faults.append(_place("transport", f"{where}.transport", detail))
        elif adapter is None and channel.adapter in broken:
            detail = f"The adapter is faulty, so {closed}."
            faults.append(_place("adapter-faulty", f"{where}.adapter", detail))
        elif adapter is None:
            known = ", ".join(sorted({*registry.adapters, *broken})) or "none"
            detail = f"There is no such adapter, so {closed}; installed: {known}."
            faults.append(_place("unknown-adapter", f"{where}.adapter", detail))
    return [*faults, *_untranslated(settings, registry)]


def _untranslated(settings: Settings, registry: Registry) -> Iterator[Place]:
    adapters = {channel.name: channel.adapter for channel in settings.channels}
    for index, route in enumerate(settings.routes):
        adapter = registry.adapters.get(adapters.get(route.channel, ""))
        if adapter is not None and route.operation not in adapter.exchanges:
            offered = ", ".join(sorted(adapter.exchanges))
            yield _place(
                "operation-untranslated",
                f"routes[{index}].operation",
                f"The adapter {adapter.name} of this route's channel translates only {offered}.",
            )


def _named_operations(settings: Settings) -> Iterator[tuple[str, str]]:
    for number, caller in enumerate(settings.authentication.callers):
        for index, grant in enumerate(caller.grants):
            where = f"authentication.callers[{number}].grants[{index}].operation"
            yield where, grant.operation
    for index, route in enumerate(settings.routes):
        yield f"routes[{index}].operation", route.operation


def _contracts(path: Path) -> Iterator[Place]:
    if not _readable(path):
        yield _place("folder", "schemas.contracts", "Not a folder that can be read.")
    elif not any(path.glob("*/*/v*/operation.yaml")):
        yield _place("folder", "schemas.contracts", "The folder holds no contract of an operation.")


def _optional(setting: str, path: Path) -> Iterator[Place]:
    """A folder that an installation makes when it is first needed."""
    if path.exists() and not _readable(path):
        yield _place("folder", setting, "Not a folder that can be read.")


def _adapters(paths: Collection[Path]) -> Iterator[Place]:
    for index, path in enumerate(paths):
        yield from _adapter_path(f"adapters.paths[{index}]", path)


def _adapter_path(where: str, path: Path) -> Iterator[Place]:
    if not _readable(path):
        yield _place("folder", where, "Not a folder that can be read.")
    elif not any(path.glob(f"*/{MANIFEST}")):
        yield _place("folder", where, f"No subfolder holds an {MANIFEST}.")


def _store(store: StoreSettings) -> Iterator[Place]:
    if store.url is None:
        yield from _database_file(store.path)
    elif store.password_file is not None and not os.access(store.password_file, os.R_OK):
        yield _place("file", "store.password_file", "Not a file that can be read.")


def _database_file(path: Path) -> Iterator[Place]:
    """The folder may be missing: ``serve`` makes it, perhaps as another user."""
    nearest = next(folder for folder in path.absolute().parents if folder.exists())
    if path.is_dir():
        yield _place("file", "store.path", "This is a folder; name a file in it.")
    elif not nearest.is_dir():
        yield _place("folder", "store.path", "A folder on the way to it is a file.")
    elif nearest == path.absolute().parent and not os.access(nearest, os.W_OK | os.X_OK):
        yield _place(
            "folder", "store.path", "Its folder cannot be written to by the user who runs this."
        )


def _readable(path: Path) -> bool:
    return path.is_dir() and os.access(path, os.R_OK | os.X_OK)


def _place(keyword: str, setting: str, detail: str) -> Place:
    return Place(keyword=keyword, detail=detail, rule=setting)
