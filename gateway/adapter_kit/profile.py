"""The profile: an XSD generated from an adapter's maps, used where no official one is installed.

It says of the messages what the maps say (names, order, cardinality, value types) and what the
adapter's facets add. Kept out: reading facets (``profile_facets``), building shapes
(``profile_build``) and printing them (``profile_print``).

::

    python -m gateway.adapter_kit.profile --write | --check
"""

import argparse
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.adapter_kit.profile_build import ShapeBuilder
from gateway.adapter_kit.profile_facets import Facets, load_facets
from gateway.adapter_kit.profile_print import Header, print_profile
from gateway.adapter_kit.profile_shape import Element
from gateway.errors import ConfigurationError, Place
from gateway.registry import MANIFEST, find_adapters
from gateway.translation.map import compile_rules
from gateway.translation.schema_view import SchemaView
from gateway.translation.source import load_yaml
from gateway.validation.catalogue import SchemaCatalogue, shipped_schemas

EXIT_STALE = 1
EXIT_CONFIGURATION = 78

_TITLE = (
    "A profile of {standard}, generated from the maps of adapter {adapter}. "
    "It is NOT the official schema."
)
_NOTES = """
It knows only the messages and fields that the maps know, and refuses what no map mentions. The
official edition takes precedence where it is installed:

    agency-gateway schemas install <zip or folder> --standard {name} --edition {edition}

Do not edit. Change the maps or facets.yaml of the adapter, then:

    python -m gateway.adapter_kit.profile --write

Not checked here: {unchecked}."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """One generated profile: ``standard/edition`` and the text of its XSD."""

    name: str
    text: str

    def path(self, schemas: Path) -> Path:
        """Where it lies below the folder of schemas."""
        return schemas / "wire" / f"{self.name}.xsd"


def generate_profiles(adapter: Path, schemas: Path) -> tuple[Profile, ...]:
    """Generate the profiles of one adapter: one for each wire schema its maps name, by name.

    Args:
        adapter: The adapter's folder.
        schemas: The folder with the canonical schemas.

    Raises:
        ConfigurationError: A map or the facets are wrong, or say what one XSD cannot say.
    """
    facets = load_facets(adapter)
    catalogue = SchemaCatalogue(installed=None, shipped=schemas)
    roots: dict[str, dict[str, Element]] = {}
    faults: list[Place] = []
    for path in sorted(adapter.glob("*.map.yaml")):
        source, scope = compile_rules(path)
        wire = source["wire"]
        name, namespace = _root_name(wire)
        canonical = SchemaView(catalogue.canonical(source["api"]).schema)
        builder = ShapeBuilder(namespace, canonical, facets)
        root = builder.root(name, scope)
        faults += builder.faults
        known = roots.setdefault(str(wire["schema"]), {}).setdefault(name, root)
        if known != root:
            faults.append(
                Place(
                    keyword="profile",
                    detail="Another map gives the same root another form.",
                    rule=source.place,
                )
            )
    faults += facets.unused()
    if faults:
        raise ConfigurationError(f"No profile can be made of {adapter.name}.", places=faults)
    return tuple(_profile(name, roots[name], adapter, facets) for name in sorted(roots))


def outdated_profiles(adapters: Iterable[Path], schemas: Path) -> list[Path]:
    """Return the files that are missing or differ from what the maps say now.

    Raises:
        ConfigurationError: A profile cannot be generated.
    """
    return [
        profile.path(schemas)
        for adapter in adapters
        for profile in generate_profiles(adapter, schemas)
        if not _holds(profile.path(schemas), profile.text)
    ]


def write_profiles(adapters: Iterable[Path], schemas: Path) -> list[Path]:
    """Write every profile that is missing or differs; returns the files written.

    Raises:
        ConfigurationError: A profile cannot be generated; nothing of its adapter is written.
    """
    written = []
    for adapter in adapters:
        for profile in generate_profiles(adapter, schemas):
            path = profile.path(schemas)
            if not _holds(path, profile.text):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(profile.text, encoding="utf-8", newline="\n")
                written.append(path)
    return written


def main(arguments: list[str] | None = None) -> int:
    """Run from a command line; returns the exit status.

    Returns:
        0; 1 where ``--check`` found an outdated file; 78 where a profile cannot be generated.
    """
    parser = argparse.ArgumentParser(description="Generate wire profiles from adapters' maps.")
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--write", action="store_true", help="write what differs")
    mode.add_argument("--check", action="store_true", help="only say what differs")
    parser.add_argument("--schemas", type=Path, help="folder of schemas; default: the shipped one")
    parser.add_argument("adapters", type=Path, nargs="*", help="default: every installed adapter")
    options = parser.parse_args(arguments)
    try:
        schemas = options.schemas or shipped_schemas()
        adapters = options.adapters or _installed_adapters()
        files = (write_profiles if options.write else outdated_profiles)(adapters, schemas)
    except ConfigurationError as error:
        _say(error.detail)
        for place in error.places:
            _say(f"  {place.rule or ''} {place.wire or ''}: {place.detail}")
        return EXIT_CONFIGURATION
    for path in files:
        _say(f"{path}: {'written' if options.write else 'outdated, run with --write'}")
    return EXIT_STALE if options.check and files else 0


def _profile(name: str, roots: Mapping[str, Element], adapter: Path, facets: Facets) -> Profile:
    manifest = load_yaml(adapter / MANIFEST)
    standard, _, edition = name.partition("/")
    namespaces = {root.namespace for root in roots.values()}
    if len(namespaces) > 1:
        raise ConfigurationError(f"The maps of {name} have roots of several namespaces.")
    unchecked = "which versions code lists have"
    if "characters" not in facets.of_type("text"):
        unchecked += ", and the characters of texts"
    # An adapter may also speak messages of other standards than the one it is named after.
    spelled = str(manifest.get("standard", standard))
    said = {
        "standard": f"{spelled if spelled.lower() == standard else standard} {edition}",
        "adapter": str(manifest.get("adapter", adapter.name)),
        "name": standard,
        "edition": edition,
        "unchecked": unchecked,
    }
    header = Header(title=_TITLE.format(**said), notes=_NOTES.format(**said))
    elements = [roots[root] for root in sorted(roots)]
    return Profile(
        name=name,
        text=print_profile(elements, namespace=namespaces.pop(), header=header),
    )


def _root_name(wire: Mapping[str, Any]) -> tuple[str, str | None]:
    """Clark name and namespace of the root that a map names."""
    prefix, colon, local = str(wire["root"]).partition(":")
    if not colon:
        return prefix, None
    namespace = str(wire["namespaces"][prefix])
    return f"{{{namespace}}}{local}", namespace


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode("utf-8")


def _installed_adapters() -> list[Path]:
    return [folder.path for folder in find_adapters() if folder.path is not None]


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
