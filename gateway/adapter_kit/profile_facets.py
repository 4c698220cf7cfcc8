"""The facets of an adapter: facts about values that its maps do not say, typed by hand.

``facets.yaml`` beside the maps::

    types:  { text: { characters: din-91379-c } }
    facets: { hausnummer: { maxLength: 4 }, kanal/code: { pattern: "[0-9]{2}" } }

``types`` holds for every value of a type, by the name that ``as:`` uses; ``facets`` adds to it for
one place. A place is named as in the maps, by as many steps as it needs: ``code``,
``xmeld:passart/code``, ``kanal/@listVersionID``; the longest name that fits wins. Kept out: what a
facet does (XML Schema 1.0 Part 2 §4.3).
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gateway.errors import ConfigurationError, Place
from gateway.translation.source import YamlMapping, load_yaml
from gateway.validation.repertoire import repertoire_names

FILE = "facets.yaml"

FACETS = (
    "length", "minLength", "maxLength", "pattern", "enumeration", "minInclusive", "maxInclusive",
    "totalDigits", "fractionDigits",
)  # fmt: skip
"""Names of XML Schema that narrow a type, in the order they are written."""

_KEYS = {*FACETS, "type", "characters", "fixed", "minOccurs", "maxOccurs"}
_REPEAT = re.compile(r"\[[*~]\]")


class Facets:
    """The facets of one adapter; remembers which were asked for."""

    def __init__(self, types: Mapping[str, YamlMapping], places: Mapping[str, YamlMapping]) -> None:
        self._types = types
        self._places = places
        self._used: set[str] = set()

    def of_type(self, name: str) -> Mapping[str, Any]:
        """Facets of every value of a type; empty when there are none."""
        return self._types.get(name, {})

    def at(self, wire: str) -> Mapping[str, Any]:
        """Facets of a place given by its wire path; empty when there are none."""
        steps = _REPEAT.sub("", wire).split("/")
        for start in range(len(steps)):
            name = "/".join(steps[start:])
            if name in self._places:
                self._used.add(name)
                return self._places[name]
        return {}

    def unused(self) -> Iterator[Place]:
        """A place for each entry that no rule of any map fell under."""
        for name in sorted(self._places.keys() - self._used):
            yield _fault(self._places[name], "No rule of the maps has this place.")


def load_facets(folder: Path) -> Facets:
    """Read the facets of an adapter; none where it has no such file.

    Raises:
        ConfigurationError: The file is wrong; every fault is listed with its place.
    """
    if not (folder / FILE).is_file():
        return Facets({}, {})
    content = load_yaml(folder / FILE)
    faults = list(_file_faults(content))
    if faults:
        raise ConfigurationError(f"The file {FILE} is wrong.", places=faults)
    return Facets(content.get("types") or {}, content.get("facets") or {})


def _file_faults(content: YamlMapping) -> Iterator[Place]:
    known = repertoire_names()
    for section in sorted(set(content) - {"types", "facets"}):
        yield _fault(content, f"There is no section `{section}`.")
    for section in ("types", "facets"):
        entries = content.get(section) or YamlMapping(content.place)
        for name, facets in entries.items():
            if not isinstance(facets, YamlMapping):
                yield _fault(content, f"`{name}` must be a mapping of facets.")
            elif unknown := sorted(set(facets) - _KEYS):
                yield _fault(facets, f"`{name}` has no facet `{unknown[0]}`.")
            elif facets.get("characters", known[0]) not in known:
                yield _fault(facets, f"`characters` is one of {', '.join(known)}.")


def _fault(where: YamlMapping, detail: str) -> Place:
    return Place(keyword="facets", detail=detail, rule=where.place)
