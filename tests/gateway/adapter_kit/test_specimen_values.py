"""Which forms the specimens of single values show."""

from gateway.adapter_kit.specimen_values import VALUES
from gateway.adapter_kit.specimens import Specimen
from gateway.translation.values import VALUE_TYPES


def test_every_value_form_is_shown() -> None:
    forms = {Specimen(**fields).form for fields in VALUES}
    assert forms == {
        "api", "const", "supply", "drop", "codes", "list", "default", "computed", "unsupported",
        "opaque",
    }  # fmt: skip


def test_every_value_type_is_shown() -> None:
    rules = " ".join(fields["rules"] for fields in VALUES)
    shown = {name for name in VALUE_TYPES if f"as: {name}" in rules}
    assert VALUE_TYPES.keys() - shown <= {"text", "time"}
