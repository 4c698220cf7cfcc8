"""Print a profile as one XSD 1.0 file: the same shapes give the same bytes.

Types are global and shared: what is equal is declared once, named after the first element that
has it. Kept out: what the messages look like (``profile_build``).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from gateway.adapter_kit.profile_shape import (
    Again,
    Attribute,
    Complex,
    Element,
    Particle,
    Simple,
)

_XSD = "http://www.w3.org/2001/XMLSchema"
_STEP = "  "
# `lax`: what is declared somewhere is checked, anything else may stand there unchecked.
_ANYTHING = '<xs:any minOccurs="0" maxOccurs="unbounded" processContents="lax"/>'


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """What stands at the top: a title, as a comment, and notes, as documentation.

    Notes hold command lines, whose double hyphens XML forbids in comments.
    """

    title: str
    notes: str


def print_profile(roots: Sequence[Element], *, namespace: str | None, header: Header) -> str:
    """Return the text of the XSD.

    Args:
        roots: The global elements.
        namespace: Target namespace; None: the names have none.
        header: What is said at its top.
    """
    printer = _Printer(namespace)
    body = [line for root in roots for line in printer.element(root, is_root=True)]
    target = f' xmlns:p="{namespace}" targetNamespace="{namespace}"' if namespace else ""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<!-- {header.title} -->",
        f'<xs:schema xmlns:xs="{_XSD}"{target}>',
        *_indented(_inside("annotation", {}, _documentation(header))),
        *_indented(body),
        *_indented(line for lines in printer.types.values() for line in lines),
        "</xs:schema>",
    ]
    return "\n".join(lines) + "\n"


def _documentation(header: Header) -> list[str]:
    notes = f"{header.title}\n\n{header.notes.strip()}".splitlines()
    lines = [line and _STEP + escape(line) for line in notes]
    return ['<xs:documentation xml:lang="en">', *lines, "</xs:documentation>"]


class _Printer:
    """Collects types while elements are printed.

    Attributes:
        types: Lines of each global type by its name, in the order they were met.
    """

    def __init__(self, namespace: str | None) -> None:
        self.types: dict[str, list[str]] = {}
        self._prefix = "p:" if namespace else ""
        self._names: dict[Simple | Complex, str] = {}
        self._cycles: dict[str, str] = {}

    def element(self, element: Element, *, is_root: bool = False) -> list[str]:
        """The lines of an element's declaration."""
        attributes = {"name": element.name, "type": self._type(element.type)}
        if not is_root:
            attributes |= _form(element.namespace) | _occurs(element)
        if element.fixed is not None:
            attributes["fixed"] = element.fixed
        return [_tag("element", attributes)]

    def _type(self, kind: Simple | Complex | Again) -> str:
        if isinstance(kind, Again):
            return self._prefix + self._cycles[kind.cycle]
        if isinstance(kind, Simple) and not kind.facets and isinstance(kind.base, str):
            return f"xs:{kind.base}"
        if kind not in self._names:
            self._declare(kind)
        return self._prefix + self._names[kind]

    def _declare(self, kind: Simple | Complex) -> None:
        name = self._free_name(kind.label or "type")
        self._names[kind] = name
        self.types[name] = []  # keeps its place before the types it needs
        if isinstance(kind, Simple):
            self.types[name] = self._simple(name, kind)
            return
        if kind.cycle is not None:
            self._cycles[kind.cycle] = name
        self.types[name] = self._complex(name, kind)

    def _free_name(self, label: str) -> str:
        name, number = label, 1
        while name in self.types:
            number += 1
            name = f"{label}-{number}"
        return name

    def _simple(self, name: str, kind: Simple) -> list[str]:
        base = f"xs:{kind.base}" if isinstance(kind.base, str) else self._type(kind.base)
        facets = [_tag(facet, {"value": value}) for facet, value in kind.facets]
        inner = _inside("restriction", {"base": base}, facets)
        return _inside("simpleType", {"name": name}, inner)

    def _complex(self, name: str, kind: Complex) -> list[str]:
        attributes = [self._attribute(attribute) for attribute in kind.attributes]
        if kind.text is not None:
            extended = _inside("extension", {"base": self._type(kind.text)}, attributes)
            return _inside("complexType", {"name": name}, _inside("simpleContent", {}, extended))
        if kind.foreign:
            return _inside("complexType", {"name": name}, _inside("sequence", {}, [_ANYTHING]))
        children = self._sequence(kind.particles) if kind.particles else []
        return _inside("complexType", {"name": name}, [*children, *attributes])

    def _sequence(self, particles: Iterable[Particle]) -> list[str]:
        lines = [line for particle in particles for line in self._particle(particle)]
        return _inside("sequence", {}, lines)

    def _particle(self, particle: Particle) -> list[str]:
        if isinstance(particle, Element):
            return self.element(particle)
        lines: list[str] = []
        for branch in particle.branches:
            alone = len(branch) == 1
            lines += self._particle(branch[0]) if alone else self._sequence(branch)
        return _inside("choice", _occurs(particle), lines)

    def _attribute(self, attribute: Attribute) -> str:
        said = {"name": attribute.name, "type": self._type(attribute.type)}
        said |= _form(attribute.namespace)
        said["use"] = "required" if attribute.required else "optional"
        if attribute.fixed is not None:
            said["fixed"] = attribute.fixed
        return _tag("attribute", said)


def _form(namespace: str | None) -> dict[str, str]:
    return {"form": "qualified" if namespace else "unqualified"}


def _occurs(particle: Particle) -> dict[str, str]:
    said = {}
    if particle.minimum != 1:
        said["minOccurs"] = str(particle.minimum)
    if particle.maximum != 1:
        said["maxOccurs"] = "unbounded" if particle.maximum is None else str(particle.maximum)
    return said


def _tag(name: str, attributes: Mapping[str, str], end: str = "/>") -> str:
    said = "".join(f" {key}={_quoted(value)}" for key, value in attributes.items())
    return f"<xs:{name}{said}{end}"


def _quoted(value: str) -> str:
    # A line break in an attribute would be read as a blank; combining marks cannot be read at all.
    blanks = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
    return quoteattr(value, blanks).encode("ascii", "xmlcharrefreplace").decode("ascii")


def _inside(name: str, attributes: Mapping[str, str], lines: Sequence[str]) -> list[str]:
    if not lines:
        return [_tag(name, attributes)]
    return [_tag(name, attributes, ">"), *_indented(lines), f"</xs:{name}>"]


def _indented(lines: Iterable[str]) -> list[str]:
    return [line and _STEP + line for line in lines]
