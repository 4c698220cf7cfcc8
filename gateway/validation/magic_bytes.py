"""Whether content begins as its media type does: a mistake or a disguise shows at once.

A table of our own, as small as what authorities take; a library that guesses any type would be
asked for these few only. Kept out: whether the rest is sound, which only its reader can tell.

Source: ISO 32000-1 §7.5.2 (PDF), RFC 2083 §12.11 (PNG), ITU-T T.81 §B.1.1.3 (JPEG), TIFF 6.0 §2,
PKWARE APPNOTE 4.3 (ZIP), W3C XML 1.0 §2.8 and Appendix F.
"""

from collections.abc import Mapping

LONGEST_BEGINNING_BYTES = 64
"""How much of the content is asked for."""

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_XML = (b"<", b"\xff\xfe<\x00", b"\xfe\xff\x00<", b"<\x00", b"\x00<")
_UTF8_MARK = b"\xef\xbb\xbf"

BEGINNINGS: Mapping[str, tuple[bytes, ...]] = {
    "application/pdf": (b"%PDF-",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/tiff": (b"II*\x00", b"MM\x00*"),
    "application/zip": _ZIP,
    "application/xml": _XML,
    "text/xml": _XML,
}
"""How content of a type begins; of other types nothing is known."""


def begins_as(media_type: str, beginning: bytes) -> bool:
    """Whether content may be of a type.

    Args:
        media_type: Lower case, without parameters; of an unknown one everything may be.
        beginning: The first ``LONGEST_BEGINNING_BYTES`` of the content, or all of it.
    """
    known = BEGINNINGS.get(media_type)
    if known is _XML:
        beginning = beginning.removeprefix(_UTF8_MARK).lstrip(b" \t\r\n")
    elif media_type.endswith("+zip") or media_type.startswith(_OFFICE):
        known = _ZIP
    return known is None or beginning.startswith(known)


_OFFICE = ("application/vnd.openxmlformats-", "application/vnd.oasis.opendocument.")
