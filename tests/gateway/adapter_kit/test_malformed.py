"""Malformed input is refused by the exchange, whatever is wrong with it."""

from pathlib import Path

from gateway.adapter_kit.malformed import malformed, taken
from gateway.registry import load_adapter
from tests.gateway.adapter_kit.small_adapter import MESSAGE, small_adapter


def test_every_malformed_message_is_refused(tmp_path: Path) -> None:
    adapter = load_adapter(tmp_path, small_adapter(tmp_path))
    exchange = adapter.exchanges["small/ask/v1"]
    for as_request in (True, False):
        assert taken(exchange, MESSAGE, as_request=as_request) == []


def test_each_fault_has_a_name_of_its_own_and_other_bytes() -> None:
    found = dict(malformed(b'<?xml version="1.0"?>' + MESSAGE))
    assert len(found) == 12
    assert MESSAGE not in found.values()
    assert "a document type declaration" in found
