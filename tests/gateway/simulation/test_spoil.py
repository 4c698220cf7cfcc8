"""``gateway.simulation.spoil``: what each fault makes of an answer, told by a real XML parser."""

import pytest
from lxml import etree

from gateway.errors import GatewayError
from gateway.simulation.faults import Fault
from gateway.simulation.spoil import spoil
from gateway.translation import Exchange

ANSWER = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b'<a:answer xmlns:a="urn:edition:2511a" version="25.11a"><a:name>M\xc3\xbcller</a:name>'
    b"<a:again/></a:answer>\n"
)
PLAIN = b"<answer><name>Abc</name></answer>"
SPOILT = [
    Fault.MALFORMED,
    Fault.RUBBISH,
    Fault.LATIN_1,
    Fault.UTF_16,
    Fault.INVALID_UTF_8,
    Fault.OTHER_EDITION,
    Fault.OTHER_VERSION,
    Fault.OTHER_ROOT,
    Fault.EMPTY,
]


def spoilt(fault: Fault, data: bytes = ANSWER) -> bytes:
    return spoil(fault, data, seed="7/1")


@pytest.mark.parametrize("fault", [*sorted(set(Fault) - set(SPOILT)), None])
def test_other_faults_leave_the_answer_as_it_is(fault: Fault | None) -> None:
    assert spoil(fault, ANSWER, seed="") == ANSWER


@pytest.mark.parametrize("data", [ANSWER, PLAIN])
@pytest.mark.parametrize(
    "fault",
    [Fault.MALFORMED, Fault.RUBBISH, Fault.LATIN_1, Fault.INVALID_UTF_8, Fault.EMPTY],
)
def test_what_is_no_xml_any_more(fault: Fault, data: bytes) -> None:
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(spoilt(fault, data))


def test_character_sets_are_what_they_are_said_to_be() -> None:
    assert b"M\xfcller" in spoilt(Fault.LATIN_1)
    assert b'encoding="UTF-8"' in spoilt(Fault.LATIN_1)
    assert "Müller" in spoilt(Fault.UTF_16).decode("utf-16")
    bad = spoilt(Fault.INVALID_UTF_8)
    assert bad.count(b"\xff") >= 1
    assert bad.replace(b"\xff", "ü".encode()).decode()


@pytest.mark.parametrize(
    ("data", "namespace"),
    [
        (ANSWER, "urn:edition:2512a"),
        (PLAIN, "urn:another:edition"),
        (b'<answer xmlns="urn:x"/>', "urn:x:2"),
    ],
)
def test_another_edition_is_another_namespace(data: bytes, namespace: str) -> None:
    root = etree.fromstring(spoilt(Fault.OTHER_EDITION, data))
    assert root.tag == f"{{{namespace}}}answer"


@pytest.mark.parametrize("data", [ANSWER, PLAIN])
def test_another_version_is_another_attribute_only(data: bytes) -> None:
    root = etree.fromstring(spoilt(Fault.OTHER_VERSION, data))
    assert root.get("version") == "0.0"
    assert root.tag == etree.fromstring(data).tag


@pytest.mark.parametrize(
    ("data", "root"),
    [
        (ANSWER, "{urn:edition:2511a}anotherRoot"),
        (PLAIN, "anotherRoot"),
        (b"<answer/>", "anotherRoot"),
    ],
)
def test_another_root_holds_the_same(data: bytes, root: str) -> None:
    spoilt_root = etree.fromstring(spoilt(Fault.OTHER_ROOT, data))
    assert spoilt_root.tag == root
    assert [child.tag for child in spoilt_root] == [child.tag for child in etree.fromstring(data)]


def test_what_is_no_xml_cannot_be_spoilt() -> None:
    with pytest.raises(ValueError, match="XML"):
        spoilt(Fault.OTHER_ROOT, b"text")


@pytest.mark.parametrize("fault", SPOILT)
def test_a_real_answer_that_is_spoilt_cannot_be_read(
    fault: Fault, exchange: Exchange, examples_answer: bytes
) -> None:
    exchange.read_answer(examples_answer)
    with pytest.raises(GatewayError):
        exchange.read_answer(spoilt(fault, examples_answer))
