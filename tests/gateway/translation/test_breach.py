"""Places with their repeats numbered."""

import pytest

from gateway.translation.breach import BreachError, RulePlace

PLACE = RulePlace(rule="a.map.yaml:3", pointer="/a/*/b/*", wire="/x:r/a[*]/b[*]/@c")


@pytest.mark.parametrize(
    ("indices", "pointer", "wire"),
    [
        ([0, 4], "/a/0/b/4", "/x:r/a[1]/b[5]/@c"),
        ([2], "/a/2/b/*", "/x:r/a[3]/b[*]/@c"),
        ([], "/a/*/b/*", "/x:r/a[*]/b[*]/@c"),
        ([1, 2, 3], "/a/1/b/2", "/x:r/a[2]/b[3]/@c"),
    ],
)
def test_repeats_count_from_0_in_the_pointer_and_from_1_in_the_path(
    indices: list[int], pointer: str, wire: str
) -> None:
    place = PLACE.at(indices, keyword="k", detail="d")
    assert (place.pointer, place.wire, place.rule) == (pointer, wire, "a.map.yaml:3")


def test_exact_path_wins_over_the_template() -> None:
    assert PLACE.at([0, 0], keyword="k", detail="d", wire="/y").wire == "/y"


def test_place_without_canonical_side_has_no_pointer() -> None:
    place = RulePlace(rule="m:1", pointer=None, wire="/x").at([], keyword="k", detail="d")
    assert place.pointer is None


def test_breach_collects_indices_on_its_way_up() -> None:
    breach = BreachError(PLACE, "k", "d")
    breach.indices.insert(0, 1)
    breach.indices.insert(0, 2)
    assert breach.place.at(breach.indices, keyword="", detail="").pointer == "/a/2/b/1"
