"""YAML with lines."""

from pathlib import Path

import pytest

from gateway.errors import ConfigurationError
from gateway.translation.source import load_yaml


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "a.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("text", "rule", "words"),
    [
        ("a: 1\nb:\n  c: 1\n  c: 2\n", "a.yaml:4", "twice"),
        ("a:\n\tb: 1\n", "a.yaml:2:1", "well-formed"),
        ("a: [\n", "a.yaml:2:1", "well-formed"),
        ("- a\n", "a.yaml:1", "mapping"),
        ("", "a.yaml:1", "mapping"),
        ("{[a]: 1}\n", "a.yaml:1", "plain text"),
        ("a: 1\n---\nb: 2\n", "a.yaml:2:1", "well-formed"),
        ("a: &x [*x]\n", "a.yaml", "without end"),
        ("a: \x01\n", "a.yaml", "character"),
        (b"a: \xff\n", "a.yaml", "UTF-8"),
    ],
)
def test_fault_is_named_by_file_and_line(
    tmp_path: Path, text: str | bytes, rule: str, words: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_yaml(write(tmp_path, text))
    (place,) = caught.value.places
    assert place.rule == rule
    assert words in place.detail
    assert str(tmp_path) not in str(caught.value)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_yaml(tmp_path / "none.yaml")
    assert "FileNotFoundError" in str(caught.value)


def test_only_core_words_are_no_text(tmp_path: Path) -> None:
    text = """
country: NO
yes: yes
quoted: "true"
block: |
  5
flags: [true, False, TRUE]
nothing: [~, null, ]
numbers: [5, -5, 0]
texts: [007, +5, 1.0, 25.11a, -0, 0x1F, 1_000]
"""
    value = load_yaml(write(tmp_path, text))
    assert value == {
        "country": "NO",
        "yes": "yes",
        "quoted": "true",
        "block": "5\n",
        "flags": [True, False, True],
        "nothing": [None, None],
        "numbers": [5, -5, 0],
        "texts": ["007", "+5", "1.0", "25.11a", "-0", "0x1F", "1_000"],
    }


def test_mapping_knows_its_lines(tmp_path: Path) -> None:
    value = load_yaml(write(tmp_path, "a: 1\nb:\n  c: 2\n"))
    assert (value.place, value.places["b"]) == ("a.yaml:1", "a.yaml:2")
    assert value["b"].place == "a.yaml:3"
