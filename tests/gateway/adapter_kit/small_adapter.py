"""A small adapter on disk, made of two specimens, for the tests of the suite."""

import json
from pathlib import Path

from gateway.adapter_kit.specimens import wire_message
from gateway.validation.catalogue import SchemaCatalogue
from tests.gateway.adapter_kit.conftest import specimen

MANIFEST = """adapter: small
version: 1
standard: Small
edition: "1"
wireSchema: specimen/1
transports: [http]
operations:
  small/ask/v1:
    request: [ { map: specimen } ]
    answer: [ { map: specimen } ]
test: { accepted: ACCEPTED }
"""
DOCUMENT = {"text": "Quendel", "code": "a", "number": 7}
MESSAGE = wire_message("><s:text>Quendel</s:text><s:code>a</s:code><s:number>7</s:number>")


def small_adapter(
    folder: Path,
    *,
    name: str = "values of every type",
    accepted: float = 1.0,
    document: object = DOCUMENT,
    message: bytes = MESSAGE,
) -> SchemaCatalogue:
    """Write the adapter and return the catalogue it is loaded with."""
    specimen(name).load(folder)
    manifest = MANIFEST.replace("ACCEPTED", str(accepted))
    (folder / "adapter.yaml").write_text(manifest, encoding="utf-8")
    examples = folder / "examples"
    examples.mkdir()
    (examples / "case.api.json").write_text(json.dumps(document), encoding="utf-8")
    (examples / "case.wire.xml").write_bytes(message)
    return SchemaCatalogue(installed=None, shipped=folder)
