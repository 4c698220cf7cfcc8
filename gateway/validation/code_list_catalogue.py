"""What the installed editions of code lists say about a code.

Kept out: installing (``code_list_install``) and comparing two editions (``code_list_diff``).
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from threading import Lock

from gateway.errors import ConfigurationError
from gateway.validation.code_list import CodeList
from gateway.validation.code_list_install import (
    CodeListManifest,
    list_code_lists,
    open_code_list,
)


class CodeKind(StrEnum):
    """What is known of a code."""

    KNOWN = "known"
    REMOVED = "removed"
    UNKNOWN = "unknown"
    NOT_INSTALLED = "not-installed"


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeStatus:
    """What the installed editions say of a code, asked for one of them.

    Attributes:
        kind: ``removed`` where an edition had it and a later one has not.
        in_edition: Whether the edition that was asked for has it.
        removed_in: Version of the first edition without it; None unless removed.
    """

    kind: CodeKind
    in_edition: bool = False
    removed_in: str | None = None


class CodeListCatalogue:
    """Opens code lists, each once; may be used from several threads.

    An edition that is installed while the gateway runs is seen by new catalogues only.
    """

    def __init__(self, installed: Path) -> None:
        """Remember where to look; nothing is read before it is asked for.

        Args:
            installed: Folder of installed editions; a missing folder means none.
        """
        self._installed = installed
        self._lock = Lock()
        self._open: dict[tuple[str, str], CodeList] = {}

    @cached_property
    def manifests(self) -> tuple[CodeListManifest, ...]:
        """The record of every installed edition, by list and validity.

        Raises:
            ConfigurationError: A record is not readable.
        """
        return list_code_lists(self._installed)

    @property
    def uris(self) -> frozenset[str]:
        """Canonical URIs of the lists of which an edition is installed."""
        return frozenset(self._editions)

    @cached_property
    def _editions(self) -> dict[str, tuple[str, ...]]:
        editions: dict[str, tuple[str, ...]] = {}
        for manifest in self.manifests:
            editions[manifest.uri] = (*editions.get(manifest.uri, ()), manifest.version)
        return editions

    def editions(self, uri: str) -> tuple[str, ...]:
        """Versions of a list in the order of their validity, not of their text; empty if none."""
        return self._editions.get(uri, ())

    def manifest(self, uri: str, version: str) -> CodeListManifest:
        """The record of one edition.

        Raises:
            ConfigurationError: It is not installed.
        """
        for manifest in self.manifests:
            if (manifest.uri, manifest.version) == (uri, version):
                return manifest
        raise ConfigurationError(
            f"{uri}, version {version}, is not installed: run `agency-gateway codelists install`"
        )

    def open(self, uri: str, version: str) -> CodeList:
        """One edition, read at the first call and proved to be unchanged.

        Raises:
            ConfigurationError: It is not installed, or was changed since.
        """
        key = (uri, version)
        if key not in self._open:
            manifest = self.manifest(uri, version)
            with self._lock:
                if key not in self._open:
                    self._open[key] = open_code_list(manifest, self._installed)
        return self._open[key]

    def status(self, uri: str, version: str, code: str) -> CodeStatus:
        """Say whether an edition has a code, and if a list has lost it, in which edition.

        A code of this edition that the newest installed one lacks is ``removed`` too: it may still
        be sent to those who speak this edition, but not for long.

        Raises:
            ConfigurationError: An edition was changed since it was installed.
        """
        editions = self.editions(uri)
        if version not in editions:
            return CodeStatus(kind=CodeKind.NOT_INSTALLED)
        has = [code in self.open(uri, edition).rows for edition in editions]
        here = editions.index(version)
        # What comes after this edition matters only to a code that it has.
        seen = has if has[here] else has[: here + 1]
        if not any(seen):
            return CodeStatus(kind=CodeKind.UNKNOWN)
        last = max(position for position, found in enumerate(seen) if found)
        if last == len(seen) - 1:
            return CodeStatus(kind=CodeKind.KNOWN, in_edition=True)
        return CodeStatus(
            kind=CodeKind.REMOVED, in_edition=has[here], removed_in=editions[last + 1]
        )
