"""The characters that generated text is made of: DIN 91379, datatype C.

Only what is its own canonical composition (NFC) is in the list, since maps compose what they read.
"""

import unicodedata

from gateway.validation.repertoire import repertoire

CHARACTERS = "".join(
    c for c in repertoire("din-91379-c").characters if unicodedata.is_normalized("NFC", c)
)
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
