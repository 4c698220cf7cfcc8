"""What the installed editions of a code list say of the codes that travel (Genericode 1.0, XÖV).

Reading warns: an answer that holds an outdated code is still an answer. Writing refuses a code that
the edition spoken on the channel does not have. Kept out: finding editions (``CodeListCatalogue``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.translation.slots import Slot
from gateway.translation.values import ValueBreachError
from gateway.validation.code_list_catalogue import CodeKind, CodeListCatalogue, CodeStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class ListReference:
    """Which list the codes of a rule are of: texts, or the fields that say them.

    Attributes:
        uri: Canonical URI of the list.
        version: The edition spoken.
    """

    uri: str | Slot
    version: str | Slot


class CodeWatch:
    """Asks about codes of one rule.

    Args:
        reference: The list.
        lists: Installed editions.
    """

    def __init__(self, reference: ListReference, lists: CodeListCatalogue) -> None:
        self._reference = reference
        self._lists = lists

    def seen(self, code: str, obj: Mapping[str, Any]) -> str | None:
        """Why a code that was read deserves a warning; None: it does not."""
        return _warning(self._status(code, obj))

    def said(self, code: str, obj: Mapping[str, Any]) -> str | None:
        """The same of a code that is to be written.

        Raises:
            ValueBreachError: The edition that is spoken does not have the code.
        """
        status = self._status(code, obj)
        if status is not None and not status.in_edition:
            if status.kind is CodeKind.REMOVED:
                raise ValueBreachError(
                    "code-removed",
                    f"The code list has this code no longer since version {status.removed_in}, and "
                    "the recipient speaks that or a later one. Say what replaces it.",
                )
            if status.kind is CodeKind.UNKNOWN:
                raise ValueBreachError(
                    "code",
                    "The code list has no such code in the version that the recipient speaks.",
                )
        return _warning(status)

    def _status(self, code: str, obj: Mapping[str, Any]) -> CodeStatus | None:
        uri, version = _text(self._reference.uri, obj), _text(self._reference.version, obj)
        if uri is None or version is None:
            return None
        return self._lists.status(uri, version, code)


_UNCHECKED = "this version of the code list is not installed, so the code was not checked"


def _warning(status: CodeStatus | None) -> str | None:
    if status is None or status.kind is CodeKind.NOT_INSTALLED:
        return _UNCHECKED
    if status.kind is CodeKind.REMOVED:
        return f"version {status.removed_in} of the code list has this code no longer"
    if status.kind is CodeKind.UNKNOWN:
        return "the version of the code list that the message names has no such code"
    return None


def _text(said: str | Slot, obj: Mapping[str, Any]) -> str | None:
    value = said.get(obj) if isinstance(said, Slot) else said
    return value if type(value) is str else None
