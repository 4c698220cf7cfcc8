"""Codes that the installed editions of their list have, have lost, or never had."""

from pathlib import Path

import pytest

from gateway.errors import NotExpressibleError
from gateway.translation import Ledger, Map
from gateway.validation.code_list_catalogue import CodeListCatalogue
from tests.gateway.translation.making import STR, Maker, arr, obj, refused, wire
from tests.gateway.validation.code_lists import URI, install_editions

EDITIONS = {
    "1": ("2024-01-01", "red blue"),
    "2": ("2025-01-01", "blue green"),
    "3": ("2026-01-01", "green grey"),
}
RULES = f"""
  - each: {{ wire: c, api: colours }}
    rules:
      - {{ const: "{URI}", wire: "@listURI", write: never }}
      - {{ supply: codelist.colour.version, api: version, wire: "@listVersionID", optional: true }}
      - {{ api: code, wire: code, list: {{ uri: "@listURI", version: "@listVersionID" }} }}
"""
SCHEMA = obj(colours=arr(obj("version", version=STR, code=STR)))


@pytest.fixture
def lists(tmp_path: Path) -> CodeListCatalogue:
    return install_editions(tmp_path, EDITIONS)


@pytest.fixture
def compiled(make: Maker, lists: CodeListCatalogue) -> Map:
    return make(RULES, SCHEMA, lists=lists)


def message(*colours: tuple[str, str]) -> bytes:
    return wire("".join(f'<c listVersionID="{v}"><code>{code}</code></c>' for v, code in colours))


def warned(ledger: Ledger) -> list[tuple[str, str]]:
    return [(note.wire, note.reason) for note in ledger.warnings]


@pytest.mark.parametrize(
    ("version", "code", "reason"),
    [
        ("3", "grey", None),
        ("2", "green", None),
        ("1", "red", "version 2 of the code list has this code no longer"),
        ("2", "blue", "version 3 of the code list has this code no longer"),
        ("3", "red", "version 2 of the code list has this code no longer"),
        ("2", "grey", "the version of the code list that the message names has no such code"),
        (
            "4",
            "grey",
            "this version of the code list is not installed, so the code was not checked",
        ),
    ],
)
def test_reading_warns_and_carries_the_code(
    compiled: Map, version: str, code: str, reason: str | None
) -> None:
    reading = compiled.read(message(("3", "green"), (version, code)))
    assert reading.document["colours"][1] == {"version": version, "code": code}
    expected = [] if reason is None else [("/x:m/c[2]/code", reason)]
    assert warned(reading.ledger) == expected


@pytest.mark.parametrize(
    ("version", "code", "keyword", "says"),
    [
        ("2", "red", "code-removed", "since version 2"),
        ("3", "blue", "code-removed", "since version 3"),
        ("2", "grey", "code", "no such code"),
    ],
)
def test_writing_refuses_what_the_recipient_does_not_know(
    compiled: Map, version: str, code: str, keyword: str, says: str
) -> None:
    document = {"colours": [{"version": "3", "code": "green"}, {"version": version, "code": code}]}
    with pytest.raises(NotExpressibleError) as caught:
        compiled.write(document)
    assert refused(caught.value) == (keyword, "/colours/1/code", "/x:m/c[2]/code")
    assert says in caught.value.places[0].detail
    assert code not in caught.value.places[0].detail


def test_writing_warns_of_a_code_that_will_not_last(compiled: Map) -> None:
    writing = compiled.write({"colours": [{"version": "2", "code": "blue"}]})
    assert warned(writing.ledger) == [
        ("/x:m/c[*]/code", "version 3 of the code list has this code no longer")
    ]
    assert writing.ledger.mapped + writing.ledger.supplied == len(("version", "code"))


def test_a_code_whose_version_nobody_says_is_not_checked_and_the_ledger_says_so(
    compiled: Map,
) -> None:
    reading = compiled.read(wire("<c><code>red</code></c>"))
    assert [reason for _, reason in warned(reading.ledger)] == [
        "this version of the code list is not installed, so the code was not checked"
    ]
    assert warned(compiled.write(reading.document).ledger)


def test_without_an_installed_edition_codes_go_the_quick_way(make: Maker) -> None:
    compiled = make(RULES, SCHEMA)
    assert warned(compiled.read(message(("3", "red"))).ledger) == []
    assert compiled.code_lists == {URI}


def test_words_are_asked_for_by_their_codes(make: Maker, lists: CodeListCatalogue) -> None:
    rules = f"""
  - {{ const: "{URI}", wire: "@uri" }}
  - api: colour
    wire: c
    as: code
    codes: {{ red: warm, green: cool }}
    list: {{ uri: "@uri", version: "3" }}
"""
    compiled = make(rules, obj(colour=STR), lists=lists)
    assert not compiled.write({"colour": "cool"}).ledger.warnings
    with pytest.raises(NotExpressibleError) as caught:
        compiled.write({"colour": "warm"})
    assert refused(caught.value)[0] == "code-removed"


def test_a_list_that_the_message_itself_names(make: Maker, lists: CodeListCatalogue) -> None:
    rules = """
  - { api: list, wire: "@uri" }
  - { api: code, wire: c, as: code, list: { uri: "@uri", version: "3" } }
"""
    compiled = make(rules, obj(list=STR, code=STR), lists=lists)
    assert warned(compiled.read(wire("<c>red</c>", f"uri='{URI}'")).ledger)
    assert not warned(compiled.read(wire("<c>grey</c>", f"uri='{URI}'")).ledger)
    assert compiled.code_lists == frozenset()


def test_one_direction_is_looked_up_too(make: Maker, lists: CodeListCatalogue) -> None:
    rules = f"""
  - api: code
    wire: c
    as: code
    list: {{ uri: "{URI}", version: "3" }}
    only: write
    optional: true
    reason: for the clerk
"""
    compiled = make(rules, obj("code", code=STR), lists=lists)
    with pytest.raises(NotExpressibleError) as caught:
        compiled.write({"code": "red"})
    assert refused(caught.value)[0] == "code-removed"
