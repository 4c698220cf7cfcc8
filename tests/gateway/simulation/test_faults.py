"""``gateway.simulation.faults``: every fault has a meaning, and people can read it."""

from pathlib import Path

from gateway.simulation.faults import BLIND, MEANINGS, Fault

DOCS = Path(__file__).parents[3] / "docs" / "simulation.md"


def test_every_fault_has_one_meaning_of_its_own() -> None:
    assert MEANINGS.keys() == set(Fault)
    assert len(set(MEANINGS.values())) == len(Fault)
    assert set(Fault) > BLIND


def test_every_fault_is_in_the_table_for_people() -> None:
    text = DOCS.read_text("utf-8")
    for fault, meaning in MEANINGS.items():
        assert f"| `{fault}` | {meaning} |" in text, fault
