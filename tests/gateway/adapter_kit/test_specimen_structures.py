"""Which forms the specimens of structures show."""

from gateway.adapter_kit.specimen_structures import STRUCTURES
from gateway.adapter_kit.specimens import Specimen


def test_every_structure_form_is_shown() -> None:
    forms = {Specimen(**fields).form for fields in STRUCTURES}
    assert forms == {"group", "each", "choice", "use", "where"}


def test_recursion_otherwise_and_a_marking_child_are_shown() -> None:
    text = " ".join(fields["rules"] + fields.get("fragments", "") for fields in STRUCTURES)
    for shown in ("otherwise: true", "{ use: tree, with: {} }", "where: { s:role: BY }", "@type"):
        assert shown in text
