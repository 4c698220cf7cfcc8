import base64
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.messaging.placeholder import (
    MARKER,
    PLACEHOLDER_BYTES,
    attachment_of,
    is_attachment_id,
    placeholder_of,
    split_at_placeholders,
)

ID = "0c9a5a1e-0000-4000-8000-00000000000f"


@given(st.uuids())
def test_a_placeholder_stands_for_its_attachment_and_is_valid_base64(found: UUID) -> None:
    text = placeholder_of(str(found))
    assert attachment_of(text) == str(found)
    assert text.startswith(MARKER.decode())
    assert len(text) == PLACEHOLDER_BYTES
    assert base64.b64encode(base64.b64decode(text, validate=True)).decode() == text


@given(st.lists(st.one_of(st.uuids().map(str), st.binary(max_size=20)), max_size=6))
def test_bodies_are_taken_apart_where_placeholders_stand(parts: list[str | bytes]) -> None:
    body = b"".join(
        placeholder_of(part).encode() if isinstance(part, str) else b"<" + part + b">"
        for part in parts
    )
    split = split_at_placeholders(body)
    assert [part for part in split if isinstance(part, str)] == [
        part for part in parts if isinstance(part, str)
    ]
    assert body == b"".join(
        placeholder_of(part).encode() if isinstance(part, str) else part for part in split
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        MARKER.decode(),
        placeholder_of(ID)[:-4],
        placeholder_of(ID) + "AAAA",
        placeholder_of(ID.upper()),
        MARKER.decode() + "A" * (PLACEHOLDER_BYTES - len(MARKER)),
        MARKER.decode() + "?" * (PLACEHOLDER_BYTES - len(MARKER)),
        MARKER.decode() + "/" * (PLACEHOLDER_BYTES - len(MARKER)),
    ],
)
def test_what_only_looks_like_one_is_text(text: str) -> None:
    assert attachment_of(text) is None
    assert b"".join(p for p in split_at_placeholders(text.encode()) if isinstance(p, bytes)) in (
        text.encode(),
        b"AAAA",
    )


def test_ids_are_uuids_in_lower_case() -> None:
    assert is_attachment_id(ID)
    assert not is_attachment_id(ID.upper())
    assert not is_attachment_id(f"{ID}\n")
    assert not is_attachment_id("")
