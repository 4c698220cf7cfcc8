import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.adapter_kit.generate import documents
from gateway.adapter_kit.mutations import document_mutations
from gateway.adapter_kit.specimens import Specimen, specimens
from gateway.translation import Map
from gateway.translation.ledger import Run
from gateway.translation.quick.reading import compile_reader
from gateway.translation.quick.writing import Writer, compile_writer
from tests.gateway.translation.quick.same import LEFT_TO_RULES, reads_the_same, writes_the_same

Examples = list[tuple[bytes, dict[str, Any]]]


def writer_of(found: Map) -> Writer:
    writer = compile_writer(found.scope)
    assert writer is not None
    return writer


def test_every_example_is_written_without_the_rules(xmeld_map: Map, examples: Examples) -> None:
    writer = writer_of(xmeld_map)
    assert examples
    assert all(writes_the_same(writer, xmeld_map.scope, document) for _, document in examples)


def test_a_document_with_a_change_is_written_the_same_or_left_to_the_rules(
    xmeld_map: Map, examples: Examples
) -> None:
    writer = writer_of(xmeld_map)
    outcomes = [
        writes_the_same(writer, xmeld_map.scope, json.loads(json.dumps(change.document)))
        for _, document in examples
        for change in document_mutations(document, xmeld_map.schema, most=80)
    ]
    assert True in outcomes
    assert False in outcomes


@settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_generated_documents_go_both_ways_as_by_the_rules(
    xmeld_map: Map, data: st.DataObject
) -> None:
    document = data.draw(documents(xmeld_map.schema))
    reader = compile_reader(xmeld_map.scope)
    assert reader is not None
    assert writes_the_same(writer_of(xmeld_map), xmeld_map.scope, document)
    out = ["<?xml version='1.0'?>"]
    xmeld_map.scope.write(document, out, Run())
    reads_the_same(reader, xmeld_map.scope, "".join(out).encode())


@pytest.mark.parametrize("specimen", specimens(), ids=lambda s: s.name)
def test_each_form_is_written_the_same_or_left_to_the_rules(
    specimen: Specimen, tmp_path: Path
) -> None:
    found = specimen.load(tmp_path)
    writer = compile_writer(found.scope)
    if writer is None:
        assert {specimen.form, specimen.name} & LEFT_TO_RULES
        return

    @settings(max_examples=40, deadline=None, database=None)
    @given(document=documents(specimen.schema))
    def check(document: dict[str, Any]) -> None:
        writes_the_same(writer, found.scope, document)

    check()


@pytest.mark.parametrize("text", ["a & b", "<tag>", "]]>", "line\rend", "a\tb"])
def test_a_text_with_markup_is_escaped(xmeld_map: Map, examples: Examples, text: str) -> None:
    _, document = examples[0]
    changed = json.loads(json.dumps(document))
    changed["sender"]["name"] = text
    assert xmeld_map.read(xmeld_map.write(changed).data).document["sender"]["name"] == text
