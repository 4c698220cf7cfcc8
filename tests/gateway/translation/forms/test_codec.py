"""Value types that an adapter brings as a class."""

from typing import Any

import pytest

from gateway.errors import MessageRefusedError
from gateway.translation.forms.codec import CodecError, load_codec
from gateway.translation.values import ValueBreachError
from tests.gateway.translation.making import INT, Maker, obj, refused, wire, written

HERE = "tests.gateway.translation.forms.test_codec"


class Dozens:
    """Counts in dozens on the wire."""

    def decode(self, text: str) -> int:
        return int(text) * 12

    def encode(self, value: Any) -> str:
        if value % 12:
            raise ValueBreachError("dozens", "Expected whole dozens.")
        return str(value // 12)


class NoText:
    """Returns no text."""

    def decode(self, text: str) -> str:
        return text

    def encode(self, value: Any) -> Any:
        return value


RULES = f'  - {{ api: eggs, wire: n, python: "{HERE}:Dozens" }}\n'


def test_the_class_reads_and_writes(make: Maker) -> None:
    compiled = make(RULES, obj(eggs=INT))
    assert written(compiled, {"eggs": 24}) == "<n>2</n>"
    assert compiled.read(wire("<n>2</n>")).document == {"eggs": 24}


def test_what_it_refuses_or_fails_on_is_a_located_refusal(make: Maker) -> None:
    compiled = make(RULES, obj(eggs=INT))
    with pytest.raises(MessageRefusedError) as caught:
        compiled.write({"eggs": 25})
    assert refused(caught.value) == ("dozens", "/eggs", "/x:m/n")
    with pytest.raises(MessageRefusedError) as caught:
        compiled.read(wire("<n>geheim</n>"))
    assert refused(caught.value) == ("python", "/eggs", "/x:m/n")
    assert "ValueError" in str(caught.value.places[0])
    assert "geheim" not in str(caught.value)


def test_another_spelling_is_in_the_ledger(make: Maker) -> None:
    ledger = make(RULES, obj(eggs=INT)).read(wire("<n> 2 </n>")).ledger
    assert [note.wire for note in ledger.normalised] == ["/x:m/n"]


def test_a_class_that_returns_no_text_is_refused() -> None:
    with pytest.raises(ValueBreachError, match="no text"):
        load_codec(f"{HERE}:NoText").print(7)


@pytest.mark.parametrize(
    "name", ["", "nowhere:Class", f"{HERE}:Nobody", f"{HERE}:Maker", "builtins:object", "os"]
)
def test_a_class_that_cannot_be_used_is_a_fault_of_the_map(make: Maker, name: str) -> None:
    with pytest.raises(CodecError):
        load_codec(name)
    rule = f'  - {{ api: eggs, wire: n, python: "{name}" }}\n'
    assert make.faults(rule, obj(eggs=INT))[0].rule == "test.map.yaml:11"


def test_the_type_is_said_once(make: Maker) -> None:
    rule = f'  - {{ api: eggs, wire: n, as: integer, python: "{HERE}:Dozens" }}\n'
    assert "without `as`" in make.faults(rule, obj(eggs=INT))[0].detail
