"""Hostile messages of one mebibyte each, and the valid one they are measured against.

Those that a parser takes are woven into a valid answer, so that the schema check sees them too.
"""

import json
from collections.abc import Callable
from pathlib import Path

from lxml import etree

MIB = 1 << 20
ANSWER = Path(__file__).parents[3] / "adapters/xmeld/examples/answer-several-hits.wire.xml"
XMELD = "{http://www.osci.de/xmeld2511a}"

Attack = Callable[[], bytes]


def valid_xml(size: int = MIB) -> bytes:
    """A valid answer of about this size with as many hits as fit, written without white space."""
    root = etree.parse(ANSWER, etree.XMLParser(remove_blank_text=True)).getroot()
    person = next(root.iter(f"{XMELD}person"))
    whole, one = (len(etree.tostring(node)) for node in (root, person))
    for _ in range(min((size - whole) // one, 900)):
        person.addnext(etree.fromstring(etree.tostring(person)))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=False)


def valid_json() -> bytes:
    """A valid answer of about a mebibyte, written without white space."""
    answer = json.loads(ANSWER.with_name("answer-several-hits.api.json").read_bytes())
    persons = answer["result"]["persons"]
    one = len(json.dumps(persons[0], separators=(",", ":")))
    persons += [persons[0]] * min(MIB // one - len(persons) - 4, 900)
    return json.dumps(answer, separators=(",", ":"), ensure_ascii=False).encode()


def _split(mark: bytes) -> tuple[bytes, bytes]:
    before, found, after = valid_xml(0).partition(mark)
    assert found
    return before, after


def _text(piece: bytes, size: int = MIB) -> Attack:
    """Repeat a piece as the text of an element."""

    def build() -> bytes:
        before, after = _split(b"<name>")
        room = size - len(before) - len(after) - 6
        return before + b"<name>" + piece * (room // len(piece)) + after

    return build


def _attributes(write: Callable[[int], bytes]) -> Attack:
    """Give an element as many attributes as fit."""

    def build() -> bytes:
        before, after = _split(b"<leser>")
        left = MIB - len(before) - len(after) - 10
        pieces, number = [], 0
        while left > 0:
            pieces.append(write(number))
            left -= len(pieces[-1])
            number += 1
        return before + b"<leser" + b"".join(pieces[:-1]) + b">" + after

    return build


def _few_attributes(write: Callable[[int], bytes], number: int) -> Attack:
    def build() -> bytes:
        before, after = _split(b"<leser>")
        return before + b"<leser" + b"".join(map(write, range(number))) + b">" + after

    return build


def _elements(piece: bytes, last: bytes = b"", most: int = MIB) -> Attack:
    """Repeat elements where any number of them is allowed, as many as brackets allow."""

    def build() -> bytes:
        before, after = _split(b"</leser>")
        number = min(
            most, (MIB - 12_000) // len(piece), (48_000 - last.count(b"<")) // piece.count(b"<")
        )
        return before + piece * number + last + b"</leser>" + after

    return build


def _value(piece: bytes) -> Attack:
    """Fill a value whose type allows but few characters."""

    def build() -> bytes:
        before, after = _split(b"<erstellungszeitpunkt>")
        room = MIB - len(before) - len(after) - 30
        return before + b"<erstellungszeitpunkt>" + piece * (room // len(piece)) + after

    return build


def _doctype(subset: bytes, content: bytes) -> Attack:
    """A document type, and content repeated to the whole size."""
    return lambda: (
        b"<!DOCTYPE a ["
        + subset
        + b"]><a>"
        + content * ((MIB - len(subset) - 24) // len(content))
        + b"</a>"
    )


def _levels(name: bytes, number: int) -> Attack:
    return lambda: (b"<%s>" % name) * number + (b"</%s>" % name) * number


def _colliding() -> bytes:
    """Attributes of one name under many prefixes of one namespace."""
    declared = b"".join(b' xmlns:p%d="urn:a"' % number for number in range(2_000))
    used = b"".join(b' p%d:a=""' % number for number in range(2_000))
    return b"<a" + declared + used + b"/>"


def _scopes(deep: int, wide: int) -> Attack:
    """Every level declares more namespaces; the elements at the bottom look up the first."""

    def build() -> bytes:
        start = b"".join(
            b"<e"
            + b"".join(b' xmlns:n%dx%d="u"' % (level, number) for number in range(wide))
            + b">"
            for level in range(deep)
        )
        end = b"</e>" * deep
        bottom = b"<n0x0:a/>"
        return start + bottom * min((MIB - len(start) - len(end)) // len(bottom), 40_000) + end

    return build


def _encoded(name: str, declared: str) -> Attack:
    text = f'<?xml version="1.0" encoding="{declared}"?><a>' + "x" * (MIB // 4 - 99) + "</a>"
    return lambda: text.encode(name)


def _padded(start: bytes, end: bytes = b"") -> Attack:
    return lambda: start + b"x" * (MIB - len(start) - len(end)) + end


_BOMB = b"".join(
    b'<!ENTITY e%d "%s">' % (level, b"&e%d;" % (level - 1) * 10) for level in range(1, 10)
)
_XINCLUDE = (
    b'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
)

_CONTACT = (
    b'<erreichbarkeit><kanal listVersionID="%s"><code>%s</code></kanal>'
    b"<kennung>%s</kennung></erreichbarkeit>"
)

# Name to message and verdict: the keyword of the refusal, "faulty" where only the schema refuses
# it, "valid" where it is a message like any other.
XML: dict[str, tuple[Attack, str]] = {
    "entity bomb": (_doctype(b'<!ENTITY e0 "lol">' + _BOMB, b"&e9;"), "doctype"),
    "entity ring": (_doctype(b'<!ENTITY a "&b;"><!ENTITY b "&a;">', b"&a;"), "doctype"),
    "quadratic entity": (_doctype(b'<!ENTITY a "' + b"B" * 50_000 + b'">', b"&a;"), "doctype"),
    "external entity": (_doctype(b'<!ENTITY a SYSTEM "file:///etc/passwd">', b"&a;"), "doctype"),
    "entity over the network": (
        _doctype(b'<!ENTITY a SYSTEM "http://127.0.0.1:9/">', b"&a;"),
        "doctype",
    ),
    "parameter entity": (
        _doctype(b'<!ENTITY % a SYSTEM "file:///etc/passwd">%a;', b"x"),
        "doctype",
    ),
    "attribute list": (_doctype(b'<!ATTLIST a b CDATA "c">' * 40_000, b"x"), "doctype"),
    "document type far down": (
        lambda: b"<!-- x -->" * 40_000 + b"<?p x?>" * 40_000 + b"<!DOCTYPE a><a/>",
        "doctype",
    ),
    "undeclared entity": (_text(b"&a;"), "entity"),
    "character references": (_text(b"&#65;"), "valid"),
    "predefined entities": (_text(b"&amp;"), "valid"),
    "huge text": (_text(b"x"), "valid"),
    "brackets in text": (_text(b"]]&gt;"), "valid"),
    "carriage returns": (_text(b"\r"), "valid"),
    "text of four-byte characters": (_text("\U00010348".encode()), "faulty"),
    "CDATA flood": (_text(b"<![CDATA[xxxxxxxxxxx]]>"), "valid"),
    "CDATA, as many as brackets allow": (_text(b"<![CDATA[]]>"), "density"),
    "comment flood": (_text(b"<!-- xxxxxxxxxxxxx -->"), "valid"),
    "comment of one piece": (
        lambda: b"<!--" + b"x" * (MIB - 24_000) + b"-->" + valid_xml(0),
        "valid",
    ),
    "instruction flood": (_text(b"<?p xxxxxxxxxxxxxxxx?>"), "valid"),
    "included file": (_text(_XINCLUDE + b" " * 50), "faulty"),
    "unknown elements": (_text(b"<abcdefghijklmnop/>   "), "faulty"),
    "unknown elements with attributes": (
        _text(b'<a b="c"/>                                 '),
        "faulty",
    ),
    "elements of the right name without content": (_elements(b"<erreichbarkeit/>"), "faulty"),
    "faulty values": (_elements(_CONTACT % (b"x", b"y", b"z" * 20)), "faulty"),
    "faulty elements after many good ones": (
        _elements(_CONTACT % (b"3", b"02", b"+4936015503"), _CONTACT % (b"x", b"y", b"z") * 200),
        "faulty",
    ),
    "value that the type refuses": (_value(b"x"), "faulty"),
    "value that resembles a complaint": (_value(b" type '{"), "faulty"),
    "value of quotation marks": (_value(b"''"), "faulty"),
    "open elements": (lambda: b"<a>" * (MIB // 3), "density"),
    "nested deeply": (lambda: b"<a>" * 20_000 + b"</a>" * 20_000, "limit"),
    "nested in long names": (_levels(b"a" * 1_900, 250), "faulty"),
    "huge attribute": (lambda: b'<a b="' + b"x" * (MIB - 10) + b'"/>', "faulty"),
    "attribute of references": (lambda: b'<a b="' + b"&#10;" * (MIB // 5 - 5) + b'"/>', "faulty"),
    "attributes, more than allowed": (_attributes(lambda n: b' a%d=""' % n), "density"),
    "attributes in one element": (
        _few_attributes(lambda n: b' attribute_of_a_long_name%d=""' % n, 24_000),
        "density",
    ),
    "attributes in many elements": (
        _elements(
            b"<erreichbarkeit" + b"".join(b' a%d=""' % n for n in range(200)) + b"/>", most=120
        ),
        "faulty",
    ),
    "references in many texts": (
        _elements(b"<a>" + b"&amp;" * 150 + b"</a>", most=1_200),
        "faulty",
    ),
    "attributes of one name": (_few_attributes(lambda n: b' same=""', 24_000), "syntax"),
    "attributes of one name in one namespace": (_colliding, "namespace"),
    "namespaces": (_few_attributes(lambda n: b' xmlns:a%d="urn:%d"' % (n, n), 24_000), "valid"),
    "namespaces looked up": (_scopes(200, 100), "faulty"),
    "namespaces looked up far": (_scopes(250, 40), "faulty"),
    "schema elsewhere": (
        _few_attributes(
            lambda n: (
                b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
                b' xsi:schemaLocation="' + b"urn:a http://127.0.0.1:9/a.xsd " * 30_000 + b'"'
            ),
            1,
        ),
        "valid",
    ),
    "huge name": (lambda: b"<" + b"a" * (MIB - 3) + b"/>", "limit"),
    "UTF-16": (_encoded("utf-16", "UTF-16"), "encoding"),
    "UTF-16 without a mark": (_encoded("utf-16-be", "UTF-16BE"), "encoding"),
    "UTF-16 said to be UTF-8": (_encoded("utf-16-le", "UTF-8"), "encoding"),
    "UTF-32": (_encoded("utf-32-be", "UTF-32"), "encoding"),
    "UTF-7": (_padded(b'<?xml version="1.0" encoding="UTF-7"?>+ADw-a+AD4-'), "encoding"),
    "EBCDIC": (_encoded("cp500", "IBM500"), "encoding"),
    "overlong UTF-8": (_text(b"\xc0\xbc"), "encoding"),
    "overlong NUL": (_text(b"\xc0\x80"), "encoding"),
    "surrogates in UTF-8": (_text(b"\xed\xa0\x80"), "encoding"),
    "beyond Unicode": (_text(b"\xf4\x90\x80\x80"), "encoding"),
    "NUL": (_text(b"x\x00"), "character"),
    "reference to NUL": (_text(b"&#0;"), "character"),
    "control characters": (_text(b"\x0b"), "character"),
    "no character": (_text(b"\xef\xbf\xbf"), "character"),
    "declaration that does not end": (_padded(b'<?xml version="1.0" '), "syntax"),
    "declaration of blanks": (
        lambda: b"<?xml" + b" " * (MIB - 30) + b'version="1.0"?><a/>',
        "syntax",
    ),
    "declaration of many encodings": (
        lambda: b'<?xml version="1.0"' + b' encoding="x"' * 70_000 + b"?><a/>",
        "syntax",
    ),
    "second declaration": (_text(b'<?xml version="1.0"?>' + b" " * 20), "density"),
    "version 1.1": (_padded(b'<?xml version="1.1"?><a>', b"</a>"), "faulty"),
    "text after the root": (_padded(b"<a/>"), "trailing"),
    "second root": (lambda: b"<a/>" * 40_000, "trailing"),
    "comment that does not end": (_padded(b"<a/><!--"), "incomplete"),
    "comments half open": (lambda: b"<!--" * 40_000, "syntax"),
    "CDATA that does not end": (_padded(b"<a><![CDATA["), "incomplete"),
    "instructions half open": (lambda: b"<a>" + b"<?p " * 49_000, "syntax"),
    "blanks before the root": (lambda: b" " * MIB + b"<a/>", "size"),
    "blanks alone": (lambda: b" " * MIB, "incomplete"),
    "nothing but brackets": (lambda: b"<" * MIB, "density"),
}

DIGITS = b"1" * MIB
JSON: dict[str, tuple[Attack, str]] = {
    "open lists": (lambda: b"[" * MIB, "density"),
    "open objects": (lambda: b'{"a":' * (MIB // 5), "density"),
    "nested deeply": (lambda: b"[" * 40_000 + b"]" * 40_000, "depth"),
    "digits": (lambda: DIGITS, "number"),
    "digits in a list": (lambda: b"[" + (b"1" * 4_299 + b",") * 243 + b"1]", "faulty"),
    "digits behind a point": (lambda: b"0." + DIGITS[2:], "faulty"),
    "digits in an exponent": (lambda: b"1e" + DIGITS[2:], "faulty"),
    "same property": (lambda: b"{" + b'"a":1,' * (MIB // 6 - 1) + b'"a":1}', "density"),
    "many properties": (
        lambda: b"{" + b",".join(b'"%d":1' % number for number in range(80_000)) + b"}",
        "density",
    ),
    "many properties, as many as allowed": (
        lambda: b"{" + b",".join(b'"%09d":1' % number for number in range(74_000)) + b"}",
        "faulty",
    ),
    "numbers, as many as allowed": (
        lambda: b"[" + b",".join([b"1234567890123"] * 74_000) + b"]",
        "faulty",
    ),
    "many empty lists": (lambda: b"[" + b"[]," * (MIB // 3 - 2) + b"[]]", "density"),
    "many small numbers": (lambda: b"[" + b"7," * (MIB // 2 - 2) + b"7]", "density"),
    "many empty objects": (lambda: b"[" + b"{}," * (MIB // 3 - 2) + b"{}]", "density"),
    "lone surrogates": (lambda: b'"' + b"\\ud800" * (MIB // 6 - 1) + b'"', "encoding"),
    "escapes": (lambda: b'"' + b"\\u0041" * (MIB // 6 - 1) + b'"', "faulty"),
    "huge text": (lambda: b'"' + b"x" * (MIB - 2) + b'"', "faulty"),
    "text that does not end": (lambda: b'"' + b"x" * (MIB - 1), "incomplete"),
    "overlong UTF-8": (lambda: b'"' + b"\xc0\x80" * (MIB // 2 - 1) + b'"', "encoding"),
    "NUL": (lambda: b"\x00" * MIB, "syntax"),
    "blanks": (lambda: b" " * MIB, "incomplete"),
}
