"""Adapters and operations are found, loaded, and their faults listed."""

from collections.abc import Callable
from datetime import timedelta
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from gateway.errors import ConfigurationError
from gateway.messaging.operation import OperationKind
from gateway.messaging.periods import Retention
from gateway.registry import (
    GROUP,
    AdapterFolder,
    find_adapters,
    load_adapter,
    load_adapters,
    load_operation,
)
from gateway.validation.catalogue import SchemaCatalogue, shipped_schemas

MANIFEST = """adapter: {name}
version: 1
standard: Test
edition: "1"
wireSchema: test/1
transports: [http]
operations:
  things/search/v1:
    request: [ {{ map: ask, when: {{ kind: a }} }}, {{ map: ask }} ]
    answer: [ {{ map: answer }} ]
test: {{ accepted: 0.9 }}
"""
MAP = """map: {name}
version: 1
api: doc.schema.json
wire: {{ format: xml, schema: test/1, root: m, namespaces: {{}} }}
rules: [ {{ api: a, wire: a }} ]
"""
SCHEMA = (
    '{"type": "object", "additionalProperties": false, "required": ["a"],'
    ' "properties": {"a": {"type": "string"}}}'
)
XSD = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="m"/></xs:schema>'

MakeAdapter = Callable[..., Path]


@pytest.fixture
def schemas(tmp_path: Path) -> SchemaCatalogue:
    folder = tmp_path / "schemas"
    (folder / "wire" / "test").mkdir(parents=True)
    (folder / "wire" / "test" / "1.xsd").write_text(XSD, encoding="utf-8")
    (folder / "doc.schema.json").write_text(SCHEMA, encoding="utf-8")
    return SchemaCatalogue(installed=None, shipped=folder)


@pytest.fixture
def make_adapter(tmp_path: Path) -> MakeAdapter:
    def make(name: str, manifest: str = MANIFEST, **maps: str) -> Path:
        folder = tmp_path / "adapters" / name
        folder.mkdir(parents=True)
        (folder / "adapter.yaml").write_text(manifest.format(name=name), encoding="utf-8")
        for file in ("ask", "answer"):
            text = maps.get(file, MAP.format(name=file))
            if text:
                (folder / f"{file}.map.yaml").write_text(text, encoding="utf-8")
        return folder

    return make


def test_adapter_is_loaded_from_its_folder(
    make_adapter: MakeAdapter, schemas: SchemaCatalogue
) -> None:
    adapter = load_adapter(make_adapter("one"), schemas)
    assert (adapter.name, adapter.version, adapter.standard, adapter.edition) == (
        "one",
        1,
        "Test",
        "1",
    )
    assert (adapter.transports, adapter.accepted, adapter.wire_schema) == (
        ("http",),
        0.9,
        "test/1",
    )
    exchange = adapter.exchanges["things/search/v1"]
    assert [dict(c.when) for c in exchange.requests] == [{"kind": "a"}, {}]
    assert exchange.requests[0].map is exchange.requests[1].map is adapter.maps["ask"]
    assert exchange.read_answer(b"<m><a>1</a></m>").reading.document == {"a": "1"}


def test_broken_adapter_keeps_no_other_from_working(
    make_adapter: MakeAdapter, schemas: SchemaCatalogue, tmp_path: Path
) -> None:
    make_adapter("broken", ask=MAP.format(name="ask").replace("wire: a", "wire: y:a"), answer="")
    make_adapter("garbage", "a: [\n")
    make_adapter("sound")
    registry = load_adapters(find_adapters([tmp_path / "adapters"], []), schemas)
    assert list(registry.adapters) == ["sound"]
    assert [fault.name for fault in registry.faults] == ["broken", "garbage"]
    assert {place.rule for place in registry.faults[0].error.places} == {
        "ask.map.yaml:5",
        "answer.map.yaml",
    }


