"""The specimens of kinds are complete; the laws on them are tests of the engine."""

from gateway.adapter_kit.specimen_kinds import KINDS
from gateway.translation.form_list import FORMS


def test_each_shows_a_form_its_misuse_and_other_spellings() -> None:
    for specimen in KINDS:
        assert specimen["form"] in FORMS
        assert specimen["broken"]
        assert specimen["messages"]
        assert specimen["refused"]
