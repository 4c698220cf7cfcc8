from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import NoRouteError
from gateway.messaging.route import Route, explain, overlaps, resolve

SEARCH = "residents/search/v1"
DAY = date(2026, 3, 1)
EXACT = Route(operation=SEARCH, channel="munich", authority="ags:09162000")
AREA = Route(operation=SEARCH, channel="bavaria", area="ags:09")
DISTRICT = Route(operation=SEARCH, channel="district", area="ags:09162")

days = st.none() | st.dates(DAY - timedelta(days=3), DAY + timedelta(days=3))
targets = st.one_of(
    st.fixed_dictionaries({"authority": st.sampled_from(["ags:09162000", "ags:05000000"])}),
    st.fixed_dictionaries({"area": st.sampled_from(["ags:", "ags:09", "ags:09162"])}),
)
routes = st.builds(
    lambda target, channel, start, end: Route(
        operation=SEARCH, channel=channel, valid_from=start, valid_until=end, **target
    ),
    targets,
    st.sampled_from(["a", "b", "c"]),
    days,
    days,
)


def test_the_exact_route_comes_before_every_area_and_the_longer_area_before_the_shorter() -> None:
    assert resolve([AREA, DISTRICT, EXACT], SEARCH, "ags:09162000", DAY) is EXACT
    assert resolve([AREA, DISTRICT], SEARCH, "ags:09162000", DAY) is DISTRICT
    assert resolve([DISTRICT, AREA], SEARCH, "ags:09777000", DAY) is AREA


@pytest.mark.parametrize(
    ("operation", "authority"),
    [("residents/other/v1", "ags:09162000"), (SEARCH, "ags:05000000")],
)
def test_without_a_declared_route_nothing_is_sent(operation: str, authority: str) -> None:
    with pytest.raises(NoRouteError) as refused:
        resolve([EXACT, AREA], operation, authority, DAY)
    assert refused.value.places[0].keyword == "no-route"


def test_a_route_without_target_covers_nothing() -> None:
    assert not Route(operation=SEARCH, channel="x").covers(SEARCH, "ags:09162000")
    assert Route(operation=SEARCH, channel="x").rank == 0


@pytest.mark.parametrize(
    ("start", "end", "valid"),
    [
        (None, None, True),
        (DAY, DAY, True),
        (DAY + timedelta(days=1), None, False),
        (None, DAY - timedelta(days=1), False),
    ],
)
def test_first_and_last_day_belong_to_a_route(
    start: date | None, end: date | None, *, valid: bool
) -> None:
    route = Route(operation=SEARCH, channel="x", valid_from=start, valid_until=end)
    assert route.is_valid_on(DAY) is valid


def test_every_route_of_the_operation_is_explained() -> None:
    old = Route(operation=SEARCH, channel="old", area="ags:0916", valid_until=date(2020, 1, 1))
    foreign = Route(operation=SEARCH, channel="foreign", authority="ags:05000000")
    other = Route(operation="residents/other/v1", channel="other", area="ags:")
    candidates = explain([other, old, AREA, DISTRICT, foreign], SEARCH, "ags:09162000", DAY)
    assert [(found.route.channel, found.verdict, found.taken) for found in candidates] == [
        ("foreign", "another authority", False),
        ("district", "taken", True),
        ("old", "not in force on this day", False),
        ("bavaria", "a more exact route comes first", False),
    ]


def test_routes_of_equal_rank_that_share_a_day_overlap() -> None:
    again = Route(operation=SEARCH, channel="new", area="ags:09", valid_from=DAY)
    before = Route(
        operation=SEARCH, channel="old", area="ags:09", valid_until=DAY - timedelta(days=1)
    )
    assert overlaps([AREA, again, DISTRICT]) == [(AREA, again)]
    assert overlaps([again, before]) == []


@given(st.lists(routes, max_size=6))
def test_what_is_explained_as_taken_is_what_is_resolved(known: list[Route]) -> None:
    taken = [found.route for found in explain(known, SEARCH, "ags:09162000", DAY) if found.taken]
    try:
        resolved = [resolve(known, SEARCH, "ags:09162000", DAY)]
    except NoRouteError:
        resolved = []
    assert taken == resolved


@given(st.permutations([EXACT, AREA, DISTRICT]), st.sampled_from(["ags:09162000", "ags:09162999"]))
def test_order_decides_nothing(known: list[Route], authority: str) -> None:
    expected = resolve([EXACT, AREA, DISTRICT], SEARCH, authority, DAY)
    assert resolve(known, SEARCH, authority, DAY) is expected


@given(st.lists(routes, max_size=6), st.dates(DAY - timedelta(days=4), DAY + timedelta(days=4)))
def test_without_overlaps_one_route_at_most_is_best(known: list[Route], day: date) -> None:
    if overlaps(known):
        return
    matching = [
        route for route in known if route.covers(SEARCH, "ags:09162000") and route.is_valid_on(day)
    ]
    assert len({route.rank for route in matching}) == len(matching)
