import dataclasses

import pytest

from gateway.errors import PermissionDeniedError
from gateway.messaging.party import Caller, Grant, Party

SEARCH = "residents/search/v1"
PARTY = Party(id="ags:09162000", directory="DVDV", name="City")


def caller(*grants: Grant) -> Caller:
    return Caller(name="city", party=PARTY, grants=grants)


@pytest.mark.parametrize(
    ("grant", "allowed"),
    [
        (Grant(operation=SEARCH, authorities=("ags:09162000",)), True),
        (Grant(operation=SEARCH, authorities=("ags:05*", "ags:09*")), True),
        (Grant(operation=SEARCH, authorities=("*",), purposes=("register",)), True),
        (Grant(operation=SEARCH, authorities=("*",), purposes=("other",)), False),
        (Grant(operation=SEARCH, authorities=("ags:0916200",)), False),
        (Grant(operation=SEARCH, authorities=()), False),
        (Grant(operation="residents/search/v2", authorities=("*",)), False),
    ],
)
def test_a_grant_covers_operation_authority_and_purpose(grant: Grant, *, allowed: bool) -> None:
    assert grant.allows(SEARCH, "ags:09162000", "register") is allowed


def test_only_an_operator_is_one() -> None:
    dataclasses.replace(caller(), operator=True).require_operator()
    with pytest.raises(PermissionDeniedError) as refused:
        caller(Grant(operation=SEARCH, authorities=("*",))).require_operator()
    assert [place.keyword for place in refused.value.places] == ["operator"]


def test_a_grant_with_purposes_wants_one() -> None:
    grant = Grant(operation=SEARCH, authorities=("*",), purposes=("register",))
    assert not grant.allows(SEARCH, "ags:09162000", None)


def test_one_covering_grant_is_enough() -> None:
    grants = [
        Grant(operation="residents/other/v1", authorities=("*",)),
        Grant(operation=SEARCH, authorities=("*",)),
    ]
    caller(*grants).require(SEARCH, "ags:09162000", None)


@pytest.mark.parametrize(
    ("grant", "missing"),
    [
        (Grant(operation="residents/other/v1", authorities=("*",)), "grant-operation"),
        (Grant(operation=SEARCH, authorities=("ags:05*",)), "grant-authority"),
        (Grant(operation=SEARCH, authorities=("ags:09*",), purposes=("x",)), "grant-purpose"),
    ],
)
def test_what_no_grant_covers_is_named(grant: Grant, missing: str) -> None:
    with pytest.raises(PermissionDeniedError) as caught:
        caller(grant).require(SEARCH, "ags:09162000", "register")
    assert [place.keyword for place in caught.value.places] == [missing]


def test_without_a_grant_everything_is_denied() -> None:
    with pytest.raises(PermissionDeniedError, match=SEARCH):
        caller().require(SEARCH, "ags:09162000", None)
