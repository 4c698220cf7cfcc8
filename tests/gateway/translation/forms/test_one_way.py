"""Values that travel in one direction."""

import pytest

from gateway.errors import NotExpressibleError
from tests.gateway.translation.making import STR, Maker, arr, obj, refused, wire, written

RULES = """
  - { api: stamp, wire: "@stamp", optional: true, only: read, reason: "the registry stamps" }
  - { api: note, wire: n, optional: true, only: write, reason: "for the clerk" }
  - { supply: message.id, api: id, wire: "@id", only: write, optional: true, reason: "for logs" }
  - { api: a, wire: a }
"""
SCHEMA = obj("stamp note id", stamp=STR, note=STR, id=STR, a=STR)


def test_what_is_only_read_is_read_and_never_written(make: Maker) -> None:
    compiled = make(RULES, SCHEMA)
    document = compiled.read(wire("<a>1</a>", "stamp='s'")).document
    assert document == {"stamp": "s", "a": "1"}
    with pytest.raises(NotExpressibleError) as caught:
        compiled.write(document)
    assert refused(caught.value) == ("one-way", "/stamp", "/x:m/@stamp")


def test_what_is_only_written_is_dropped_on_the_way_back(make: Maker) -> None:
    compiled = make(RULES, SCHEMA)
    document = compiled.complete({"note": "geheim", "a": "1"}, {"message.id": "7"})
    assert written(compiled, document) == ' id="7"><n>geheim</n><a>1</a>'
    reading = compiled.read(compiled.write(document).data)
    assert reading.document == {"a": "1"}
    assert [(note.wire, note.reason) for note in reading.ledger.dropped] == [
        ("/x:m/@id", "for logs"),
        ("/x:m/n", "for the clerk"),
    ]


def test_required_counts_in_the_direction_that_is_used(make: Maker) -> None:
    rules = '  - { api: n, wire: n, only: write, reason: "w" }\n'
    compiled = make(rules, obj("n", n=STR))
    assert compiled.read(wire("")).document == {}
    with pytest.raises(NotExpressibleError) as caught:
        compiled.write({})
    assert refused(caught.value)[0] == "required"


@pytest.mark.parametrize(
    "rule",
    [
        "{ api: a, wire: n, only: read }",
        '{ api: a, wire: n, only: both, reason: "r" }',
        '{ api: a, wire: n, reason: "r" }',
        '{ api: a, wire: n, only: write, reason: "r" }',
        '{ api: nowhere, wire: n, only: read, reason: "r" }',
        '{ api: a, wire: n, only: read, reason: "r" }',
    ],
)
def test_misuse_is_a_fault_of_the_map(make: Maker, rule: str) -> None:
    assert make.faults(f"  - {rule}\n", obj(a=STR))[0].rule == "test.map.yaml:11"


def test_a_cut_text_is_kept_for_each_repeat(make: Maker) -> None:
    rules = """
  - each: { wire: i, api: i }
    rules:
      - { api: n, wire: n, optional: true, only: write, reason: w, truncate: t, length: 3 }
"""
    compiled = make(rules, obj(i=arr(obj("n", n=STR))))
    writing = compiled.write({"i": [{"n": "abcde"}, {"n": "xyzzy"}]})
    assert writing.kept == {"/x:m/i[1]/n": "abcde", "/x:m/i[2]/n": "xyzzy"}
