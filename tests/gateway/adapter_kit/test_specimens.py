"""Specimens load, and their broken variants do not; the forms' own test runs the laws on them."""

from pathlib import Path

import pytest

from gateway.adapter_kit.specimens import Specimen, specimens, wire_message
from gateway.errors import ConfigurationError


def test_names_are_unique() -> None:
    names = [specimen.name for specimen in specimens()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("specimen", specimens(), ids=lambda found: found.name)
def test_specimen_loads_and_its_broken_variant_does_not(specimen: Specimen, tmp_path: Path) -> None:
    assert specimen.load(tmp_path).root == "{urn:specimen}message"
    with pytest.raises(ConfigurationError):
        specimen.load(tmp_path, broken=True)


def test_message_is_put_together_from_what_is_inside() -> None:
    assert wire_message(' a="1"><s:b/>') == (
        b'<s:message xmlns:s="urn:specimen" a="1"><s:b/></s:message>'
    )
