"""The reference of an adapter: its ``README.md``, generated from manifest, maps and schemas.

It is computed with the shipped schemas alone, so that it is the same wherever it is generated.
Kept out: what is decided about leaves (``coverage``) and the command (``cli``).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from gateway.adapter_kit.coverage import Around, Covered, cover_messages, filled, walk
from gateway.adapter_kit.examples import find_examples
from gateway.registry import Adapter, load_adapter
from gateway.translation.exchange import Choosable
from gateway.translation.forms.each import Each
from gateway.translation.forms.each_of import EachOf
from gateway.translation.forms.group import Group
from gateway.translation.forms.leaf import NO_DEFAULT, Leaf
from gateway.translation.forms.one_way import OneWay
from gateway.translation.forms.truncate import Truncated
from gateway.translation.forms.zip import Zip
from gateway.translation.map import Map
from gateway.translation.rule import Alternatives, Rule
from gateway.translation.schema_view import SchemaView
from gateway.validation.catalogue import SchemaCatalogue, shipped_schemas

FILE = "README.md"

_TOP = """# {standard} {edition}

<!-- Generated from the manifest, the maps and the schemas. Do not edit; run: make docs -->

Adapter `{name}`, version {version}{transports}. Every table below is generated.
"""
_REASONED = (("Dropped", "dropped"), ("Kept beside", "kept"), ("Unsupported", "unsupported"))

Row = tuple[str, ...]


def reference(folder: Path, schemas: Path | None = None) -> str:
    """The text of an adapter's reference.

    Args:
        folder: Folder with ``adapter.yaml``.
        schemas: Folder of schemas; None: the shipped one.

    Raises:
        ConfigurationError: The adapter cannot be loaded with these schemas.
    """
    catalogue = SchemaCatalogue(installed=None, shipped=schemas or shipped_schemas())
    adapter = load_adapter(folder, catalogue)
    covered = cover_messages(adapter, catalogue)
    parts = [_top(adapter), _operations(adapter), _counts(covered)]
    parts += (_message(translation, adapter) for _, translation in sorted(adapter.maps.items()))
    return "\n".join(parts)


def _top(adapter: Adapter) -> str:
    over = ", ".join(adapter.transports)
    return _TOP.format(
        standard=adapter.standard,
        edition=adapter.edition,
        name=adapter.name,
        version=adapter.version,
        transports=f", over {over}" if over else "",
    )


def _operations(adapter: Adapter) -> str:
    rows = [
        (key, side, f"[{entry.map.name}](#{entry.map.name})", _root(entry.map), _when(entry))
        for key, exchange in sorted(adapter.exchanges.items())
        for side, entries in (("request", exchange.requests), ("answer", exchange.answers))
        for entry in entries
    ]
    return _section("## Operations", ("Operation", "Side", "Map", "Message", "Chosen when"), rows)


def _when(entry: Choosable) -> str:
    return ", ".join(f"`{field}` is `{value}`" for field, value in sorted(entry.when.items()))


def _counts(messages: Sequence[Covered]) -> str:
    decisions = sorted({decision for covered in messages for decision in covered.counts})
    rows = [
        (
            covered.name,
            str(len(covered.leaves)),
            *(str(covered.counts.get(decision, 0)) for decision in decisions),
        )
        for covered in messages
    ]
    heading = (
        "## Leaves\n\nWhat becomes of each leaf of a message, counted on the shipped wire schema."
    )
    return _section(heading, ("Map", "Leaves", *decisions), rows)


def _message(translation: Map, adapter: Adapter) -> str:
    view = SchemaView(translation.schema)
    walked = list(walk(translation.scope))
    heading = (
        f"## {translation.name}\n\n"
        f"`{_root(translation)}`, version {translation.version} of the map; "
        f"document: `{translation.api}`; wire schema: `{translation.wire_schema}`."
    )
    examples = [
        e.name for e in find_examples(adapter.path, adapter.maps)[0] if e.map is translation
    ]
    if examples:
        links = ", ".join(f"[{name}](examples/{name}.api.json)" for name in examples)
        heading += f"\n\nExamples: {links}."
    root = translation.scope.place.wire
    fields = [row for rule, around in walked for row in _fields(rule, around, view, root)]
    head = ("Field", "Message", "Type", "Required", "Supplied as")
    parts = [_section(heading, head, fields)]
    for title, decision in _REASONED:
        rows = sorted({row for rule, _ in walked for row in _refused(rule, decision, root)})
        if rows:
            parts.append(_section(f"### {title}", ("Field", "Message", "Why"), rows))
    return "\n".join(parts)


def _fields(rule: Rule, around: Around, view: SchemaView, root: str) -> Iterator[Row]:
    """One row for each canonical field that the rule fills."""
    # A group without an object of its own passes on what its inner rules fill.
    if rule.decides in ("unsupported", "computed") or getattr(rule, "slot", rule) is None:
        return
    for pointer in filled(rule, around):
        yield (
            f"`{pointer}`",
            f"`{_below(rule.place.wire, root)}`",
            _kind(rule, pointer),
            "yes" if view.is_required(pointer) else "",
            f"`{supply}`" if (supply := getattr(rule, "supply", None)) else "",
        )


def _kind(rule: Rule, pointer: str) -> str:
    match rule:
        case Alternatives():
            return _one_of(rule.branches)
        case EachOf() if pointer != rule.place.pointer:
            return _one_of(rule.turns)
        case Each() | EachOf() | Zip():
            return "array"
        case Group():
            return "object"
        case OneWay() | Leaf():
            return _content(rule)
    return "XML" if rule.form == "opaque" else rule.form


def _one_of(values: Iterable[str]) -> str:
    return "one of " + ", ".join(f"`{value}`" for value in values)


def _content(rule: OneWay | Leaf) -> str:
    leaf = rule.leaf if isinstance(rule, OneWay) else rule
    content = leaf.content
    said = [content.type.name]
    if content.codes is not None:
        words = (f"`{code}` {word}" for code, word in content.codes.table.items())
        said.append("codes " + ", ".join(words))
        if content.codes.fallback is not None:
            said.append(f"others as `{content.codes.fallback}`")
    if leaf.default is not NO_DEFAULT:
        said.append(f"absent means `{leaf.default}`")
    if isinstance(leaf, Truncated):
        said.append(f"cut to {leaf.length}: {leaf.reason}")
    if leaf.code_list is not None and isinstance(leaf.code_list.uri, str):
        named = (leaf.code_list.uri, leaf.code_list.version)
        said.append("list " + " ".join(f"`{text}`" for text in named if isinstance(text, str)))
    if isinstance(rule, OneWay):
        said.append(f"{rule.only} only: {rule.reason}")
    return "; ".join(said)


def _refused(rule: Rule, decision: str, root: str) -> Iterator[Row]:
    if rule.decides == decision:
        pointer = f"`{rule.place.pointer}`" if any(True for _ in rule.slots()) else ""
        wire = f"`{_below(rule.place.wire, root)}`" if rule.name else ""
        yield pointer, wire, rule.reason or ""


def _root(translation: Map) -> str:
    return translation.scope.place.wire.removeprefix("/")


def _below(wire: str, root: str) -> str:
    return wire.removeprefix(root).removeprefix("/") or "."


def _section(heading: str, head: Row, rows: Iterable[Row]) -> str:
    lines = [heading, "", _line(head), _line(("---",) * len(head))]
    return "\n".join([*lines, *(_line(row) for row in rows), ""])


def _line(cells: Row) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def outdated(folders: Iterable[Path], schemas: Path | None = None) -> Mapping[Path, str]:
    """The references that are missing or differ, each with the text that it should have.

    Raises:
        ConfigurationError: An adapter cannot be loaded.
    """
    texts = {folder / FILE: reference(folder, schemas) for folder in folders}
    return {path: text for path, text in texts.items() if not _holds(path, text)}


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode("utf-8")
