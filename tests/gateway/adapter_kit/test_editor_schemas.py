"""The schemas for editors say the same as loading."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.adapter_kit.editor_schemas import editor_schemas, main
from gateway.adapter_kit.specimens import Specimen, specimens
from gateway.errors import ConfigurationError
from gateway.registry import load_adapter
from gateway.translation.source import load_yaml
from gateway.validation.json_schema import DocumentSchema
from tests.gateway.adapter_kit.small_adapter import small_adapter
from tests.gateway.translation.making import STR, Maker, obj

PROJECT = Path(__file__).parents[3]
KINDS = {"*.map.yaml": "map", "*.fragments.yaml": "fragments", "adapter.yaml": "adapter"}
SCHEMAS = {name: DocumentSchema(schema, name=name) for name, schema in editor_schemas().items()}
SHIPPED = [
    (path, kind)
    for pattern, kind in KINDS.items()
    for path in PROJECT.glob(f"adapters/*/{pattern}")
]


def faults(path: Path, kind: str) -> list[str]:
    content: Any = json.loads(json.dumps(load_yaml(path)))
    return [f"{p.pointer}: {p.detail}" for p in SCHEMAS[f"{kind}.schema.json"].check(content)]


def test_the_shipped_schemas_are_those_of_the_engine(tmp_path: Path) -> None:
    assert main(["--check"]) == 0, "run: make docs"
    assert main(["--check", "--schemas", str(tmp_path)]) == 1
    assert main(["--write", "--schemas", str(tmp_path)]) == 0
    assert main(["--check", "--schemas", str(tmp_path)]) == 0


@pytest.mark.parametrize(("path", "kind"), SHIPPED, ids=lambda value: getattr(value, "name", ""))
def test_every_shipped_file_is_taken(path: Path, kind: str) -> None:
    assert faults(path, kind) == []


@pytest.mark.parametrize("specimen", specimens(), ids=lambda specimen: specimen.name)
def test_every_specimen_is_taken(specimen: Specimen, tmp_path: Path) -> None:
    specimen.load(tmp_path)
    for pattern, kind in KINDS.items():
        for path in tmp_path.glob(pattern):
            assert faults(path, kind) == []


@pytest.mark.parametrize(
    "rules",
    [
        "  - { api: one, wier: a }",
        "  - { api: one, wire: a, optinal: true }",
        "  - { api: one, wire: a/b }",
        "  - { api: one, wire: a, as: txet }",
        "  - { group: { wire: a, optinal: true }, rules: [] }",
        "  - { each: { wire: a, api: one }, ruels: [] }",
        "  - { group: { wire: a }, choice: kind, rules: [ { wehn: a, api: one, wire: b } ] }",
        "  - { choice: kind, rules: [ { when: a, otherwise: true, api: one } ] }",
        "  - { each: { api: one }, choice: kind, rules: [ { when: a, api: x, wier: a } ] }",
        '  - { group: { wire: a }, choice: k, on: "@k", rules: [ { when: a, si: b, rules: [] } ] }',
        "  - { zip: one, lists: [ { api: x, wire: a }, { api: y, wire: b, sa: date } ] }",
    ],
)
def test_a_misspelt_key_is_refused_by_both(rules: str, tmp_path: Path) -> None:
    make, schema = Maker(tmp_path), obj(one=STR)
    assert make.faults(rules, schema)
    assert faults(make.write(rules, schema), "map")


def test_a_misspelt_key_of_a_manifest_is_refused_by_both(tmp_path: Path) -> None:
    catalogue = small_adapter(tmp_path)
    path = tmp_path / "adapter.yaml"
    assert faults(path, "adapter") == []
    path.write_text(path.read_text("utf-8").replace("transports", "transport"), encoding="utf-8")
    with pytest.raises(ConfigurationError):
        load_adapter(tmp_path, catalogue)
    assert faults(path, "adapter")


def test_a_parameter_stands_for_any_value_in_fragments_only(tmp_path: Path) -> None:
    text = "fragments: { f: { parameters: { o: }, rules: [ RULE ] } }\n"
    rule = "{ api: a, wire: x:a, optional: $o }"
    path = tmp_path / "f.fragments.yaml"
    path.write_text(text.replace("RULE", rule), encoding="utf-8")
    assert faults(path, "fragments") == []
    assert faults(Maker(tmp_path).write(f"  - {rule}", obj(a=STR)), "map")
