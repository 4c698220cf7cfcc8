"""The XMeld adapter against the official schemas and real messages."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gateway.adapter_kit.coverage import cover_messages
from gateway.adapter_kit.laws import Judged, law1, law2, law3, law4, noted
from gateway.adapter_kit.sampling import Sample, sample
from gateway.adapter_kit.suite import run_suite
from gateway.adapter_kit.trees import parse, strings
from gateway.errors import MessageRefusedError, SchemaViolationError
from gateway.registry import Adapter
from gateway.translation.exchange import Exchange, choose_by_root
from gateway.translation.map import Map
from gateway.validation.catalogue import SchemaCatalogue
from tests.adapters.spoiling import (
    XMELD,
    XSI,
    Edit,
    add,
    add_first,
    double,
    drop,
    empty,
    move_up,
    put,
    remove,
    rename,
    say,
    spoilt,
)

pytestmark = pytest.mark.standards

OPERATION = "residents/search/v1"
REQUEST_ROOT = f"{{{XMELD}}}datenabruf.personensuche.suchanfrage.1330"
ANSWER_ROOT = f"{{{XMELD}}}datenabruf.personensuche.antwort.1331"
ALL_SAMPLES = 14
SCHEMA_HINT = "/@xsi:schemaLocation"

HEAD = "nachrichtenkopf.g2g/identifikation.nachricht"
BUILDING = "anschrift.autor/gebaeude"

BOTH: dict[str, tuple[str, Edit, str]] = {
    # name of the fault: XPath, what is done there, what the wire path of the refusal holds
    "order swapped": ("nachrichtenkopf.g2g/autor", move_up, "nachrichtenkopf.g2g/autor"),
    "required element missing": (f"{HEAD}/erstellungszeitpunkt", remove, HEAD),
    "house number too long": (f"{BUILDING}/hausnummer", say("12345"), f"{BUILDING}/hausnummer"),
    "postal code with letters": (
        f"{BUILDING}/postleitzahl",
        say("9930X"),
        f"{BUILDING}/postleitzahl",
    ),
    "broken UUID": (f"{HEAD}/nachrichtenUUID", say("6f1c9a54-3a0e"), f"{HEAD}/nachrichtenUUID"),
    "unknown element": (HEAD, add("erfunden", "Quendelkraut"), f"{HEAD}/erfunden"),
    "unknown attribute": (f"{HEAD}/nachrichtenUUID", put("erfunden", "Quendelkraut"), HEAD),
    "second branch of a choice": ("anschrift.autor", add("postfach"), "anschrift.autor"),
    "no branch of a choice": ("anschrift.autor", empty, "anschrift.autor"),
    "text between elements": (HEAD, say("Quendelkraut"), HEAD),
    "wrong namespace": (f"{HEAD}/nachrichtenUUID", rename("{urn:x}nachrichtenUUID"), HEAD),
    "element twice": (f"{HEAD}/erstellungszeitpunkt", double, f"{HEAD}/erstellungszeitpunkt"),
    "impossible day": (f"{HEAD}/erstellungszeitpunkt", say("2026-02-30T09:15:27Z"), HEAD),
    "fixed value changed": (".", put("version", "25.11b"), "/xmeld:datenabruf"),
    "fixed code changed": (f"{HEAD}/nachrichtentyp/code", say("1332"), f"{HEAD}/nachrichtentyp"),
    "type named": (f"{HEAD}/nachrichtenUUID", put(f"{{{XSI}}}type", "xs:token"), HEAD),
    "nothing said with nil": (f"{HEAD}/nachrichtenUUID", put(f"{{{XSI}}}nil", "true"), HEAD),
    "character outside DIN 91379": (
        f"{BUILDING}/strasse",
        say("Straße \u0416\u0443\u043a"),
        f"{BUILDING}/strasse",
    ),
    "element where text stands": (
        f"{BUILDING}/strasse",
        add("b", "Quendelkraut"),
        f"{BUILDING}/strasse",
    ),
}

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

SAID = "xmeld:antwortSuchanfrage/xmeld:auskunft"
ANSWER_ONLY: dict[str, tuple[str, Edit, str]] = {
    "unknown status": (f"{SAID}/xmeld:ergebnisstatus/code", say("05"), "xmeld:ergebnisstatus"),
    "answer and rejection": (
        "xmeld:antwortSuchanfrage",
        add_first(f"{{{XMELD}}}rueckweisung"),
        "xmeld:antwortSuchanfrage",
    ),
    "neither answer nor rejection": (
        "xmeld:antwortSuchanfrage",
        empty,
        "xmeld:antwortSuchanfrage",
    ),
    "list URI of another list": (
        f"{SAID}/xmeld:ergebnisstatus",
        put("listURI", "urn:anders"),
        "xmeld:ergebnisstatus",
    ),
    "no question named": ("xmeld:ursprungsnachricht", remove, "/xmeld:datenabruf"),
}


@pytest.fixture(scope="session")
def exchange(xmeld: Adapter) -> Exchange:
    return xmeld.exchanges[OPERATION]


@pytest.fixture(scope="session")
def maps(xmeld: Adapter) -> dict[str, Map]:
    return {translation.root: translation for translation in xmeld.maps.values()}


@pytest.fixture(scope="session")
def drawn_requests(maps: dict[str, Map], official: SchemaCatalogue) -> Sample:
    return _drawn(maps[REQUEST_ROOT], official, count=520)


@pytest.fixture(scope="session")
def drawn_answers(maps: dict[str, Map], official: SchemaCatalogue) -> Sample:
    return _drawn(maps[ANSWER_ROOT], official, count=220)


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
    _assert_refused(maps[REQUEST_ROOT], message, {**BOTH, **REQUEST_ONLY}[fault])


@pytest.mark.parametrize("fault", [*BOTH, *ANSWER_ONLY])
def test_spoilt_answer_is_refused_with_its_place(
    fault: str, xmeld: Adapter, maps: dict[str, Map]
) -> None:
    message = (xmeld.path / "examples" / "answer-hit.wire.xml").read_bytes()
    _assert_refused(maps[ANSWER_ROOT], message, {**BOTH, **ANSWER_ONLY}[fault])


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


def test_a_free_answer_has_no_state_block(xmeld: Adapter, maps: dict[str, Map]) -> None:
    message = (xmeld.path / "examples" / "answer-free-list.wire.xml").read_bytes()
    extended = spoilt(message, ".", add(f"{{{XMELD}}}{STATE_BLOCK}"))
    with pytest.raises(SchemaViolationError) as refusal:
        maps[FREE_ANSWER_ROOT].read(extended)
    assert [p.wire for p in refusal.value.places] == [
        f"/xmeld:datenabruf.freieSuche.antwort.1333/xmeld:{STATE_BLOCK}"
    ]


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


def _drawn(translation: Map, official: SchemaCatalogue, *, count: int) -> Sample:
    schema = official.wire_schema(translation.wire_schema)

    def judge(document: Mapping[str, Any]) -> Judged:
        judged = law1(translation, document)
        if judged.written is not None:
            assert not schema.check(parse(judged.written))
        return judged

    return sample(translation.schema, judge, count=count, seed=20260103)


def _assert_refused(translation: Map, message: bytes, fault: tuple[str, Edit, str]) -> None:
    translation.read(message)
    path, edit, expected = fault
    data = spoilt(message, path, edit)

    with pytest.raises(MessageRefusedError) as refusal:
        translation.read(data)

    wires = [place.wire or "" for place in refusal.value.places]
    assert any(expected in wire for wire in wires), wires
    assert not law4(translation, refusal.value, strings(parse(data)))
    assert "Quendelkraut" not in str(refusal.value)
    for place in refusal.value.places:
        assert place.pointer is not None
        assert place.rule


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
    _assert_refused(maps[FREE_ROOT], message, {**BOTH, **FREE_ONLY}[fault])


@pytest.mark.parametrize("fault", [*SHARED, *ANSWER_ONLY])
def test_spoilt_free_answer_is_refused_with_its_place(
    fault: str, xmeld: Adapter, maps: dict[str, Map]
) -> None:
    message = (xmeld.path / "examples" / "answer-free-list.wire.xml").read_bytes()
    _assert_refused(maps[FREE_ANSWER_ROOT], message, {**BOTH, **ANSWER_ONLY}[fault])


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
    drawn = _drawn(maps[root], official, count=220)
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
SHARED_HEAD = {name: case for name, case in SHARED.items() if name != "fixed value changed"}


@pytest.mark.parametrize("fault", [*SHARED_HEAD, *REJECTION_ONLY])
def test_spoilt_rejection_is_refused_with_its_place(
    fault: str, xmeld: Adapter, maps: dict[str, Map]
) -> None:
    message = (xmeld.path / "examples" / "answer-refused.wire.xml").read_bytes()
    _assert_refused(maps[REJECTION_ROOT], message, {**BOTH, **REJECTION_ONLY}[fault])


def test_generated_rejections_are_valid_and_read_back_equal(
    maps: dict[str, Map], official: SchemaCatalogue
) -> None:
    drawn = _drawn(maps[REJECTION_ROOT], official, count=220)
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
