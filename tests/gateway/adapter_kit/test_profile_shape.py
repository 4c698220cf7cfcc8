import pytest

from gateway.adapter_kit.profile_shape import (
    Again,
    Attribute,
    Choice,
    Complex,
    Element,
    NotMergeableError,
    Simple,
    join_twins,
)

STRING = Simple(base="string")
TOKEN = Simple(base="token")


def element(name: str, kind: Simple | Complex | Again = STRING, minimum: int = 1) -> Element:
    return Element(name=name, namespace=None, type=kind, minimum=minimum)


def marked(mark: str, *more: Element) -> Complex:
    attribute = Attribute(name="type", namespace=None, type=TOKEN, required=True, fixed=mark)
    return Complex(attributes=(attribute,), particles=more)


def test_different_names_stay_as_they_are() -> None:
    particles = (element("a"), element("b"))
    assert join_twins(particles) == particles


def test_neighbours_of_one_name_become_one_that_repeats() -> None:
    (joined,) = join_twins((element("id", marked("x")), element("id", marked("y"), minimum=0)))
    assert isinstance(joined, Element)
    assert (joined.minimum, joined.maximum) == (1, 2)
    assert isinstance(joined.type, Complex)
    assert joined.type.attributes[0].required
    assert joined.type.attributes[0].fixed is None


def test_what_stands_between_them_may_come_in_any_order() -> None:
    first, whole, last = join_twins(
        (element("a"), element("id"), element("b"), element("id"), element("c"))
    )
    assert (first, last) == (element("a"), element("c"))
    assert isinstance(whole, Choice)
    assert (whole.minimum, whole.maximum) == (0, None)
    assert [branch[0] for branch in whole.branches] == [element("id"), element("b")]


def test_their_children_are_all_allowed() -> None:
    one = marked("x", element("a"), element("b", TOKEN))
    other = Complex(particles=(Choice(branches=((element("b"),), (element("c", marked("q")),))),))
    (joined,) = join_twins((element("id", one), element("id", other)))
    assert isinstance(joined, Element)
    assert isinstance(joined.type, Complex)
    (inside,) = joined.type.particles
    assert isinstance(inside, Choice)
    names = [branch[0].name for branch in inside.branches if isinstance(branch[0], Element)]
    assert names == ["a", "b", "c"]
    assert not joined.type.attributes[0].required


def test_an_attribute_of_the_second_alone_is_optional() -> None:
    (joined,) = join_twins(
        (
            element("id", Complex(particles=(element("a"),))),
            element("id", marked("x", element("a"))),
        )
    )
    assert isinstance(joined, Element)
    assert isinstance(joined.type, Complex)
    assert joined.type.particles == (element("a"),)
    assert [attribute.required for attribute in joined.type.attributes] == [False]


def test_repeats_without_limit_stay_so() -> None:
    many = Element(name="id", namespace=None, type=STRING, maximum=None)
    (joined,) = join_twins((element("id"), many))
    assert isinstance(joined, Element)
    assert joined.maximum is None


@pytest.mark.parametrize("other", [STRING, Again(cycle="x"), Complex(text=STRING)])
def test_kinds_that_differ_too_much_are_refused(other: Simple | Complex | Again) -> None:
    with pytest.raises(NotMergeableError):
        join_twins((element("id", marked("x")), element("id", other)))
