"""What adapters may rely on."""

import gateway.adapter_api as api
from gateway.translation.forms.codec import load_codec


class Doubled:
    """A codec as an adapter writes it, with nothing but the interface."""

    def decode(self, text: str) -> str:
        if len(text) % 2:
            raise api.ValueBreachError("odd", "Expected an even number of characters.")
        return text[::2]

    def encode(self, value: str) -> str:
        return "".join(character * 2 for character in value)


def test_a_codec_needs_the_interface_alone() -> None:
    codec: api.ValueCodec = Doubled()
    assert codec.decode(codec.encode("ab")) == "ab"
    assert load_codec(f"{__name__}:Doubled").read("aabb") == "ab"


def test_nothing_else_is_offered() -> None:
    assert sorted(api.__all__) == ["ValueBreachError", "ValueCodec"]
