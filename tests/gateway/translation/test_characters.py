"""Characters that XML cannot carry."""

import pytest

from gateway.errors import NotExpressibleError
from gateway.translation.characters import not_xml
from tests.gateway.translation.making import STR, Maker, arr, obj


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1f", "\ufffe", "\uffff"])
def test_character_outside_xml_is_refused_at_its_place(make: Maker, character: str) -> None:
    rules = "  - { each: { wire: i, api: a }, rules: [ { api: t, wire: t } ] }\n"
    compiled = make(rules, obj(a=arr(obj(t=STR))))
    with pytest.raises(NotExpressibleError) as caught:
        compiled.write({"a": [{"t": "fine"}, {"t": f"geheim{character}"}]})
    (place,) = caught.value.places
    assert (place.keyword, place.pointer, place.wire) == (
        "character",
        "/a/1/t",
        "/x:m/i[2]/t",
    )
    assert "geheim" not in str(caught.value)


def test_half_a_surrogate_pair_is_found() -> None:
    (place,) = not_xml({"a": ["ok", "x\ud800"], "n": 1})
    assert place.pointer == "/a/1"
    assert "U+D800 at position 1" in place.detail


def test_every_such_text_is_listed() -> None:
    assert len(list(not_xml({"a": "\x00", "b": {"c": "\x01"}}))) == 2
