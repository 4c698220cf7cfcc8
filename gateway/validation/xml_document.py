"""Parse a wire message that may be hostile.

Every limit that needs no parser is checked on the bytes first; the parser then opens no file and no
connection and expands no entity. Kept out: what the message must look like (``xml_schema``).

Source: the limits are those of the map language ("hostile XML").
"""

import re
import threading
from dataclasses import dataclass

from lxml import etree

from gateway.errors import MalformedBodyError, Place
from gateway.validation.xml_syntax import describe_syntax_error

TAGS_PER_MIB = 50_000
"""Most ``<`` in a document for each MiB of its limit; a real XMeld message has some 44,000."""

EQUALS_PER_MIB = 25_000
"""Most ``=`` in a document for each MiB of its limit, so most attributes; a real XMeld message has
some 8,000. Without it, a megabyte of unknown attributes costs the schema check 80 MiB of log."""

MOST_ATTRIBUTES = 250
"""Most attributes of one element; no standard has a tenth of it."""

ENCODINGS = frozenset({"utf-8", "us-ascii", "iso-8859-1", "iso-8859-15"})
"""Encodings a message may declare; all agree with ASCII on markup, which the byte scans need."""

_MIB = 1 << 20
_DOCTYPE = "a document type declaration is not taken"
MOST_MESSAGE_BYTES = 16 * 1024 * 1024
"""Length of a wire message that is parsed."""

_USUAL_DECLARATIONS = (
    b'<?xml version="1.0" encoding="UTF-8"?>',
    b"<?xml version='1.0' encoding='UTF-8'?>",
)
_BOM = b"\xef\xbb\xbf"
_CROWDED = etree.XPath(f"boolean(//*[@*[{MOST_ATTRIBUTES + 1}]])")
_DECLARATION = re.compile(rb"<\?xml\s[^>]{0,200}?\?>")
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
    May run in several threads at once: each has parsers of its own.

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
    encoding, start = _head(data)
    suspicious = b"!" in data and b"<!DOCTYPE" in data
    if suspicious:
        _refuse_doctype(data)
    _check_density(data, b"<", "opening brackets", most=TAGS_PER_MIB * limit // _MIB)
    _check_density(data, b"=", "equals signs", most=EQUALS_PER_MIB * limit // _MIB)
    try:
        root = etree.fromstring(data, _parser(drop_notes=drop_notes))
    except etree.XMLSyntaxError as error:
        keyword, text = describe_syntax_error(error)
        raise _refused(keyword, text) from None
    # In CDATA the word is text; this holds even if the scan of the prolog should miss a form.
    if suspicious and root.getroottree().docinfo.internalDTD is not None:
        raise _refused("doctype", _DOCTYPE)
    _refuse_crowd(data, root)
    return XmlDocument(
        root=root, has_notes=_has_notes(data, start), is_utf8=encoding in ("utf-8", "us-ascii")
    )


def parse_message(data: bytes) -> XmlDocument:
    """Parse a wire message; its comments and instructions are no data. Errors as ``parse_xml``."""
    return parse_xml(data, limit=MOST_MESSAGE_BYTES, drop_notes=True)


class _Parsers(threading.local):
    """One parser for each thread and way to parse: lxml's are not to be shared."""

    def __init__(self) -> None:
        self.by_way: dict[bool, etree.XMLParser] = {}


_parsers = _Parsers()


def _parser(*, drop_notes: bool) -> etree.XMLParser:
    parser = _parsers.by_way.get(drop_notes)
    if parser is None:
        parser = _parsers.by_way[drop_notes] = new_parser(drop_notes=drop_notes)
    return parser


def new_parser(
    *, drop_notes: bool, schema: etree.XMLSchema | None = None, recover: bool = False
) -> etree.XMLParser:
    """Return a parser that reads nothing but the bytes it is given and expands no entity."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        dtd_validation=False,
        collect_ids=False,
        remove_comments=drop_notes,
        remove_pis=drop_notes,
        schema=schema,
        recover=recover,
    )


def _refused(keyword: str, detail: str) -> MalformedBodyError:
    place = Place(keyword=keyword, detail=detail)
    return MalformedBodyError(f"the message is not taken as XML: {detail}", places=[place])


def _head(data: bytes) -> tuple[str, int]:
    """The declared encoding in lower case, and where the declaration ends."""
    for usual in _USUAL_DECLARATIONS:
        if data.startswith(usual):
            return "utf-8", len(usual)
    # Every other encoding of XML shows within the first four bytes (XML 1.0, appendix F).
    start = len(_BOM) if data.startswith(_BOM) else 0
    if b"\x00" in data[:4] or data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:1] == b"\x4c":
        raise _refused("encoding", f"only {_listed()} are taken")
    declaration = _DECLARATION.match(data, start)
    if (
        declaration is None
        and data[start : start + 5] == b"<?xml"
        and data[start + 5 : start + 6].isspace()
    ):
        raise _refused("syntax", "the XML declaration is too long, or does not end: line 1")
    declared = _ENCODING.search(declaration[0]) if declaration else None
    name = declared[1].decode().lower() if declared else "utf-8"
    if name not in ENCODINGS:
        raise _refused("encoding", f"the declared encoding is none of {_listed()}")
    if start and name != "utf-8":
        raise _refused("encoding", "the byte order mark says UTF-8, the declaration otherwise")
    return name, declaration.end() if declaration else start


def _listed() -> str:
    return ", ".join(sorted(name.upper() for name in ENCODINGS))


def _refuse_doctype(data: bytes) -> None:
    start = len(_BOM) if data.startswith(_BOM) else 0
    prolog = _PROLOG.match(data, start)
    if data.startswith(b"<!DOCTYPE", prolog.end() if prolog else start):
        raise _refused("doctype", _DOCTYPE)


def _check_density(data: bytes, sign: bytes, noun: str, *, most: int) -> None:
    if len(data) <= most:
        return  # not even if it held nothing else
    number = data.count(sign)
    if number > most:
        raise _refused("density", f"{number} {noun}; at most {most} are taken in one message")


def _refuse_crowd(data: bytes, root: etree._Element) -> None:
    equals = data.count(b"=")
    # Looked for only where most elements would have to have attributes.
    if equals > MOST_ATTRIBUTES and equals > data.count(b"<") and _CROWDED(root):
        raise _refused(
            "density", f"an element of more than {MOST_ATTRIBUTES} attributes is not taken"
        )


def _has_notes(data: bytes, start: int) -> bool:
    if data.find(b"!", start) < 0 and data.find(b"?", start) < 0:
        return False
    # Inside CDATA both are text; outside it the parser has refused anything half open.
    return any(not found[0].startswith(b"<![") for found in _CDATA.finditer(data, start))
