import pickle
import re
from typing import get_args

import pytest

from gateway import errors
from gateway.errors import (
    ConfigurationError,
    Fault,
    GatewayError,
    Place,
)


def subclasses_of(kind: type[GatewayError]) -> list[type[GatewayError]]:
    return [kind, *(found for child in kind.__subclasses__() for found in subclasses_of(child))]


CLASSES = [
    found for found in subclasses_of(GatewayError) if found.__module__.startswith(errors.__name__)
]


def tree() -> dict[str, str]:
    """Each class of the tree in the module's docstring, with its parent."""
    parents: dict[str, str] = {}
    above = [(-1, "Exception")]
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"^([ │├└─]*)(\w+Error)\b", line)
        if found:
            depth = len(found[1])
            while above[-1][0] >= depth:
                above.pop()
            parents[found[2]] = above[-1][1]
            above.append((depth, found[2]))
    return parents


def test_the_tree_in_the_docstring_is_the_tree_of_classes() -> None:
    assert tree() == {kind.__name__: kind.__base__.__name__ for kind in CLASSES if kind.__base__}


def test_codes_are_unique_and_can_stand_in_a_url() -> None:
    codes = [kind.code for kind in CLASSES]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes)


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_says_whose_fault_it_is_and_what_to_do(kind: type[GatewayError]) -> None:
    assert kind.fault in get_args(Fault)
    assert kind.next_step.endswith(".")
    assert kind.__doc__
    if kind is not GatewayError:
        assert "code" in vars(kind)
        assert "next_step" in vars(kind)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (Place(keyword="required", detail="A field is missing."), "A field is missing."),
        (
            Place(keyword="required", detail="Missing.", pointer="/a", wire="x:a", rule="m.yaml:4"),
            "Missing. [/a · x:a · m.yaml:4]",
        ),
        (Place(keyword="type", detail="Wrong.", wire="x:a"), "Wrong. [x:a]"),
        (Place(keyword="type", detail="Wrong.", pointer=""), "Wrong."),
    ],
)
def test_a_place_names_both_sides_where_there_are_both(place: Place, text: str) -> None:
    assert str(place) == text


def test_an_error_lists_every_place_a_line_each() -> None:
    places = [Place(keyword="a", detail="One."), Place(keyword="b", detail="Two.", pointer="/b")]
    error = ConfigurationError("Two faults.", places=places)
    assert str(error) == "Two faults.\n  - One.\n  - Two. [/b]"
    assert error.places == tuple(places)
    assert str(ConfigurationError("Alone.")) == "Alone."


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_reaches_another_process_whole(kind: type[GatewayError]) -> None:
    error = kind("What is wrong.", places=[Place(keyword="a", detail="One.", pointer="/a")])
    arrived = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert type(arrived) is kind
    assert vars(arrived) == vars(error)
    assert str(arrived) == str(error)
