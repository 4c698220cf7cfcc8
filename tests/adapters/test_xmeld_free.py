"""The free search of XMeld (1332, 1333) against the official schemas and real messages."""

from pathlib import Path

import pytest

from gateway.errors import MessageRefusedError, SchemaViolationError
from gateway.registry import Adapter
from gateway.translation.exchange import Exchange
from gateway.translation.map import Map
from gateway.validation.catalogue import SchemaCatalogue
from tests.adapters.faults import ANSWER_ONLY, BOTH, assert_refused, draw
from tests.adapters.spoiling import XMELD, Edit, add, move_up, remove, say, spoilt

pytestmark = pytest.mark.standards

FREE_ROOT = f"{{{XMELD}}}datenabruf.freieSuche.suchanfrage.1332"
FREE_ANSWER_ROOT = f"{{{XMELD}}}datenabruf.freieSuche.antwort.1333"
FREE_PROFILE = "xmeld:suchprofil/xmeld:auswahldaten"
FREE_ONLY: dict[str, tuple[str, Edit, str]] = {
    "no region": (
        "xmeld:steuerungsinformationen/xmeld:suchbereich",
        remove,
        "xmeld:steuerungsinformationen",
    ),
    "no criteria at all": (FREE_PROFILE, remove, "xmeld:suchprofil"),
    "element number of the other search": (
        "xmeld:steuerungsinformationen/xmeld:anforderungselement/code",
        say("47"),
        "xmeld:anforderungselement[1]/code",
    ),
    "unknown marital status": (
        f"{FREE_PROFILE}/xmeld:familienstand/xmeld:familienstand/code",
        say("XX"),
        "xmeld:familienstand/code",
    ),
    "criteria out of order": (
        f"{FREE_PROFILE}/xmeld:geburtsdaten",
        move_up,
        "xmeld:auswahldaten",
    ),
}
SHARED = {name: case for name, case in BOTH.items() if name != "fixed code changed"}


@pytest.mark.parametrize("fault", [*SHARED, *FREE_ONLY])
def test_spoilt_free_search_is_refused_with_its_place(
    fault: str, xmeld: Adapter, maps: dict[str, Map]
) -> None:
    message = (xmeld.path / "examples" / "free-search-full.wire.xml").read_bytes()
    assert_refused(maps[FREE_ROOT], message, {**BOTH, **FREE_ONLY}[fault])


@pytest.mark.parametrize("fault", [*SHARED, *ANSWER_ONLY])
def test_spoilt_free_answer_is_refused_with_its_place(
    fault: str, xmeld: Adapter, maps: dict[str, Map]
) -> None:
    message = (xmeld.path / "examples" / "answer-free-list.wire.xml").read_bytes()
    assert_refused(maps[FREE_ANSWER_ROOT], message, {**BOTH, **ANSWER_ONLY}[fault])


@pytest.mark.parametrize(
    ("name", "place"),
    [
        # The criteria stand in another order than the standard fixes.
        ("our-test", "/xmeld:auswahldaten/xmeld:wohnung"),
        # Where a qualified name is asked for stands an unqualified one, and out of order.
        ("test-barbara-fischer-wohnung", "/hausnummerOderHausnummernbereich"),
        # Invented head, no product.
        ("test-case-no-wohnung", "/@produkt"),
        # Another message.
        ("test-payload-1332", "/*"),
    ],
)
def test_really_faulty_free_search_is_refused_with_its_place(
    name: str, place: str, samples: Path, exchange: Exchange
) -> None:
    with pytest.raises(MessageRefusedError) as refusal:
        exchange.read_request((samples / "invalid" / f"{name}.xml").read_bytes())
    found = [where.wire or "" for where in refusal.value.places]
    assert any(wire.endswith(place) for wire in found), found


@pytest.mark.parametrize("root", [FREE_ROOT, FREE_ANSWER_ROOT])
def test_generated_free_messages_are_valid_and_read_back_equal(
    root: str, maps: dict[str, Map], official: SchemaCatalogue
) -> None:
    drawn = draw(maps[root], official, count=220)
    assert not drawn.findings
    assert drawn.drawn >= 200
    assert drawn.accepted / drawn.drawn >= 0.95


def test_caller_who_names_no_kind_means_the_person_search(
    xmeld: Adapter, exchange: Exchange
) -> None:
    message = (xmeld.path / "examples" / "search-small.wire.xml").read_bytes()
    document = exchange.read_request(message).reading.document
    unnamed = {name: value for name, value in document.items() if name != "kind"}
    written = exchange.write_request(unnamed, {})
    assert written.map.name == "person-search"
    assert written.document["kind"] == "person"


def test_a_free_answer_has_no_state_block(xmeld: Adapter, maps: dict[str, Map]) -> None:
    message = (xmeld.path / "examples" / "answer-free-list.wire.xml").read_bytes()
    block = "landesspezifischeErweiterungen"
    extended = spoilt(message, ".", add(f"{{{XMELD}}}{block}"))
    with pytest.raises(SchemaViolationError) as refusal:
        maps[FREE_ANSWER_ROOT].read(extended)
    assert [p.wire for p in refusal.value.places] == [
        f"/xmeld:datenabruf.freieSuche.antwort.1333/xmeld:{block}"
    ]
