"""XMeld messages with the published code lists installed: what they hold and what they lost."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import NotExpressibleError
from gateway.registry import Adapter, load_adapter
from gateway.translation.forms.leaf import Leaf
from gateway.translation.map import Map
from gateway.translation.slots import Slot
from gateway.validation.catalogue import SchemaCatalogue
from gateway.validation.code_list_catalogue import CodeListCatalogue
from gateway.validation.code_list_install import install_code_lists
from tests.adapters.conftest import PROJECT

pytestmark = pytest.mark.standards

XMELD = PROJECT / "adapters" / "xmeld"
AGS = "urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:ags"
OLD, NEW = "2024-09-30", "2026-04-30"


@pytest.fixture(scope="module")
def lists(standards: Path, tmp_path_factory: pytest.TempPathFactory) -> CodeListCatalogue:
    """Every published code list that the adapter names, and more."""
    into = tmp_path_factory.mktemp("lists")
    install_code_lists(standards / "genericode-codelists", into=into)
    install_code_lists(standards / "xmeld-2511a" / "codelists", into=into)
    return CodeListCatalogue(into)


@pytest.fixture(scope="module")
def adapter(official: SchemaCatalogue, lists: CodeListCatalogue) -> Adapter:
    return load_adapter(XMELD, official, lists)


@pytest.fixture(scope="module")
def merged(lists: CodeListCatalogue) -> str:
    """A municipality key that the newer edition has no longer."""
    return min(lists.open(AGS, OLD).rows.keys() - lists.open(AGS, NEW).rows.keys())


def search(version: str, code: str) -> dict[str, Any]:
    """A complete search for somebody in one municipality."""
    document = json.loads((XMELD / "examples" / "search-full.api.json").read_bytes())
    assert isinstance(document, dict)
    address = document["search"]["address"]
    address.update(municipality=code, municipalityListVersion=version)
    return document


def leaves(translation: Map) -> list[Leaf]:
    rules = translation.scope.everything()
    return [rule for rule in rules if isinstance(rule, Leaf) and rule.code_list is not None]


def test_a_merged_municipality_is_refused_in_the_edition_without_it(
    adapter: Adapter, merged: str
) -> None:
    write = adapter.maps["person-search"].write
    with pytest.raises(NotExpressibleError) as caught:
        write(search(NEW, merged))
    place = caught.value.places[0]
    assert place.keyword == "code-removed"
    assert place.pointer == "/search/address/municipality"
    assert merged not in place.detail

    kept = write(search(OLD, merged)).ledger.warnings
    assert f"version {NEW} of the code list has this code no longer" in {n.reason for n in kept}


@pytest.mark.parametrize("edition", [OLD, NEW])
def test_an_unknown_municipality_is_refused(adapter: Adapter, edition: str) -> None:
    with pytest.raises(NotExpressibleError) as caught:
        adapter.maps["person-search"].write(search(edition, "99999999"))
    assert caught.value.places[0].keyword == "code"


def test_reading_a_merged_municipality_warns_with_its_place(adapter: Adapter, merged: str) -> None:
    translation = adapter.maps["person-search"]
    data = translation.write(search(OLD, merged)).data
    reading = translation.read(data)
    assert reading.document == search(OLD, merged)
    removed = [note.wire for note in reading.ledger.warnings if NEW in note.reason]
    assert len(removed) == 1
    assert removed[0].endswith("/gemeindeschluessel/code")


def test_every_word_of_a_map_is_a_code_of_the_published_list(
    adapter: Adapter, lists: CodeListCatalogue
) -> None:
    compared: dict[str, int] = {}
    for leaf in (leaf for translation in adapter.maps.values() for leaf in leaves(translation)):
        reference, codes = leaf.code_list, leaf.content.codes
        assert reference is not None
        if codes is None or not isinstance(reference.uri, str):
            continue
        for version in lists.editions(reference.uri):
            if isinstance(reference.version, Slot) or reference.version == version:
                published = lists.open(reference.uri, version).rows.keys()
                assert codes.table.keys() == published, reference.uri
                compared[reference.uri] = len(published)
    assert len(compared) == 7  # of the published ones at hand
    assert compared["urn:xoev-de:xmeld:codeliste:datenabruf.nichterstellung.grund"] == 24


def test_adapter_names_the_lists_of_its_codes(adapter: Adapter) -> None:
    named = frozenset().union(*(translation.code_lists for translation in adapter.maps.values()))
    assert AGS in named
