"""Notice a large message of very many faults before its tree is checked.

Checking a tree, lxml notes for every fault where it stands, which takes the longer the more
siblings there are: one mebibyte of empty elements would cost seven seconds. A check while parsing
notes no places, and can be stopped. Kept out: saying what is wrong (``xml_faults``).
"""

import contextlib
import re

from lxml import etree

from gateway.validation.xml_document import new_parser
from gateway.validation.xml_faults import MOST_PLACES

MANY_MARKS = 2_000
"""Opening brackets and equals signs from which a message is looked at; a real XMeld search has
1,200. All faults of a smaller one together are cheap."""

MANY_SIBLINGS = 500
"""Children of one element from which lxml takes long to note where each of them stands."""

MOST_MARKS = 20_000
"""Marks up to which a message without such a crowd is checked as it is: each fault costs some
microseconds then."""

_SHORTEST_MARKED = len("<a/>")  # an attribute is longer

_IS_CROWDED = etree.XPath(f"boolean(//*[*[{MANY_SIBLINGS}]])")
_ENOUGH = 3 * MOST_PLACES  # libxml2 reports some faults twice
_CHUNK = 1 << 14
# Checking while parsing, libxml2 puts a text together from its entities in quadratic time. So long
# texts are left out; each may make two faults of its own that do not count.
_LONG_TEXT = re.compile(rb">[^<]{4096,}")


def faulty_beginning(
    schema: etree.XMLSchema, root: etree._Element, *, source: bytes = b""
) -> etree._Element | None:
    """Return the beginning of a message that has far more faults than are ever listed.

    Elements that are open where it ends miss content, but their faults come last.

    Args:
        schema: Not in use by another thread meanwhile; holds the log of the beginning's faults.
        root: The message. Not changed.
        source: The bytes it was parsed from, if at hand: they save printing a small one.

    Returns:
        The root of the beginning; None if the whole message has no such number of faults.
    """
    if source and _is_cheap(source, root):
        return None
    # Printed anew: sections of CDATA would be put together in quadratic time.
    data = etree.tostring(root, encoding="UTF-8", with_tail=False)
    if _is_cheap(data, root):
        return None
    short, cut = _LONG_TEXT.subn(b">", data)
    enough = _ENOUGH + 2 * cut
    parser = new_parser(drop_notes=True, schema=schema)
    try:
        for end in range(_CHUNK, len(short) + _CHUNK, _CHUNK):
            parser.feed(short[end - _CHUNK : end])
            if len(parser.feed_error_log) > enough:
                return _beginning(data, tags=short.count(b"<", 0, end))
    finally:
        # lxml frees the tree of a fed parser only when it has been handed over.
        with contextlib.suppress(etree.LxmlError):
            parser.close()
    return None


def _is_cheap(data: bytes, root: etree._Element) -> bool:
    """Whether all faults that a message may have cost little."""
    if len(data) < MANY_MARKS * _SHORTEST_MARKED:
        return True
    marks = data.count(b"<") + data.count(b"=")
    return marks < MANY_MARKS or (marks < MOST_MARKS and not _IS_CROWDED(root))


def _beginning(data: bytes, *, tags: int) -> etree._Element:
    rest = data.split(b"<", tags)[-1]
    beginning = data[: len(data) - len(rest) - 1]
    return etree.fromstring(beginning, new_parser(drop_notes=True, recover=True))
