"""What a profile says about messages, as plain values: elements, attributes and their types.

Kept out: how maps become shapes (``profile_build``) and how XSD is printed (``profile_print``).
"""

from dataclasses import dataclass, field, replace

Facet = tuple[str, str]
"""Name and value of one facet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Simple:
    """The type of a text.

    Attributes:
        base: A type of XML Schema by its name, or another type that this one narrows.
        facets: In the order of writing.
        label: What it is named after; says nothing about equality.
    """

    base: "str | Simple"
    facets: tuple[Facet, ...] = ()
    label: str = field(default="", compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribute:
    """An attribute; ``namespace`` is None for an unqualified name."""

    name: str
    namespace: str | None
    type: Simple
    required: bool
    fixed: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Element:
    """An element where it may stand; ``maximum`` None means without limit."""

    name: str
    namespace: str | None
    type: "Simple | Complex | Again"
    minimum: int = 1
    maximum: int | None = 1
    fixed: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One of several branches, each a sequence; with ``maximum`` None again and again."""

    branches: "tuple[tuple[Particle, ...], ...]"
    minimum: int = 1
    maximum: int | None = 1


Particle = Element | Choice


@dataclass(frozen=True, kw_only=True, slots=True)
class Complex:
    """The type of an element with attributes or children.

    Attributes:
        attributes: In the order of the rules.
        particles: Children in their order; empty where ``text`` is given.
        text: Type of the element's own text; None where it may not have any.
        label: What it is named after; says nothing about equality.
        cycle: Key by which types inside it refer to it; None where none does.
        foreign: Whether elements of any name and namespace may stand in it, and nothing else.
    """

    attributes: tuple[Attribute, ...] = ()
    particles: tuple[Particle, ...] = ()
    text: Simple | None = None
    label: str = field(default="", compare=False)
    cycle: str | None = None
    foreign: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Again:
    """Refers to the type around it that has this ``cycle``: an element may hold itself."""

    cycle: str


class NotMergeableError(Exception):
    """Elements of one name differ in a way that one type cannot say."""


def join_twins(particles: tuple[Particle, ...]) -> tuple[Particle, ...]:
    """Put elements of the same name together; XML Schema allows one type a name and place.

    ``where`` tells them apart by a constant, which XML Schema 1.0 cannot: the result allows what
    any of them allows.

    Raises:
        NotMergeableError: Their types differ too much.
    """
    names = [_name(particle) for particle in particles]
    twin = next((name for name in names if name is not None and names.count(name) > 1), None)
    if twin is None:
        return particles
    first = names.index(twin)
    last = len(names) - 1 - names[::-1].index(twin)
    found = [p for p in particles if isinstance(p, Element) and _name(p) == twin]
    merged = found[0]
    for other in found[1:]:
        merged = _merged(merged, other)
    between = [p for p, name in zip(particles, names, strict=True) if name != twin]
    before = particles[:first]
    after = particles[last + 1 :]
    inside = between[len(before) : len(between) - len(after)]
    whole: Particle = merged
    if inside:
        branches = tuple((_once(particle),) for particle in (merged, *inside))
        whole = Choice(branches=branches, minimum=0, maximum=None)
    return join_twins((*before, whole, *after))


def _name(particle: Particle) -> tuple[str | None, str] | None:
    return (particle.namespace, particle.name) if isinstance(particle, Element) else None


def _once(particle: Particle) -> Particle:
    return replace(particle, minimum=1, maximum=1)


def _merged(one: Element, other: Element) -> Element:
    unlimited = one.maximum is None or other.maximum is None
    return replace(
        one,
        type=_merged_types(one.type, other.type),
        minimum=one.minimum + other.minimum,
        maximum=None if unlimited else (one.maximum or 0) + (other.maximum or 0),
        fixed=one.fixed if one.fixed == other.fixed else None,
    )


def _merged_types(
    one: "Simple | Complex | Again", other: "Simple | Complex | Again"
) -> "Simple | Complex | Again":
    if one == other:
        return one
    if isinstance(one, Simple) and isinstance(other, Simple):
        return Simple(base="string")
    if not (isinstance(one, Complex) and isinstance(other, Complex)):
        raise NotMergeableError
    if (one.text is None) != (other.text is None) or one.foreign or other.foreign:
        raise NotMergeableError
    return Complex(
        attributes=_merged_attributes(one.attributes, other.attributes),
        particles=_merged_particles(one.particles, other.particles),
        text=one.text if one.text == other.text else Simple(base="string"),
        label=one.label,
    )


def _merged_attributes(
    ones: tuple[Attribute, ...], others: tuple[Attribute, ...]
) -> tuple[Attribute, ...]:
    by_name = {(attribute.namespace, attribute.name): attribute for attribute in others}
    merged = []
    for one in ones:
        other = by_name.pop((one.namespace, one.name), None)
        merged.append(replace(one, required=False) if other is None else _either(one, other))
    return (*merged, *(replace(other, required=False) for other in by_name.values()))


def _either(one: Attribute, other: Attribute) -> Attribute:
    same = one.type == other.type and one.fixed == other.fixed
    return replace(
        one,
        type=one.type if same else Simple(base="string"),
        required=one.required and other.required,
        fixed=one.fixed if same else None,
    )


def _merged_particles(
    ones: tuple[Particle, ...], others: tuple[Particle, ...]
) -> tuple[Particle, ...]:
    if ones == others:
        return ones
    elements: dict[tuple[str | None, str] | None, Element] = {}
    for particle in _flat((*ones, *others)):
        known = elements.get(_name(particle))
        elements[_name(particle)] = particle if known is None else _merged(known, particle)
    branches = tuple((_once(element),) for element in elements.values())
    return (Choice(branches=branches, minimum=0, maximum=None),)


def _flat(particles: tuple[Particle, ...]) -> list[Element]:
    flat: list[Element] = []
    for particle in particles:
        if isinstance(particle, Element):
            flat.append(particle)
        else:
            flat += [inner for branch in particle.branches for inner in _flat(branch)]
    return flat
