"""``python``: a value type that an adapter brings as a class with ``decode`` and ``encode``.

The class passes the same laws as the types of the engine. What it raises is told as a fault of the
value by its kind: its own text may quote the value.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any, Protocol, cast

from gateway.translation.values import ValueBreachError, ValueType


class ValueCodec(Protocol):
    """What the named class offers; made once a map, without arguments, used from many threads."""

    def decode(self, text: str, /) -> str | int | bool:
        """The canonical value of a wire text; raises ``ValueBreachError`` for one that is none."""
        ...

    def encode(self, value: Any, /) -> str:
        """The wire text of a canonical value; raises ``ValueBreachError`` for one that is none."""
        ...


class CodecError(Exception):
    """The named class cannot be used; the text says why and holds no value."""


def load_codec(name: str) -> ValueType:
    """Import the class ``module:Class`` and make a value type of it.

    Raises:
        CodecError: There is no such class, or it lacks one of the two directions.
    """
    module, colon, attribute = name.partition(":")
    if not (module and colon and attribute):
        raise CodecError("`python` names a class as `module:Class`.")
    try:
        codec = cast("ValueCodec", getattr(import_module(module), attribute)())
    except (ImportError, AttributeError, TypeError) as error:
        raise CodecError(
            f"The class of `python` cannot be used ({type(error).__name__})."
        ) from None
    for direction in ("decode", "encode"):
        if not callable(getattr(codec, direction, None)):
            raise CodecError(f"The class of `python` has no `{direction}`: maps are two-way.")
    return ValueType(
        name="python",
        read=_guarded(codec.decode, "text"),
        print=_printed(_guarded(codec.encode, "value")),
        xsd="string",
    )


def _guarded(convert: Callable[[Any], Any], what: str) -> Callable[[Any], Any]:
    def guarded(given: Any) -> Any:
        try:
            return convert(given)
        except ValueBreachError:
            raise
        except Exception as error:  # noqa: BLE001 - a stranger's code; its text may quote the value
            raise ValueBreachError(
                "python", f"The adapter's class does not take this {what} ({type(error).__name__})."
            ) from None

    return guarded


def _printed(encode: Callable[[Any], Any]) -> Callable[[Any], str]:
    def show(value: Any) -> str:
        text = encode(value)
        if type(text) is not str:
            raise ValueBreachError("python", "The adapter's class returned no text.")
        return text

    return show
