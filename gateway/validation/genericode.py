"""Read a code list in Genericode, as XRepository publishes them.

Nothing is repaired: cells are as published, blanks included, and a file whose codes are not unique
is refused. Kept out: where files are kept (``code_list_install``).

Source: OASIS Genericode 1.0; the key column is marked as the handbook for XÖV code lists says, in
any of its editions.
"""

import zlib
from collections.abc import Iterator, Sequence
from datetime import date

from lxml import etree

from gateway.errors import ConfigurationError, MalformedBodyError, Place
from gateway.validation.code_list import CodeList
from gateway.validation.xml_document import parse_xml

MOST_BYTES = 32 << 20
"""Most bytes of a code list, unpacked; that of all municipalities, the largest, has 3.2 MB."""

_ROOT = "{http://docs.oasis-open.org/codelist/ns/genericode/1.0/}CodeList"
_MOST_PLACES = 20
_GZIP = b"\x1f\x8b"
# Each edition of the handbook has a namespace and names of its own.
_KEY_MARKS = {"recommendedKeyColumn", "empfohleneCodeSpalte", "xoev-code"}
_VALID_FROM = {"validFrom", "datumGueltigkeitAb", "datumgueltigkeitab"}


def read_genericode(data: bytes) -> CodeList:
    """Return the code list of a file.

    Args:
        data: XML, or the same packed with gzip.

    Raises:
        ConfigurationError: It is too large, no Genericode, or its codes cannot be told apart.
    """
    try:
        root = parse_xml(_unpacked(data), limit=MOST_BYTES, drop_notes=True).root
    except MalformedBodyError as error:
        raise ConfigurationError("the code list is not readable", places=error.places) from None
    if root.tag != _ROOT:
        raise ConfigurationError("the file is no code list in Genericode 1.0")
    columns = tuple(column.get("Id", "") for column in root.iterfind("ColumnSet/Column"))
    key = _key_column(root)
    if key not in columns:
        raise ConfigurationError("the key of the code list names no column")
    return CodeList(
        uri=_said(root, "CanonicalUri"),
        version=_said(root, "Version"),
        name=_said(root, "LongName"),
        valid_from=_valid_from(root),
        columns=columns,
        key=key,
        rows=_rows(root, columns, columns.index(key)),
    )


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(_GZIP):
        return data
    stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        # One byte more than is taken, never more: a small file can unpack to anything.
        content = stream.decompress(data, MOST_BYTES + 1)
    except zlib.error:
        raise ConfigurationError("the packed code list is damaged") from None
    if len(content) <= MOST_BYTES and not stream.eof:
        raise ConfigurationError("the packed code list is incomplete")
    return content


def _said(root: etree._Element, name: str) -> str:
    text = (root.findtext(f"Identification/{name}") or "").strip()
    if not text:
        raise ConfigurationError(f"the code list does not say its {name}")
    return text


def _key_column(root: etree._Element) -> str:
    keys = root.findall("ColumnSet/Key")
    chosen = keys if len(keys) == 1 else [key for key in keys if _is_marked(key)]
    columns = [column.get("Ref", "") for key in chosen for column in key.iterfind("ColumnRef")]
    if len(columns) != 1:
        raise ConfigurationError("the code list does not say which single column holds the code")
    return columns[0]


def _is_marked(key: etree._Element) -> bool:
    return any(_local(mark) in _KEY_MARKS for mark in key.iterfind("Annotation/AppInfo/*"))


def _valid_from(root: etree._Element) -> date | None:
    for said in root.iterfind("Annotation/Description/*"):
        if _local(said) in _VALID_FROM and (said.text or "").strip():
            try:
                return date.fromisoformat((said.text or "").strip())
            except ValueError:
                raise ConfigurationError(
                    "the code list's first day of validity is no date"
                ) from None
    return None


def _local(element: etree._Element) -> str:
    return str(etree.QName(element).localname)


def _rows(root: etree._Element, columns: Sequence[str], key: int) -> dict[str, tuple[str, ...]]:
    if root.find("SimpleCodeList") is None:
        raise ConfigurationError("the code list has no rows of its own")
    positions = {name: position for position, name in enumerate(columns)}
    rows: dict[str, tuple[str, ...]] = {}
    faults: list[Place] = []
    for number, row in enumerate(root.iterfind("SimpleCodeList/Row"), start=1):
        cells = [""] * len(columns)
        for position, text in _values(row, positions):
            cells[position] = text
        code = cells[key]
        if not code or code in rows:
            detail = f"row {number} {'has a code of an earlier row' if code else 'has no code'}"
            faults.append(Place(keyword="code", detail=detail))
        rows[code] = tuple(cells)
    if faults:
        raise ConfigurationError(
            "the codes of the list are not unique", places=faults[:_MOST_PLACES]
        )
    return rows


def _values(row: etree._Element, positions: dict[str, int]) -> Iterator[tuple[int, str]]:
    position = -1
    for value in row.iterfind("Value"):
        # Genericode: a value that names no column belongs to the one after the last.
        name = value.get("ColumnRef")
        position = position + 1 if name is None else positions.get(name, len(positions))
        if position >= len(positions):
            raise ConfigurationError("a value of the code list belongs to no column")
        yield position, value.findtext("SimpleValue") or ""
