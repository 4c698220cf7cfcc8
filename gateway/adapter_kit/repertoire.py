"""The characters that generated text is made of: DIN 91379, datatype C, as code point ranges.

Only what is its own canonical composition (NFC) is in the list, since maps compose what they read.
"""

import unicodedata

_RANGES = (
    "0009-000A 000D 0020-007E 00A0-00AC 00AE-017E 0187-0188 018F 0197 01A0-01A1 01AF-01B0 01B7 "
    "01CD-01DC 01DE-01DF 01E2-01F0 01F4-01F5 01F8-01FF 0212-0213 0218-021B 021E-021F 0227-0233 "
    "0259 0268 0292 02B9-02BA 02BE-02BF 02C8 02CC 1E02-1E03 1E06-1E07 1E0A-1E11 1E17 1E1C-1E2B "
    "1E2F-1E37 1E3A-1E3B 1E40-1E49 1E52-1E5B 1E5E-1E63 1E6A-1E6F 1E80-1E87 1E8C-1E97 1E9E "
    "1EA0-1EF9 2019 2021 20AC"
)


def _expanded(ranges: str) -> str:
    found = []
    for item in ranges.split():
        first, _, last = item.partition("-")
        found += [chr(code) for code in range(int(first, 16), int(last or first, 16) + 1)]
    return "".join(c for c in found if unicodedata.is_normalized("NFC", c))


CHARACTERS = _expanded(_RANGES)
"""Every single character of datatype C."""

LINE = "".join(c for c in CHARACTERS if c not in "\t\n\r")
"""Those that may stand in one line."""

LETTERS = "".join(c for c in CHARACTERS if unicodedata.category(c).startswith("L"))
"""Those that are letters."""

DIGITS = "0123456789"

TROUBLE = " \t\n\r&<>\"'=/-;]aZ0\u00df\u00e9\u015f"
"""What goes wrong first: blanks of every kind, markup, quotes, and a few letters around them."""

SEQUENCES = ("C\u0306", "K\u035fh", "\u010d\u0315", "l\u0325\u0304", "z\u0327", "\u1e63\u0304")
"""Letters of the norm that exist as base and combining marks only."""
