"""The XMeld adapter against the official schemas and real messages."""

from pathlib import Path

import pytest

from gateway.adapter_kit.coverage import cover_messages
from gateway.adapter_kit.laws import law2, law3, noted
from gateway.adapter_kit.sampling import Sample
from gateway.adapter_kit.suite import run_suite
from gateway.adapter_kit.trees import parse
from gateway.errors import MessageRefusedError, SchemaViolationError
from gateway.registry import Adapter
from gateway.translation.exchange import Exchange, choose_by_root
from gateway.translation.map import Map
from gateway.validation.catalogue import SchemaCatalogue
from tests.adapters.faults import (
    ANSWER_ONLY,
    BOTH,
    assert_refused,
    draw,
)
from tests.adapters.spoiling import (
    XMELD,
    Edit,
    add,
    empty,
    say,
    spoilt,
)

pytestmark = pytest.mark.standards

OPERATION = "residents/search/v1"
REQUEST_ROOT = f"{{{XMELD}}}datenabruf.personensuche.suchanfrage.1330"
ANSWER_ROOT = f"{{{XMELD}}}datenabruf.personensuche.antwort.1331"
ALL_SAMPLES = 14
SCHEMA_HINT = "/@xsi:schemaLocation"

PROFILE = "xmeld:suchprofil/xmeld:auswahldaten"
REQUEST_ONLY: dict[str, tuple[str, Edit, str]] = {
    "unknown code": (f"{PROFILE}/xmeld:geschlecht/code", say("q"), "xmeld:geschlecht/code"),
    "municipality key too short": (
        f"{PROFILE}/xmeld:anschrift/gemeindeschluessel/code",
        say("1609900"),
        "gemeindeschluessel/code",
    ),
    "impossible day of birth": (
        f"{PROFILE}/xmeld:geburtsdatum/xmeld:geburtsdatum/teilbekanntesDatum/jahrMonatTag",
        say("1986-02-30"),
        "jahrMonatTag",
    ),
    "two precisions of a date": (
        f"{PROFILE}/xmeld:geburtsdatum/xmeld:geburtsdatum/teilbekanntesDatum",
        add("jahr", "1986"),
        "teilbekanntesDatum",
    ),
    "two search profiles": (
        "xmeld:suchprofil",
        add(f"{{{XMELD}}}identifikationsmerkmal", "TNU-7f3a"),
        "xmeld:suchprofil",
    ),
    "nothing requested": ("xmeld:steuerungsinformationen", empty, "xmeld:steuerungsinformationen"),
}


@pytest.fixture(scope="session")
def drawn_requests(maps: dict[str, Map], official: SchemaCatalogue) -> Sample:
    return draw(maps[REQUEST_ROOT], official, count=520)


@pytest.fixture(scope="session")
def drawn_answers(maps: dict[str, Map], official: SchemaCatalogue) -> Sample:
    return draw(maps[ANSWER_ROOT], official, count=220)


def test_maps_use_the_official_schema(maps: dict[str, Map]) -> None:
    for translation in maps.values():
        assert translation.wire_schema_source.startswith("official:")


def test_every_real_search_and_answer_is_read_and_accounted_for(
    samples: Path, maps: dict[str, Map], official: SchemaCatalogue
) -> None:
    read = 0
    for path in sorted((samples / "valid").glob("*.xml")):
        data = path.read_bytes()
        translation = maps.get(str(parse(data).tag))
        if translation is None:
            continue
        read += 1
        ledger = translation.read(data).ledger
        judged = law3(translation, data)

        assert ledger.mapped + ledger.supplied > 20, path.name
        assert not ledger.leftovers
        assert not judged.findings, (path.name, judged.findings)
        assert not law2(translation, data).findings
        # What differs is the schema hint and what is not data; nothing else, in any real message.
        places = [note.wire for note in noted(ledger)]
        assert all(p.endswith(SCHEMA_HINT) or "comment()" in p for p in places), path.name
        assert judged.written is not None
        written = parse(judged.written)
        assert not official.wire_schema("xmeld/25.11a").check(written)
    assert read == 10


