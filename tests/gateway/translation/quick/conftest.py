"""The XMeld maps on the shipped profile, with their examples."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.translation import Map, load_map

ADAPTER = Path(__file__).resolve().parents[4] / "adapters" / "xmeld"


@pytest.fixture(
    scope="session", params=["person-search", "person-answer", "free-search", "free-answer"]
)
def xmeld_map(request: pytest.FixtureRequest) -> Map:
    return load_map(ADAPTER / f"{request.param}.map.yaml")


@pytest.fixture
def examples(xmeld_map: Map) -> list[tuple[bytes, dict[str, Any]]]:
    """Wire form and document of each example of the map."""
    # The root tells whose example it is: those of several maps begin alike.
    root = f":{xmeld_map.root.rpartition('}')[2]}".encode()
    return [
        (path.read_bytes(), json.loads(path.with_name(f"{case}.api.json").read_bytes()))
        for path in sorted((ADAPTER / "examples").glob("*.wire.xml"))
        if root in path.read_bytes()
        for case in [path.name.removesuffix(".wire.xml")]
    ]
