"""What makes two calls the same call: the keyed digest that belongs to an idempotency key.

A keyed digest, so that nobody who reads it can try documents until one fits.
"""

import hmac
import json

import orjson

from gateway.flow.call import Call
from gateway.validation.json_document import JsonValue


def fingerprint(call: Call, document: JsonValue, *, key: bytes) -> bytes:
    """Compute the fingerprint of a call: HMAC-SHA-256, 32 bytes.

    It covers path, ``Recipient``, ``Exchange-Purpose``, ``Test-Message`` and the document, whatever
    the order of its properties and its blanks. How long the caller waits is no part of it.

    Args:
        call: The call.
        document: Its parsed body.
        key: The secret of the store.
    """
    head = orjson.dumps([call.key, call.recipient, call.purpose, call.test])
    return hmac.digest(key, head + b"\n" + canonical_form(document), "sha256")


def canonical_form(document: JsonValue) -> bytes:
    """The same bytes for the same document, however it was written.

    As RFC 8785 (JCS), but integers stay exact at any size, and property names are in the order of
    their code points.
    """
    try:
        return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        # Integers of more than 64 bits, and numbers that no schema takes.
        text = json.dumps(
            document, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=str
        )
        return text.encode()
