"""``use``: a fragment's rules put where it is used, parameters replaced by whole values."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gateway.errors import ConfigurationError, Place
from gateway.translation.source import YamlFaultError, YamlMapping, load_yaml

FRAGMENT_KEYS = {"parameters", "rules"}
"""Keys of one fragment."""


def load_fragments(folder: Path, names: list[Any]) -> dict[str, YamlMapping]:
    """Read the included files beside a map: fragment name to its definition.

    Raises:
        ConfigurationError: A file cannot be read, holds no ``fragments``, or one that another
            file holds too.
    """
    fragments: dict[str, YamlMapping] = {}
    faults: list[Place] = []
    for name in names:
        content = load_yaml(folder / str(name))
        found = content.get("fragments")
        if not isinstance(found, YamlMapping):
            detail = "An included file holds `fragments`."
            faults.append(Place(keyword="map", detail=detail, rule=content.place))
            continue
        for known, fragment in found.items():
            faults += _fragment_faults(known, fragment, found, fragments)
        fragments.update(found)
    if faults:
        raise ConfigurationError("The included fragments are wrong.", places=faults)
    return fragments


def _fragment_faults(
    name: str, fragment: Any, found: YamlMapping, known: Mapping[str, YamlMapping]
) -> Iterator[Place]:
    place = found.places[name]
    if name in known:
        detail = f"The fragment `{name}` stands in two included files; the other: "
        yield Place(keyword="map", detail=f"{detail}{known[name].place}.", rule=place)
    if not isinstance(fragment, YamlMapping) or set(fragment) - FRAGMENT_KEYS:
        detail = f"The fragment `{name}` has `parameters` and `rules`, nothing else."
        yield Place(keyword="map", detail=detail, rule=place)


def expand(use: YamlMapping, fragments: Mapping[str, YamlMapping]) -> list[Any]:
    """The rules of the used fragment, parameters replaced.

    Raises:
        YamlFaultError: Unknown fragment, unknown or missing parameter.
    """
    name = use["use"]
    fragment = fragments.get(name) if isinstance(name, str) else None
    if fragment is None:
        raise YamlFaultError(use.place, "No included file has this fragment.")
    parameters = fragment.get("parameters") or {}
    given = use.get("with") or {}
    if not isinstance(parameters, dict) or not isinstance(given, dict):
        raise YamlFaultError(use.place, "`with` and `parameters` are mappings.")
    unknown = sorted(set(given) - set(parameters))
    if unknown:
        raise YamlFaultError(use.place, f"The fragment has no parameter `{unknown[0]}`.")
    missing = [key for key, default in parameters.items() if default is None and key not in given]
    if missing:
        raise YamlFaultError(use.place, f"The fragment needs the parameter `{missing[0]}`.")
    rules = fragment.get("rules")
    if not isinstance(rules, list):
        raise YamlFaultError(fragment.place, "The fragment has no `rules`.")
    values = {**parameters, **given}
    return [_replaced(rule, values, use.place) for rule in rules]


def _replaced(value: Any, values: Mapping[str, Any], place: str) -> Any:
    if isinstance(value, str) and value.startswith("$"):
        if value[1:] not in values:
            raise YamlFaultError(place, f"The fragment has no parameter `{value[1:]}`.")
        return values[value[1:]]
    if isinstance(value, list):
        return [_replaced(item, values, place) for item in value]
    if isinstance(value, YamlMapping):
        copy = YamlMapping(value.place)
        copy.places = value.places
        for key, inner in value.items():
            copy[key] = _replaced(inner, values, place)
        return copy
    return value