def test_every_real_message_is_decided_by_its_root(
    samples: Path, maps: dict[str, Map], exchange: Exchange
) -> None:
    found = sorted(samples.glob("*/*.xml"))
    assert len(found) == ALL_SAMPLES
    for path in found:
        data = path.read_bytes()
        root = str(parse(data).tag)
        if root in maps:
            assert choose_by_root(list(maps.values()), data).root == root
            continue
        for read in (exchange.read_request, exchange.read_answer):
            with pytest.raises(SchemaViolationError) as refusal:
                read(data)
            assert [place.keyword for place in refusal.value.places] == ["root"], path.name


@pytest.mark.parametrize("fault", [*BOTH, *REQUEST_ONLY])
def test_spoilt_search_is_refused_with_its_place(
    fault: str, xmeld: Adapter, maps: dict[str, Map]
) -> None:
    message = (xmeld.path / "examples" / "search-small.wire.xml").read_bytes()
    assert_refused(maps[REQUEST_ROOT], message, {**BOTH, **REQUEST_ONLY}[fault])


@pytest.mark.parametrize("fault", [*BOTH, *ANSWER_ONLY])
def test_spoilt_answer_is_refused_with_its_place(
    fault: str, xmeld: Adapter, maps: dict[str, Map]
) -> None:
    message = (xmeld.path / "examples" / "answer-hit.wire.xml").read_bytes()
    assert_refused(maps[ANSWER_ROOT], message, {**BOTH, **ANSWER_ONLY}[fault])


@pytest.mark.parametrize(
    ("fault", "pointer"),
    [
        ("house number too long", "/sender/address/houseNumber"),
        ("broken UUID", "/messageId"),
        ("second branch of a choice", "/sender/address"),
        ("unknown code", "/search/sex/code"),
        ("impossible day of birth", "/search/dateOfBirth/date"),
        ("two search profiles", "/search/recordReference"),
        ("unknown attribute", "/messageId"),
    ],
)
def test_refusal_of_a_search_names_the_field_it_is_about(
    fault: str, pointer: str, xmeld: Adapter, maps: dict[str, Map]
) -> None:
    message = (xmeld.path / "examples" / "search-small.wire.xml").read_bytes()
    path, edit, _ = {**BOTH, **REQUEST_ONLY}[fault]
    with pytest.raises(MessageRefusedError) as refusal:
        maps[REQUEST_ROOT].read(spoilt(message, path, edit))
    assert [place.pointer for place in refusal.value.places] == [pointer]


@pytest.mark.parametrize("name", ["search-small", "answer-hit"])
def test_document_type_declaration_is_refused(
    name: str, xmeld: Adapter, maps: dict[str, Map]
) -> None:
    message = (xmeld.path / "examples" / f"{name}.wire.xml").read_bytes()
    hostile = message.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY e "x">]>', 1)
    with pytest.raises(MessageRefusedError) as refusal:
        maps[str(parse(message).tag)].read(hostile)
    assert refusal.value.places[0].keyword == "doctype"


STATE_BLOCK = "landesspezifischeErweiterungen"


@pytest.mark.parametrize("name", ["search-small", "free-search-small", "answer-hit"])
def test_what_a_state_adds_is_carried_as_it_is(
    name: str, xmeld: Adapter, maps: dict[str, Map]
) -> None:
    message = (xmeld.path / "examples" / f"{name}.wire.xml").read_bytes()
    translation = maps[str(parse(message).tag)]
    foreign = (
        b'<xmeld:%s><!-- note --><tn:jagd xmlns:tn="urn:tn" b="2" a="1" > x <tn:leer/>'
        b"<![CDATA[<&>]]></tn:jagd></xmeld:%s>"
    ) % (STATE_BLOCK.encode(), STATE_BLOCK.encode())
    end = message.rindex(b"</")
    document = translation.read(message[:end] + foreign + message[end:]).document
    assert document["stateExtensions"] == (
        f'<xmeld:{STATE_BLOCK} xmlns:xmeld="{XMELD}"><tn:jagd xmlns:tn="urn:tn" a="1" b="2"> x '
        f"<tn:leer></tn:leer>&lt;&amp;&gt;</tn:jagd></xmeld:{STATE_BLOCK}>"
    )
    written = translation.write(document).data
    assert translation.read(written).document == document


