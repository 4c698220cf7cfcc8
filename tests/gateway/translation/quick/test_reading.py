from pathlib import Path
from typing import Any

import pytest

from gateway.adapter_kit.mutations import variations, wire_mutations
from gateway.adapter_kit.specimens import Specimen, specimens, wire_message
from gateway.errors import GatewayError
from gateway.translation import Map
from gateway.translation.quick.reading import Reader, compile_reader
from tests.gateway.translation.quick.same import LEFT_TO_RULES, reads_the_same

Examples = list[tuple[bytes, dict[str, Any]]]


def reader_of(found: Map) -> Reader:
    reader = compile_reader(found.scope)
    assert reader is not None
    return reader


def test_every_example_is_read_without_the_rules(xmeld_map: Map, examples: Examples) -> None:
    assert examples
    assert all(reads_the_same(reader_of(xmeld_map), xmeld_map.scope, data) for data, _ in examples)


def test_other_spellings_read_the_same(xmeld_map: Map, examples: Examples) -> None:
    reader = reader_of(xmeld_map)
    for data, _ in examples:
        for name, varied in variations(data):
            assert reads_the_same(reader, xmeld_map.scope, varied), name


def test_a_message_with_a_change_reads_the_same_or_is_left_to_the_rules(
    xmeld_map: Map, examples: Examples
) -> None:
    reader = reader_of(xmeld_map)
    read = left = 0
    for data, _ in examples:
        for change in wire_mutations(data, xmeld_map.namespaces, most=120):
            if reads_the_same(reader, xmeld_map.scope, change.data):
                read += 1
            else:
                left += 1
    assert read > 100
    assert left > 0


@pytest.mark.parametrize("specimen", specimens(), ids=lambda s: s.name)
def test_each_form_reads_the_same_or_is_left_to_the_rules(
    specimen: Specimen, tmp_path: Path
) -> None:
    found = specimen.load(tmp_path)
    reader = compile_reader(found.scope)
    if reader is None:
        assert {specimen.form, specimen.name} & LEFT_TO_RULES
        return
    for inside in specimen.messages:
        try:
            found.read(wire_message(inside))
        except GatewayError:
            continue
        reads_the_same(reader, found.scope, wire_message(inside))


def test_what_the_reader_gives_up_on_is_refused_with_its_place(
    xmeld_map: Map, examples: Examples
) -> None:
    data, _ = examples[0]
    spoilt = data.replace(b"<leser>", b'<leser xmlns:o="urn:o" o:extra="1">')
    with pytest.raises(GatewayError) as caught:
        xmeld_map.read(spoilt)
    assert any("leser" in (place.wire or "") for place in caught.value.places)
