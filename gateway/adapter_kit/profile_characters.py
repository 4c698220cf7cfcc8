"""Repertoires: the characters that texts of a standard may consist of, as patterns for XSD.

Kept out: who uses which (``profile_facets``).
"""

from collections.abc import Mapping

# Source: DIN 91379:2022-08, datatype C: single code points, and letters with combining marks that
# Unicode has no single code point for.
_ASCII = "0009-000A 000D 0020-007E"
_SINGLE = (
    "00A0-00AC 00AE-017E 0187-0188 018F 0197 01A0-01A1 01AF-01B0 01B7 "
    "01CD-01DC 01DE-01DF 01E2-01F0 01F4-01F5 01F8-01FF 0212-0213 0218-021B 021E-021F 0227-0233 "
    "0259 0268 0292 02B9-02BA 02BE-02BF 02C8 02CC 1E02-1E03 1E06-1E07 1E0A-1E11 1E17 1E1C-1E2B "
    "1E2F-1E37 1E3A-1E3B 1E40-1E49 1E52-1E5B 1E5E-1E63 1E6A-1E6F 1E80-1E87 1E8C-1E97 1E9E "
    "1EA0-1EF9 2019 2021 20AC"
)
SINGLE_CHARACTERS = f"{_ASCII} {_SINGLE}"
"""Every single code point of datatype C, as ranges in hexadecimal."""

_MARKED: Mapping[str, str] = {
    "0300": "CFGKMPSTZcfgkmpstz",
    "0301": "JjÿĪī",
    "0302": "DKLMNdklmn",
    "0304": "CFHKNPSTZcfhknpstzÛûḲḳṢṣṬṭỤụ",
    "0306": "CMNRZcmnrzÇç",
    "0307": "KUku",
    "0308": "CTZczẠạỌọỤụ",
    "030B": "Aa",
    "030C": "J",
    "030D": "ēō",
    "0310": "Mm",
    "0315": "CKPTckptČč",
    "031B": "KTkt",
    "031B 0304": "Ss",
    "0323": "CPcpČč",
    "0325": "LRlr",
    "0325 0304": "LRlr",
    "0326": "CHKLNchklnŽž",
    "0327": "ZzŽž",
    "0328 0306": "Cc",
    "0331": "HSs",
    "035F 0048": "K",
    "035F 0068": "Kk",
}
"""What follows (code points) to the letters that it may follow."""


def repertoire_names() -> tuple[str, ...]:
    """The repertoires there are."""
    return ("din-91379-c",)


def repertoire_pattern(name: str) -> str:
    """The pattern of texts of a repertoire; ``name`` is one of ``repertoire_names``."""
    if name not in repertoire_names():
        raise KeyError(name)
    # ASCII apart: libxml2 goes through a class range by range, for each character of each text.
    singles = [f"[{''.join(_part(i) for i in ranges.split())}]" for ranges in (_ASCII, _SINGLE)]
    marked = [
        f"[{letters}]{''.join(chr(int(point, 16)) for point in marks.split())}"
        for marks, letters in _MARKED.items()
    ]
    return f"({'|'.join([*singles, *marked])})*"


def _part(item: str) -> str:
    first, _, last = item.partition("-")
    return f"{_escaped(first)}-{_escaped(last)}" if last else _escaped(first)


def _escaped(point: str) -> str:
    names = {"0009": r"\t", "000A": r"\n", "000D": r"\r"}
    return names.get(point) or chr(int(point, 16))