WRONG = [
    ("adapter: {name}\n", "", "needs `adapter`"),
    ("version: 1\n", "", "needs `version`"),
    ("standard: Test\n", "standart: Test\n", "no key `standart`"),
    ('edition: "1"\n', "edition: 1\n", "needs `edition`"),
    ("[http]", "http", "list of names"),
    ("[http]", "[1]", "list of names"),
    ("accepted: 0.9", "accepted: most", "share"),
    ("accepted: 0.9", "accepted: 9", "share"),
    ("{{ accepted: 0.9 }}", "0.9", "share"),
    ("answer: [ {{ map: answer }} ]", "answer: [ answer ]", "An entry is `map`"),
    ("answer: [ {{ map: answer }} ]", "answer: answer", "list of maps under `answer`"),
    ("answer: [ {{ map: answer }} ]", "answers: []", "no key `answers`"),
    ("{{ map: ask }} ]", "{{ map: ask, wenn: x }} ]", "An entry is `map`"),
    ("{{ kind: a }}", "a", "An entry is `map`"),
    ("test: ", "more/v1: 5\ntest: ", "no key `more/v1`"),
    ("  things/search/v1:\n", "  other/v1: 5\n  things/search/v1:\n", "other/v1 needs"),
]


@pytest.mark.parametrize(("old", "new", "words"), WRONG)
def test_wrong_manifest_is_a_fault_with_its_line(
    make_adapter: MakeAdapter, schemas: SchemaCatalogue, old: str, new: str, words: str
) -> None:
    assert old in MANIFEST
    folder = make_adapter("one", MANIFEST.replace(old, new))
    with pytest.raises(ConfigurationError) as caught:
        load_adapter(folder, schemas)
    assert any(words in place.detail for place in caught.value.places)
    assert all(str(place.rule).startswith("adapter.yaml:") for place in caught.value.places)


def test_notification_needs_no_answer(make_adapter: MakeAdapter, schemas: SchemaCatalogue) -> None:
    manifest = MANIFEST.replace("    answer: [ {{ map: answer }} ]\n", "").replace(
        "test: {{ accepted: 0.9 }}\n", ""
    )
    adapter = load_adapter(make_adapter("one", manifest), schemas)
    assert adapter.exchanges["things/search/v1"].answers == ()
    assert adapter.accepted == 1.0


def test_map_of_an_unknown_wire_schema_is_a_fault(
    make_adapter: MakeAdapter, schemas: SchemaCatalogue
) -> None:
    folder = make_adapter("one", ask=MAP.format(name="ask").replace("test/1", "test/2"))
    with pytest.raises(ConfigurationError) as caught:
        load_adapter(folder, schemas)
    assert [place.rule for place in caught.value.places] == ["ask.map.yaml"]


def test_two_adapters_of_one_name_are_a_fault(
    make_adapter: MakeAdapter, schemas: SchemaCatalogue
) -> None:
    folder = AdapterFolder(name="one", path=make_adapter("one"))
    registry = load_adapters([folder, folder], schemas)
    assert list(registry.adapters) == ["one"]
    assert "Two adapters" in str(registry.faults[0].error)


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name=name, value=value, group=GROUP)


