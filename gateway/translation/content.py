"""What one text on the wire says: a value of a type, or a code that stands for a word."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gateway.translation.values import ValueBreachError, ValueType


class Codes:
    """A table from wire codes to canonical words, and back.

    Args:
        table: Wire code to canonical word.
        preferred: Canonical word to the wire code written, where several codes mean the same.
        fallback: Canonical word for codes that are not in the table; the value is then an object
            ``{"code": word}`` or ``{"code": fallback, "original": wire code}``.
    """

    def __init__(
        self, table: Mapping[str, str], preferred: Mapping[str, str], fallback: str | None
    ) -> None:
        self.table = dict(table)
        self.preferred = dict(preferred)
        self.fallback = fallback
        words = [word for word in table.values() if word not in preferred]
        self.is_ambiguous = len(words) > len(set(words))
        self.back = {word: code for code, word in table.items()} | dict(preferred)

    def faults(self) -> Iterator[str]:
        """What is wrong with the table itself."""
        if self.is_ambiguous:
            yield "Two codes mean the same; name the one to write under `preferred`."
        if any(self.table.get(code) != word for word, code in self.preferred.items()):
            yield "`preferred` names for each word one of the codes that mean it."
        if self.fallback is not None and self.fallback in self.table.values():
            yield "The `fallback` word must not be a word of the table."

    def spellings(self) -> dict[str, Any]:
        """Wire codes whose words are written as the same code; none where words are objects."""
        if self.fallback is not None:
            return {}
        return {code: word for code, word in self.table.items() if self.back[word] == code}

    def read(self, text: str) -> Any:
        """The canonical word or object for a wire code."""
        word = self.table.get(text)
        if self.fallback is None:
            if word is None:
                raise ValueBreachError(
                    "code", f"The code list has no such code; found {len(text)} characters."
                )
            return word
        return {"code": word} if word is not None else {"code": self.fallback, "original": text}

    def print(self, value: Any) -> str:
        """The wire code for a canonical word or object."""
        if self.fallback is None:
            return self._code(value)
        if type(value) is not dict:
            raise ValueBreachError("type", "Expected an object with `code`.")
        if value.get("code") != self.fallback:
            if "original" in value:
                raise ValueBreachError("code", "`original` goes only with the fallback code.")
            return self._code(value.get("code"))
        original = value.get("original")
        if type(original) is not str or original in self.table:
            raise ValueBreachError(
                "code", "`original` must be a code that the table does not translate."
            )
        return original

    def _code(self, word: Any) -> str:
        code = self.back.get(word) if type(word) is str else None
        if code is None:
            raise ValueBreachError("code", "The word stands for no code of the list.")
        return code


SPELT: dict[str, dict[str, Any]] = {
    "boolean": {"true": True, "false": False},
    "flag": {"true": True},
}
"""Types whose texts are few: the text that is written for each value."""


class Content:
    """A value type, with codes or without: text to value and back.

    Attributes:
        quick_read: The value of a text that the writer would spell the same, or None: then
            ``read`` has to look.
        quick_print: The text of a value, or None: then ``print`` has to look.
    """

    __slots__ = ("codes", "is_plain", "quick_print", "quick_read", "type")

    def __init__(self, value_type: ValueType, codes: Codes | None = None) -> None:
        self.type = value_type
        self.codes = codes
        self.is_plain = value_type.is_text and codes is None
        self.quick_read: Callable[[str], Any] = self._exact
        self.quick_print: Callable[[Any], str | None] = self._exact
        spellings = SPELT.get(value_type.name)
        if codes is not None:
            spellings = codes.spellings()
        if spellings is not None:
            self.quick_read = spellings.get
            self.quick_print = {value: text for text, value in spellings.items()}.get

    def read(self, text: str) -> tuple[Any, bool]:
        """The canonical value, and whether the writer would spell it differently."""
        value = self.type.read(text)
        if self.codes is None:
            return value, (value != text if type(value) is str else self.type.print(value) != text)
        word = self.codes.read(value)
        return word, self.codes.print(word) != text

    def _exact(self, text: Any) -> str | None:
        return text if type(text) is str and self.type.is_exact(text) else None

    def print(self, value: Any) -> str:
        """The wire text of a canonical value."""
        if self.codes is None:
            return self.type.print(value)
        return self.type.print(self.codes.print(value))
