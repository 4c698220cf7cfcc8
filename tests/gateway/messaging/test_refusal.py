"""What is kept of a refused call."""

from gateway.errors import Place
from gateway.messaging.refusal import MOST_PLACES, Spot, spots_of


def test_details_stay_out_and_places_stay() -> None:
    place = Place(keyword="pattern", detail="long", pointer="/a/b", wire="/x:a", rule="m.yaml:3")
    assert spots_of([place]) == (
        Spot(keyword="pattern", pointer="/a/b", wire="/x:a", rule="m.yaml:3"),
    )


def test_the_name_of_an_unknown_property_is_a_callers_word() -> None:
    places = [
        Place(keyword="unknown-property", detail="x", pointer="/search/Quendel"),
        Place(keyword="unknown-property", detail="x"),
    ]
    assert [spot.pointer for spot in spots_of(places)] == ["/search", None]


def test_a_hostile_document_leaves_no_long_list() -> None:
    places = [Place(keyword="type", detail="x", pointer=f"/{n}") for n in range(1000)]
    assert len(spots_of(places)) == MOST_PLACES