def test_entry_points_are_located(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "some_adapter_package"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    (found,) = find_adapters([], [point("some", "some_adapter_package")])
    assert (found.name, found.path, found.fault) == ("some", package, None)


@pytest.mark.parametrize("value", ["no_such_package", "no_such_package.inner", "email.message.x"])
def test_package_that_is_not_there_is_a_fault(value: str, schemas: SchemaCatalogue) -> None:
    folders = find_adapters([], [point("gone", value)])
    registry = load_adapters(folders, schemas)
    assert "not installed" in registry.faults[0].error.detail


def test_directory_without_adapters_is_a_fault(tmp_path: Path, schemas: SchemaCatalogue) -> None:
    for folder in (tmp_path / "empty", tmp_path / "missing"):
        registry = load_adapters(find_adapters([folder], []), schemas)
        assert "no adapter" in registry.faults[0].error.detail
    assert load_adapters([AdapterFolder(name="x", path=None)], schemas).faults


def test_adapters_of_the_installation_are_found_when_none_are_passed() -> None:
    assert "xmeld" in [folder.name for folder in find_adapters()]


CONTRACT = """operation: things/search
version: 1
title: { en: Search, de: Suche }
kind: query
repeatable: true
"""
OPTIONAL = "routing: /to\ndeadline: 5\nasync_deadline: 60\nbody_limit: 10\n"


def write_contract(folder: Path, text: str) -> Path:
    path = folder / "things" / "search" / "v1" / "operation.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return folder


def test_contract_is_read(tmp_path: Path) -> None:
    operation = load_operation(write_contract(tmp_path, CONTRACT + OPTIONAL), "things/search/v1")
    assert operation.key == "things/search/v1"
    assert (operation.title, operation.title_de) == ("Search", "Suche")
    assert (operation.kind, operation.repeatable) == (OperationKind.QUERY, True)
    assert (operation.routing, operation.body_limit_bytes) == ("/to", 10)
    assert (operation.deadline, operation.async_deadline) == (
        timedelta(seconds=5),
        timedelta(seconds=60),
    )


@pytest.mark.parametrize(
    ("written", "order"),
    [("/a", ("/a",)), ("[/a, /b/c]", ("/a", "/b/c")), ("[]", ())],
)
def test_contract_may_declare_an_order(
    tmp_path: Path, written: str, order: tuple[str, ...]
) -> None:
    folder = write_contract(tmp_path, f"{CONTRACT}order: {written}\n")
    assert load_operation(folder, "things/search/v1").order == order


def test_contract_has_defaults(tmp_path: Path) -> None:
    operation = load_operation(write_contract(tmp_path, CONTRACT), "things/search/v1")
    assert (operation.routing, operation.deadline) == (None, timedelta(seconds=30))
    assert operation.order is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("operation: things/search\n", ""),
        ("version: 1", "version: one"),
        ("{ en: Search, de: Suche }", "Search"),
        ("{ en: Search, de: Suche }", "{ en: Search }"),
        ("kind: query", "kind: question"),
        ("repeatable: true", "repeatable: yes"),
        ("repeatable: true\n", "repeatable: true\ndedline: 5\n"),
        ("repeatable: true\n", "repeatable: true\ndeadline: soon\n"),
        ("repeatable: true\n", "repeatable: true\nretention: { payload: long }\n"),
        ("repeatable: true\n", "repeatable: true\nretention: { paylod: P1D }\n"),
        ("repeatable: true\n", "repeatable: true\nretention: { key: P2D }\n"),
        ("repeatable: true\n", "repeatable: true\nretention: P2D\n"),
        ("repeatable: true\n", "repeatable: true\norder: person\n"),
        ("repeatable: true\n", "repeatable: true\norder: { by: /person }\n"),
    ],
)
def test_wrong_contract_is_a_fault(tmp_path: Path, old: str, new: str) -> None:
    folder = write_contract(tmp_path, CONTRACT.replace(old, new))
    with pytest.raises(ConfigurationError) as caught:
        load_operation(folder, "things/search/v1")
    assert str(caught.value.places[0].rule).startswith("operation.yaml:")


def test_a_contract_may_say_how_long_its_messages_are_kept(tmp_path: Path) -> None:
    text = CONTRACT + "retention: { payload: P3D, record: P365D }\n"
    kept = load_operation(write_contract(tmp_path, text), "things/search/v1").retention
    assert kept == Retention(
        key=timedelta(days=1),
        payload=timedelta(days=3),
        resting=timedelta(days=90),
        record=timedelta(days=365),
    )


def test_missing_contract_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_operation(tmp_path, "things/search/v1")
    assert caught.value.places[0].rule == "things/search/v1"


def test_shipped_operation_has_a_contract() -> None:
    assert load_operation(shipped_schemas(), "residents/search/v1").repeatable
