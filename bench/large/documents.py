"""Registers of any length, as a caller sends them and as the authority answers."""

import json
from itertools import count
from xml.sax.saxutils import escape

from bench.backend import OPENING

NAMESPACE = "urn:agency-gateway:bench:register"
ANSWER_ID = "22222222-3333-4444-8555-666666666666"
REMARK = "Müßiggang & Żółć; nothing to be noted for this person, see the file of the office. " * 5


def entries(size_bytes: int) -> list[dict[str, str]]:
    """As many entries as make up a JSON document of about this size."""
    made: list[dict[str, str]] = []
    size = 0
    for number in count():
        entry = {"name": f"Quendel-Łącka {number}", "remark": REMARK.strip()}
        size += len(json.dumps(entry, ensure_ascii=False).encode())
        if made and size > size_bytes:
            return made
        made.append(entry)
    raise AssertionError


def request(size_bytes: int) -> bytes:
    """A caller's document of about this size; UTF-8 JSON."""
    return json.dumps({"entries": entries(size_bytes)}, ensure_ascii=False).encode()


def answer(size_bytes: int, in_reply_to: str = ANSWER_ID) -> bytes:
    """The authority's answer; its JSON is of about this size, its XML a little longer."""
    tag = OPENING.decode().rstrip(">")
    rows = "".join(
        f"<entry><name>{escape(entry['name'])}</name>"
        f"<remark>{escape(entry['remark'])}</remark></entry>"
        for entry in entries(size_bytes)
    )
    return (
        f'<registerAnswer xmlns="{NAMESPACE}"><{tag}>{ANSWER_ID}</{tag}>{rows}'
        f"<inReplyTo><{tag}>{in_reply_to}</{tag}></inReplyTo></registerAnswer>"
    ).encode()
