"""Parse a wire message that may be hostile.

Every limit that needs no parser is checked on the bytes first; the parser then opens no file and no
connection and expands no entity. Kept out: what the message must look like (``xml_schema``).

Source: the limits are those of the map language ("hostile XML").
"""

import re
from dataclasses import dataclass

from lxml import etree

from gateway.errors import MalformedBodyError, Place
from gateway.validation.xml_syntax import describe_syntax_error

TAGS_PER_MIB = 50_000
"""Most ``<`` in a document for each MiB of its limit; a real XMeld message has some 44,000."""

EQUALS_PER_MIB = 25_000
"""Most ``=`` in a document for each MiB of its limit, so most attributes; a real XMeld message has
some 8,000. Without it, a megabyte of unknown attributes costs the schema check 80 MiB of log."""

ENCODINGS = frozenset({"utf-8", "us-ascii", "iso-8859-1", "iso-8859-15"})
"""Encodings a message may declare; all agree with ASCII on markup, which the byte scans need."""

_MIB = 1 << 20
_DOCTYPE = "a document type declaration is not taken"
_BOM = b"\xef\xbb\xbf"
_DECLARATION = re.compile(rb"<\?xml\s[^>]*?\?>")
_ENCODING = re.compile(rb"""\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
# What may precede the root element, in one piece; a DOCTYPE is deliberately not in it.
_PROLOG = re.compile(rb"(?:\s+|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_CDATA = re.compile(rb"<!\[CDATA\[.*?\]\]>|<!--|<\?", re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class XmlDocument:
    """A parsed message.

    Attributes:
        root: The root element; comments and processing instructions are in the tree unless they
            were dropped.
        has_notes: Whether the bytes hold a comment or a processing instruction, anywhere.
        is_utf8: Whether the bytes are UTF-8 (US-ASCII included).
    """

    root: etree._Element
    has_notes: bool
    is_utf8: bool


def parse_xml(data: bytes, *, limit: int, drop_notes: bool = False) -> XmlDocument:
    """Return the message that ``data`` holds.

    Entities other than the five of XML are refused, as is any DOCTYPE. CDATA sections become text.
    May run in several threads at once: each call has a parser of its own (measured: 2 µs of 60 for
    5.5 kB, so keeping one per thread does not pay).

    Args:
        data: One XML 1.0 document in UTF-8 (with or without byte order mark), US-ASCII, ISO-8859-1
            or ISO-8859-15, declared as such.
        limit: Most bytes that are taken; also sets how many tags.
        drop_notes: Leave comments and processing instructions out of the tree.

    Raises:
        MalformedBodyError: A limit is passed, or the bytes are not well-formed; names the kind of
            fault, line and column.
    """
    if len(data) > limit:
        raise _refused("size", f"{len(data)} bytes are more than the limit of {limit}")
    _check_encoding(data)
    _check_markup(data, limit)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        dtd_validation=False,
        collect_ids=False,
        remove_comments=drop_notes,
        remove_pis=drop_notes,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        keyword, text = describe_syntax_error(error)
        raise _refused(keyword, text) from None
    # The byte scans have seen to it already; this holds even if they should miss a form.
    docinfo = root.getroottree().docinfo
    if docinfo.internalDTD is not None:
        raise _refused("doctype", _DOCTYPE)
    encoding = (docinfo.encoding or "utf-8").lower()
    if encoding not in ENCODINGS:
        raise _refused("encoding", f"the encoding is none of {_listed()}")
    is_utf8 = encoding in ("utf-8", "us-ascii")
    return XmlDocument(root=root, has_notes=_has_notes(data), is_utf8=is_utf8)


def _refused(keyword: str, detail: str) -> MalformedBodyError:
    place = Place(keyword=keyword, detail=detail)
    return MalformedBodyError(f"the message is not taken as XML: {detail}", places=[place])


def _check_encoding(data: bytes) -> None:
    # Every other encoding of XML shows within the first four bytes (XML 1.0, appendix F).
    start = len(_BOM) if data.startswith(_BOM) else 0
    if b"\x00" in data[:4] or data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:1] == b"\x4c":
        raise _refused("encoding", f"only {_listed()} are taken")
    declaration = _DECLARATION.match(data, start)
    declared = _ENCODING.search(declaration[0]) if declaration else None
    name = declared[1].decode().lower() if declared else "utf-8"
    if name not in ENCODINGS:
        raise _refused("encoding", f"the declared encoding is none of {_listed()}")
    if start and name != "utf-8":
        raise _refused("encoding", "the byte order mark says UTF-8, the declaration otherwise")


def _listed() -> str:
    return ", ".join(sorted(name.upper() for name in ENCODINGS))


def _check_markup(data: bytes, limit: int) -> None:
    # Cheap question first: one byte is sought twenty times faster than a word, and seldom there.
    if b"!" in data and b"<!DOCTYPE" in data:
        start = len(_BOM) if data.startswith(_BOM) else 0
        prolog = _PROLOG.match(data, start)
        end = prolog.end() if prolog else start
        if data.startswith(b"<!DOCTYPE", end):
            raise _refused("doctype", _DOCTYPE)
    _check_density(data.count(b"<"), "opening brackets", most=TAGS_PER_MIB * limit // _MIB)
    _check_density(data.count(b"="), "equals signs", most=EQUALS_PER_MIB * limit // _MIB)


def _check_density(number: int, noun: str, *, most: int) -> None:
    if number > most:
        raise _refused("density", f"{number} {noun}; at most {most} are taken in one message")


def _has_notes(data: bytes) -> bool:
    start = len(_BOM) if data.startswith(_BOM) else 0
    declaration = _DECLARATION.match(data, start)
    start = declaration.end() if declaration else start
    if data.find(b"!", start) < 0 and data.find(b"?", start) < 0:
        return False
    # Inside CDATA both are text; outside it the parser has refused anything half open.
    return any(not found[0].startswith(b"<![") for found in _CDATA.finditer(data, start))
