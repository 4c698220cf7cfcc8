"""Golden pairs: found, matched with their map, and judged."""

from pathlib import Path

from gateway.adapter_kit.examples import find_examples, judge_example
from gateway.registry import load_adapter
from tests.gateway.adapter_kit.small_adapter import DOCUMENT, MESSAGE, small_adapter


def findings_of(folder: Path, **changes: object) -> list[str]:
    catalogue = small_adapter(folder, **changes)  # type: ignore[arg-type]  # passed through
    examples, faults = find_examples(folder, load_adapter(folder, catalogue).maps)
    found = [str(fault) for fault in faults]
    for example in examples:
        found += map(str, judge_example(example))
    return found


def test_good_pair_has_no_finding(tmp_path: Path) -> None:
    assert findings_of(tmp_path) == []


def test_pair_that_says_two_things_is_found(tmp_path: Path) -> None:
    found = findings_of(tmp_path, document={**DOCUMENT, "number": 8})
    assert found == ["example: the message reads as another document"]


def test_message_that_is_refused_is_found_with_its_place(tmp_path: Path) -> None:
    found = findings_of(tmp_path, message=MESSAGE.replace(b"<s:code>a</s:code>", b""))
    assert found == ["example: is refused (required) [/code · /s:message/s:code]"]


def test_faulty_files_are_found(tmp_path: Path) -> None:
    catalogue = small_adapter(tmp_path, message=b"<other/>")
    examples = tmp_path / "examples"
    (examples / "alone.api.json").write_text("{}", encoding="utf-8")
    (examples / "broken.wire.xml").write_bytes(b"<m>")
    (examples / "broken.api.json").write_text("{}", encoding="utf-8")
    (examples / "json.wire.xml").write_bytes(MESSAGE)
    (examples / "json.api.json").write_text("{", encoding="utf-8")
    _, faults = find_examples(tmp_path, load_adapter(tmp_path, catalogue).maps)
    assert [fault.detail for fault in faults] == [
        "alone: one of the two files is missing",
        "broken: the message is not XML",
        "case: no map reads this root element",
        "json: no JSON",
        "the map specimen has no example",
    ]
