"""The class that the specimen of the form ``python`` names: what an adapter would bring."""

from datetime import date, datetime
from typing import Any

from gateway.translation.values import ValueBreachError

_WIRE = "%d%m%Y"
_CANONICAL = "%Y-%m-%d"


class DayFirst:
    """A day as an old registry writes it: ``31012025``."""

    def decode(self, text: str) -> str:
        """``31012025`` to ``2025-01-31``."""
        return _turned(text, _WIRE, _CANONICAL)

    def encode(self, value: Any) -> str:
        """``2025-01-31`` to ``31012025``."""
        return _turned(value, _CANONICAL, _WIRE)


class Reading:
    """Half a codec: such a class is refused when the map is loaded."""

    def decode(self, text: str) -> str:
        """The text itself."""
        return text


def _turned(text: str, before: str, after: str) -> str:
    try:
        day = datetime.strptime(text, before).date()  # noqa: DTZ007 - a day has no time zone
    except ValueError:
        raise _no_day(text) from None
    # One digit where two belong would come back as two.
    if _printed(day, before) != text:
        raise _no_day(text)
    return _printed(day, after)


def _printed(day: date, form: str) -> str:
    # The C library's %Y leaves out the leading zeros of early years.
    return day.strftime(form.replace("%Y", f"{day.year:04}"))


def _no_day(text: str) -> ValueBreachError:
    return ValueBreachError("type", f"Expected a day, found {len(text)} characters.")
