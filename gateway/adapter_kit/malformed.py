"""Input that no adapter may take, made from a message that it takes."""

from collections.abc import Iterator

from gateway.adapter_kit.trees import parse
from gateway.errors import GatewayError, MessageRefusedError
from gateway.translation.exchange import Exchange


def malformed(message: bytes) -> Iterator[tuple[str, bytes]]:
    """Name of the fault and bytes, for each fault."""
    body = message[message.index(b"?>") + 2 :] if message.startswith(b"<?xml") else message
    yield "nothing at all", b""
    yield "not XML", b'{"kind": "person"}'
    yield "truncated in the middle", message[: len(message) // 2]
    yield "truncated before its end", message.rstrip()[:-1]
    yield "bytes behind the end", message + b"x"
    yield "another root element", b"<anything/>"
    yield "root element of another namespace", _elsewhere(message)
    yield "a document type declaration", b"<!DOCTYPE x>" + body.lstrip()
    yield "an entity", b'<!DOCTYPE x [<!ENTITY e "x">]>' + body.lstrip()
    yield "a declared encoding that is not taken", b'<?xml version="1.0" encoding="cp037"?>' + body
    yield "bytes that are not its encoding", b"<?xml version='1.0'?><a>\xff\xfe</a>"
    yield "two bytes a character", body.decode("utf-8", "replace").encode("utf-16")


def taken(exchange: Exchange, message: bytes, *, as_request: bool) -> list[str]:
    """Names of the faults with which a message is taken all the same, or fails unforeseen."""
    read = exchange.read_request if as_request else exchange.read_answer
    found = []
    for name, data in malformed(message):
        try:
            read(data)
            found.append(name)
        except MessageRefusedError:
            continue
        except GatewayError:
            found.append(name)
    return found


def _elsewhere(message: bytes) -> bytes:
    root = parse(message)
    local = str(root.tag).rsplit("}", maxsplit=1)[-1]
    return f'<{local} xmlns="urn:elsewhere"/>'.encode()