@pytest.mark.parametrize(
    "text",
    [
        "<tn:jagd xmlns:tn='urn:tn'/>",
        f'<xmeld:{STATE_BLOCK} xmlns:xmeld="{XMELD}"/>',
        f'<xmeld:{STATE_BLOCK} xmlns:xmeld="{XMELD}"></xmeld:{STATE_BLOCK}><more/>',
        "Quendelkraut",
    ],
    ids=["another element", "not canonical", "two elements", "no XML"],
)
def test_state_block_that_is_none_is_refused_with_its_place(
    text: str, xmeld: Adapter, maps: dict[str, Map]
) -> None:
    message = (xmeld.path / "examples" / "search-small.wire.xml").read_bytes()
    document = maps[REQUEST_ROOT].read(message).document
    with pytest.raises(MessageRefusedError) as refusal:
        maps[REQUEST_ROOT].write({**document, "stateExtensions": text})
    assert [place.pointer for place in refusal.value.places] == ["/stateExtensions"]
    assert "Quendelkraut" not in str(refusal.value)


def test_generated_searches_are_valid_and_read_back_equal(drawn_requests: Sample) -> None:
    assert not drawn_requests.findings
    assert drawn_requests.drawn >= 500
    share = drawn_requests.accepted / drawn_requests.drawn
    print(f"accepted share of searches: {share:.3f} of {drawn_requests.drawn}")  # noqa: T201 - asked for
    assert share >= 0.95


def test_generated_answers_are_valid_and_read_back_equal(drawn_answers: Sample) -> None:
    assert not drawn_answers.findings
    assert drawn_answers.drawn >= 200
    share = drawn_answers.accepted / drawn_answers.drawn
    print(f"accepted share of answers: {share:.3f} of {drawn_answers.drawn}")  # noqa: T201 - asked for
    assert share >= 0.95


def test_nobody_found_is_not_a_success_without_hits(xmeld: Adapter, exchange: Exchange) -> None:
    message = (xmeld.path / "examples" / "answer-no-hit.wire.xml").read_bytes()
    document = exchange.read_answer(message).reading.document
    assert document["outcome"] == "answered"
    assert document["result"] == {"status": "notIdentifiedOrBlocked"}


def test_rejection_is_an_outcome_of_its_own(xmeld: Adapter, exchange: Exchange) -> None:
    message = (xmeld.path / "examples" / "answer-rejected.wire.xml").read_bytes()
    document = exchange.read_answer(message).reading.document
    assert document["outcome"] == "rejected"
    assert document["rejections"]
    assert all(rejection["reason"] for rejection in document["rejections"])
    assert "result" not in document


def test_every_real_answer_says_how_it_ended(samples: Path, exchange: Exchange) -> None:
    for path in sorted((samples / "valid").glob("*resp_1330.xml")):
        document = exchange.read_answer(path.read_bytes()).reading.document
        if document["outcome"] == "rejected":
            assert document["rejections"]
        elif "persons" not in document["result"]:
            assert document["result"]["status"] == "notIdentifiedOrBlocked"


def test_adapter_passes_its_own_suite(xmeld: Adapter, official: SchemaCatalogue) -> None:
    report = run_suite(xmeld.path, official, documents=20, changes=25, seed=20260105)
    assert report.passed, [str(f) for check in report.checks for f in check.findings]
    assert {check.map for check in report.checks if check.map} == set(xmeld.maps)


def test_every_leaf_path_of_the_standard_is_decided(
    xmeld: Adapter, official: SchemaCatalogue
) -> None:
    found = {covered.name: covered for covered in cover_messages(xmeld, official)}
    assert {name: len(covered.leaves) for name, covered in found.items()} == {
        "person-search": 130,
        "person-answer": 404,
        "free-search": 196,
        "free-answer": 180,
        "rejection": 117,
    }
    assert all("undecided" not in covered.counts for covered in found.values())
