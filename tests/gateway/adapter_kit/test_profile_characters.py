import re
import unicodedata

import pytest

from gateway.adapter_kit.profile_characters import repertoire_names, repertoire_pattern


def is_of_repertoire(text: str) -> bool:
    return re.fullmatch(repertoire_pattern("din-91379-c"), text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "M\u00fcller-L\u00fcdenscheidt",
        "\u1e9e \u20ac\t\n",
        "C\u0306",
        "K\u035fh",
        "l\u0325\u0304",
    ],
)
def test_latin_letters_of_the_norm_are_in(text: str) -> None:
    assert is_of_repertoire(text)


@pytest.mark.parametrize(
    "text", ["\u0394", "\u6f22", "x\u0306", "\u0306", "\u00ad", "\x7f", "\u2030"]
)
def test_everything_else_is_not(text: str) -> None:
    assert not is_of_repertoire(text)


def test_marked_letters_have_no_code_point_of_their_own() -> None:
    for text in ("A\u030b", "z\u0327", "\u1ee5\u0308"):
        assert unicodedata.normalize("NFC", text) == text
        assert is_of_repertoire(text)


def test_unknown_repertoire_is_an_error() -> None:
    assert "other" not in repertoire_names()
    with pytest.raises(KeyError):
        repertoire_pattern("other")
