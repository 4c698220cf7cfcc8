"""The canonical schemas declare the repertoire where the official schema does, and nowhere else."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from gateway.adapter_kit.laws import Judged
from gateway.adapter_kit.sampling import sample
from gateway.errors import NotExpressibleError
from gateway.registry import Adapter
from gateway.translation.map import Map
from gateway.validation.catalogue import SchemaCatalogue
from gateway.validation.json_schema import DocumentSchema
from gateway.validation.xml_document import parse_xml

pytestmark = pytest.mark.standards

# Letters, so that patterns for letters take it; outside datatype C.
STRANGER = "\u0416"
LIMIT = 1 << 22
LEAVES = {
    "datenabruf.personensuche.suchanfrage.1330": 50,
    "datenabruf.personensuche.antwort.1331": 60,
    "datenabruf.freieSuche.suchanfrage.1332": 50,
    "datenabruf.freieSuche.antwort.1333": 45,
    "rueckweisung.asynchron.0010": 45,
}
# Markup and base64, not free text.
NOT_TEXT = {"stateExtensions", "rejectedMessage"}
Path = tuple[str | int, ...]


def without_repertoire(node: Any) -> Any:
    if isinstance(node, list):
        return [without_repertoire(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {name: without_repertoire(v) for name, v in node.items() if name != "x-repertoire"}


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, str):
        yield path
    children = value.items() if isinstance(value, dict) else ()
    for step, child in enumerate(value) if isinstance(value, list) else children:
        yield from leaves(child, (*path, step))


def put(document: dict[str, Any], path: Path, text: str) -> dict[str, Any]:
    changed = deepcopy(document)
    node: Any = changed
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = text
    return changed


class Probe:
    """Puts a stranger into every free text, and asks the canonical and the official schema."""

    def __init__(self, translation: Map, official: SchemaCatalogue) -> None:
        self.translation = translation
        self.wire = official.wire_schema(translation.wire_schema)
        self.declared = DocumentSchema(translation.schema, name="declared")
        self.bare = DocumentSchema(without_repertoire(translation.schema), name="bare")
        self.found: dict[str, tuple[bool, bool]] = {}

    def judge(self, document: dict[str, Any]) -> Judged:
        try:
            self.translation.write(document)
        except NotExpressibleError:
            return Judged(accepted=False)  # what it refuses by itself says nothing of the stranger
        for path in leaves(document):
            name = "/".join("*" if isinstance(step, int) else step for step in path)
            changed = put(document, path, STRANGER)
            if name not in NOT_TEXT and name not in self.found and not self.bare.check(changed):
                refused = bool(self.declared.check(changed))
                self.found[name] = (refused, self.is_refused_on_the_wire(document, path))
        return Judged(accepted=True)

    def is_refused_on_the_wire(self, document: dict[str, Any], path: Path) -> bool:
        # Written with a mark of the repertoire, which is then replaced in the message.
        mark = "\u0187\u018f\u0187"
        text = self.translation.write(put(document, path, mark)).data.decode()
        assert mark in text
        changed = text.replace(mark, STRANGER).encode()
        return bool(self.wire.check(parse_xml(changed, limit=LIMIT).root))


@pytest.mark.parametrize("root", sorted(LEAVES))
def test_a_text_has_the_repertoire_that_the_official_schema_gives_it(
    xmeld: Adapter, official: SchemaCatalogue, root: str
) -> None:
    (translation,) = (one for one in xmeld.maps.values() if one.root.endswith(f"}}{root}"))
    probe = Probe(translation, official)
    sample(translation.schema, probe.judge, count=300, seed=3)
    assert len(probe.found) >= LEAVES[root]
    assert {name for name, (ours, theirs) in probe.found.items() if ours != theirs} == set()
