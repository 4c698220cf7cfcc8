"""Spoil a right answer: bytes of XML in, wrong bytes out. Pure.

Works on the text, so that an answer can become what no XML library would write.
"""

import random
import re
from collections.abc import Callable

from gateway.simulation.faults import Fault

RUBBISH_BYTES = 512
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>\s*")
_NOTE = "<!-- Prüfstoff äöü -->"
_ROOT = re.compile(r"<(?![?!])(?P<name>[^\s/>]+)(?P<attributes>[^>]*?)(?P<end>/?>)")
_LAST_NUMBER = re.compile(r"\d+(?!.*\d)")
_VERSION = re.compile(r"(\sversion\s*=\s*)(\"[^\"]*\"|'[^']*')")
_OTHER_VERSION = '"0.0"'


def spoil(fault: Fault | None, data: bytes, *, seed: str) -> bytes:
    """Return the answer as the fault leaves it.

    Args:
        fault: A fault of another kind, or None, leaves it as it is.
        data: One XML document in UTF-8.
        seed: Decides what ``rubbish`` is.
    """
    if fault is Fault.EMPTY:
        return b""
    if fault is Fault.MALFORMED:
        return data[: len(data) // 2]
    if fault is Fault.RUBBISH:
        return random.Random(seed).randbytes(RUBBISH_BYTES)  # noqa: S311 - no secret
    change = _CHANGES.get(fault) if fault is not None else None
    return data if change is None else change(data.decode())


def _latin_1(text: str) -> bytes:
    # What ISO-8859-1 has not becomes a character reference, as a writer of it would do.
    return _with_note(text).encode("iso-8859-1", "xmlcharrefreplace")


def _utf_16(text: str) -> bytes:
    return text.encode("utf-16")


def _invalid_utf_8(text: str) -> bytes:
    before, note, after = _with_note(text).partition(_NOTE)
    return before.encode() + note.encode().replace("ü".encode(), b"\xff") + after.encode()


def _with_note(text: str) -> str:
    """A comment in front of the root: every answer then has letters that are not ASCII."""
    declaration = _DECLARATION.match(text)
    at = declaration.end() if declaration else 0
    return text[:at] + _NOTE + text[at:]


def _other_edition(text: str) -> bytes:
    root = _root(text)
    prefix = root["name"].rpartition(":")[0]
    declares = re.compile(rf"\s{'xmlns:' + prefix if prefix else 'xmlns'}\s*=\s*[\"']([^\"']*)")
    declared = declares.search(root["attributes"])
    if declared is None:
        at = root.end("name")
        return (text[:at] + ' xmlns="urn:another:edition"' + text[at:]).encode()
    start, end = (root.start("attributes") + at for at in declared.span(1))
    return (text[:start] + _next_edition(declared[1]) + text[end:]).encode()


def _next_edition(namespace: str) -> str:
    """The namespace with the last number in it one higher."""
    if not _LAST_NUMBER.search(namespace):
        return f"{namespace}:2"
    return _LAST_NUMBER.sub(lambda found: str(int(found[0]) + 1), namespace)


def _other_version(text: str) -> bytes:
    root = _root(text)
    attributes, changed = _VERSION.subn(rf"\g<1>{_OTHER_VERSION}", root["attributes"])
    if not changed:
        attributes = f"{attributes} version={_OTHER_VERSION}"
    start, end = root.span("attributes")
    return (text[:start] + attributes + text[end:]).encode()


def _other_root(text: str) -> bytes:
    root = _root(text)
    prefix, colon, _ = root["name"].rpartition(":")
    other = f"{prefix}{colon}anotherRoot"
    start, end = root.span("name")
    text = text[:start] + other + text[end:]
    before, tag, after = text.rpartition(f"</{root['name']}")
    return (f"{before}</{other}{after}" if tag else text).encode()


def _root(text: str) -> re.Match[str]:
    found = _ROOT.search(text)
    if found is None:
        raise ValueError("An answer to be spoilt is XML.")
    return found


_CHANGES: dict[Fault, Callable[[str], bytes]] = {
    Fault.LATIN_1: _latin_1,
    Fault.UTF_16: _utf_16,
    Fault.INVALID_UTF_8: _invalid_utf_8,
    Fault.OTHER_EDITION: _other_edition,
    Fault.OTHER_VERSION: _other_version,
    Fault.OTHER_ROOT: _other_root,
}
