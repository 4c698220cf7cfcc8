"""The general rejection (XInneres 0010) against the official schemas."""

import pytest

from gateway.registry import Adapter
from gateway.translation.exchange import Exchange
from gateway.translation.map import Map
from gateway.validation.catalogue import SchemaCatalogue
from tests.adapters.faults import BOTH, assert_refused, draw
from tests.adapters.spoiling import Edit, drop, put, remove, say

pytestmark = pytest.mark.standards

REJECTION_ROOT = "{http://www.osci.de/xinneres/rueckweisung/6}rueckweisung.asynchron.0010"
REFUSED = "rueckweisung"
REJECTION_ONLY: dict[str, tuple[str, Edit, str]] = {
    "code of no list": (f"{REFUSED}/rueckweisungsgrund/grund/code", say("X999"), "grund/code"),
    "no reason": (f"{REFUSED}/rueckweisungsgrund", remove, "rueckweisung"),
    "refused message missing": (f"{REFUSED}/nachricht", remove, "rueckweisung"),
    "refused message not in base64": (f"{REFUSED}/nachricht", say("Q=u"), "nachricht"),
    "list of the refused message's type missing": (
        f"{REFUSED}/idNachricht/nachrichtentyp",
        drop("listURI"),
        "nachrichtentyp",
    ),
    "another standard": (".", put("standard", "XMeld"), "/xirts:rueckweisung.asynchron.0010"),
}
OF_XMELD = {"fixed code changed", "fixed value changed"}


@pytest.mark.parametrize("fault", [*sorted(BOTH.keys() - OF_XMELD), *REJECTION_ONLY])
def test_spoilt_rejection_is_refused_with_its_place(
    fault: str, xmeld: Adapter, maps: dict[str, Map]
) -> None:
    message = (xmeld.path / "examples" / "answer-refused.wire.xml").read_bytes()
    assert_refused(maps[REJECTION_ROOT], message, {**BOTH, **REJECTION_ONLY}[fault])


def test_generated_rejections_are_valid_and_read_back_equal(
    maps: dict[str, Map], official: SchemaCatalogue
) -> None:
    drawn = draw(maps[REJECTION_ROOT], official, count=220)
    assert not drawn.findings
    assert drawn.drawn >= 200
    assert drawn.accepted / drawn.drawn >= 0.95


@pytest.mark.parametrize(
    "name", ["answer-refused", "answer-refused-by-clearing", "answer-refused-unread"]
)
def test_general_rejection_never_reads_as_success(
    name: str, xmeld: Adapter, exchange: Exchange
) -> None:
    message = (xmeld.path / "examples" / f"{name}.wire.xml").read_bytes()
    document = exchange.read_answer(message).reading.document
    assert document["outcome"] == "rejected"
    assert all(rejection["reason"] for rejection in document["rejections"])
    assert "result" not in document


def test_no_document_of_a_rejection_may_say_that_it_answered(
    xmeld: Adapter, maps: dict[str, Map], official: SchemaCatalogue
) -> None:
    message = (xmeld.path / "examples" / "answer-refused.wire.xml").read_bytes()
    document = maps[REJECTION_ROOT].read(message).document
    answer = official.canonical("residents/search/v1/answer.schema.json")
    assert not answer.check(document)
    assert answer.check({**document, "outcome": "answered"})
    assert answer.check({**document, "result": {"status": "identified"}})


def test_rejection_is_joined_on_the_refused_message(maps: dict[str, Map]) -> None:
    assert maps[REJECTION_ROOT].correlates == ("/inReplyTo/messageId",)
