"""The characters of DIN 91379 by group, and the datatypes that take each group; facts alone.

Sources: String.Latin+ 1.2 (777 characters and 147 sequences, all in Unicode NFC) for the groups;
the datatypes' edition 2022-08 for what they take, five of it not in those groups. How the facts
are used is in ``repertoire``.
"""

from collections.abc import Mapping

GROUPS: Mapping[str, tuple[str, str]] = {
    # Letters, and what names of persons need beside them.
    "bll": (
        "ABCDE",
        (
            "0041-005A 0061-007A 00C0-00D6 00D8-00F6 00F8-017E 0187-0188 018F 0197 01A0-01A1 "
            "01AF-01B0 01B7 01CD-01DC 01DE-01DF 01E2-01F0 01F4-01F5 01F8-01FF 0212-0213 0218-021B "
            "021E-021F 0227-0233 0259 0268 0292 1E02-1E03 1E06-1E07 1E0A-1E11 1E1C-1E2B 1E2F-1E37 "
            "1E3A-1E3B 1E40-1E49 1E52-1E5B 1E5E-1E63 1E6A-1E6F 1E80-1E87 1E8C-1E97 1E9E 1EA0-1EF9"
        ),
    ),
    "bnlreq": (
        "ABCDE",
        "0020 0027 002C-002E 0060 007E 00A8 00B4 00B7 02B9-02BA 02BE-02BF 02C8 02CC 2019 2021",
    ),
    # Digits, punctuation and signs.
    "bnl": (
        "BCDE",
        (
            "0021-0026 0028-002B 002F-0040 005B-005F 007B-007D 00A1-00A3 00A5 00A7 00A9-00AC "
            "00AE-00B3 00B5-00B6 00B9-00BB 00BF 00D7 00F7 20AC"
        ),
    ),
    "bnlopt": ("CDE", "00A4 00A6 00B8 00BC-00BE"),
    # Tab, line ends, no-break space.
    "bnlnot": ("CE", "0009-000A 000D 00A0"),
    # Greek; further signs; Cyrillic.
    "gl": ("DE", "0386 0388-038A 038C 038E-03A1 03A3-03CE"),
    "enl": (
        "DE",
        (
            "0192 02B0 02B3 02C6 02DC 02E2 1D48 1D57 2018 201A 201C-201E 2020 2026 2030 2039-203A "
            "2070 2074-2079 207F-2089 2122 221E 2264-2265"
        ),
    ),
    "cl": ("E", "040D 0410-042A 042C 042E-044A 044C 044E-044F 045D"),
    # Combining marks: a datatype takes them within its sequences only.
    "dc": ("", "0300-0302 0304 0306-0308 030B-030C 0310 0315 031B 0323 0325-0328 0331 035F"),
    # Added by the edition 2022-08.
    "bll-2022": ("ABCDE", "1E17"),
    "enl-2022": ("DE", "2032-2033"),
}
"""For each group: letters of the datatypes that take it, and its code points."""

SEQUENCES: Mapping[str, str] = {
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
"""What follows (code points) to the letters that it may follow; every datatype takes these.

Those of U+030D were added by the edition 2022-08.
"""
