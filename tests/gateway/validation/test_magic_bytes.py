import pytest

from gateway.validation.magic_bytes import BEGINNINGS, LONGEST_BEGINNING_BYTES, begins_as

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


@pytest.mark.parametrize(
    ("media_type", "beginning"),
    [
        ("application/pdf", b"%PDF-1.7\n"),
        ("image/png", PNG),
        ("image/jpeg", b"\xff\xd8\xff\xe0"),
        ("image/tiff", b"II*\x00"),
        ("image/tiff", b"MM\x00*"),
        ("application/zip", b"PK\x03\x04"),
        ("application/zip", b"PK\x05\x06"),
        ("application/xml", b"<?xml"),
        ("text/xml", b"\xef\xbb\xbf \r\n<a/>"),
        ("application/xml", "<a/>".encode("utf-16")),
        ("application/vnd.oasis.opendocument.text", b"PK\x03\x04"),
        ("application/vnd.etsi.asic-e+zip", b"PK\x03\x04"),
        ("text/plain", b""),
        ("text/plain", PNG),
    ],
)
def test_content_may_be_what_it_begins_as(media_type: str, beginning: bytes) -> None:
    assert begins_as(media_type, beginning)


@pytest.mark.parametrize(
    ("media_type", "beginning"),
    [(known, PNG) for known in BEGINNINGS if known != "image/png"]
    + [(known, b"") for known in BEGINNINGS]
    + [(known, b"MZ") for known in BEGINNINGS]
    + [
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", PNG),
        ("application/pdf", b" %PDF-"),
    ],
)
def test_a_mistake_or_a_disguise_shows(media_type: str, beginning: bytes) -> None:
    assert not begins_as(media_type, beginning)


def test_what_is_asked_for_is_enough() -> None:
    longest = max(len(one) for known in BEGINNINGS.values() for one in known)
    assert longest < LONGEST_BEGINNING_BYTES
