"""All that the Python of an adapter may import: names, no code."""

from gateway.translation.forms.codec import ValueCodec
from gateway.translation.values import ValueBreachError

__all__ = ["ValueBreachError", "ValueCodec"]
