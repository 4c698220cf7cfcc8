from pathlib import Path

import pytest

from gateway.adapter_kit.profile_facets import load_facets
from gateway.errors import ConfigurationError


def test_longest_name_that_fits_wins(tmp_path: Path) -> None:
    (tmp_path / "facets.yaml").write_text(
        "facets:\n  code: { length: 1 }\n  kind/code: { length: 2 }\n  '@v': { length: 3 }\n"
    )
    facets = load_facets(tmp_path)
    assert facets.at("/r/other/code") == {"length": 1}
    assert facets.at("/r/kind[*]/code") == {"length": 2}
    assert facets.at("/r/@v") == {"length": 3}
    assert facets.at("/r/barcode") == {}


def test_what_nothing_falls_under_is_named(tmp_path: Path) -> None:
    (tmp_path / "facets.yaml").write_text("facets:\n  a: { length: 1 }\n  b: { length: 2 }\n")
    facets = load_facets(tmp_path)
    facets.at("/r/a")
    assert [place.rule for place in facets.unused()] == ["facets.yaml:3"]


def test_types_have_facets_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "facets.yaml").write_text("types: { text: { characters: din-91379-c } }\n")
    facets = load_facets(tmp_path)
    assert facets.of_type("text") == {"characters": "din-91379-c"}
    assert facets.of_type("date") == {}


def test_an_adapter_may_have_none(tmp_path: Path) -> None:
    assert load_facets(tmp_path).at("/r/a") == {}


def test_every_fault_of_the_file_is_listed(tmp_path: Path) -> None:
    (tmp_path / "facets.yaml").write_text(
        "places: {}\ntypes: { text: { characters: latin } }\nfacets:\n  a: 3\n  b: { longest: 3 }\n"
    )
    with pytest.raises(ConfigurationError) as caught:
        load_facets(tmp_path)
    assert len(caught.value.places) == 4
