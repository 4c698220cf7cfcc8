"""Faults across sections: names that lead nowhere, and contradictions."""

from typing import Any

import pytest

from gateway.settings.faults import find_faults
from gateway.settings.model import Settings

PARTY = {"id": "dbs:1", "directory": "DVDV", "name": "City of Example"}
CALLER = {"name": "portal", "token_sha256": "0" * 64, "party": "dbs:1"}
CHANNEL = {"name": "bayern", "adapter": "xmeld", "address": "http://127.0.0.1:8090/"}
ROUTE = {"operation": "residents/search/v1", "authority": "ags:09162000", "channel": "bayern"}


def faults(**sections: Any) -> dict[str, str]:
    whole: dict[str, Any] = {
        "authentication": {"callers": [CALLER]},
        "parties": [PARTY],
        "channels": [CHANNEL],
        "routes": [ROUTE],
        **sections,
    }
    return {place.rule or "": place.keyword for place in find_faults(Settings(**whole))}


def test_settings_that_fit_together_have_no_faults() -> None:
    assert faults() == {}


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        (
            {"store": {"path": "m.sqlite3", "url": "postgresql://h/d"}},
            {"store.path": "path-and-url"},
        ),
        ({"store": {"password_file": "p"}}, {"store.password_file": "url-missing"}),
        ({"store": {"heartbeat": 3, "dead_after": 10}}, {"store.dead_after": "too-soon"}),
        ({"parties": []}, {"authentication.callers[0].party": "unknown-party"}),
        ({"parties": [PARTY, PARTY]}, {"parties[1].id": "repeated"}),
        ({"channels": [CHANNEL, CHANNEL]}, {"channels[1].name": "repeated"}),
        ({"channels": []}, {"routes[0].channel": "unknown-channel"}),
        (
            {"channels": [{**CHANNEL, "accepts_tests": True}]},
            {"channels[0].test_text": "test-text-missing"},
        ),
        (
            {"attachments": {"s3": {"bucket": "abc", "secret_access_key": "x"}}},
            {"attachments.s3": "half-a-key"},
        ),
        (
            {"channels": [{**CHANNEL, "time_zone": "Europe/Munich"}]},
            {"channels[0].time_zone": "unknown-time-zone"},
        ),
        (
            {"channels": [{**CHANNEL, "time_zone": "../../etc/passwd"}]},
            {"channels[0].time_zone": "unknown-time-zone"},
        ),
        ({"routes": [{**ROUTE, "area": "ags:09"}]}, {"routes[0]": "authority-or-area"}),
        ({"routes": [ROUTE, ROUTE]}, {"routes[1]": "routes-overlap"}),
        (
            {"routes": [{**ROUTE, "valid_from": "2026-02-01", "valid_until": "2026-01-01"}]},
            {"routes[0].valid_until": "empty-period"},
        ),
    ],
)
def test_a_fault_names_the_setting(sections: dict[str, Any], expected: dict[str, str]) -> None:
    assert faults(**sections) == expected


def test_two_callers_never_share_a_token() -> None:
    twin = {**CALLER, "name": "other"}
    assert faults(authentication={"callers": [CALLER, twin]}) == {
        "authentication.callers[1].token_sha256": "repeated"
    }


def test_routes_one_after_the_other_do_not_overlap() -> None:
    earlier = {**ROUTE, "valid_until": "2026-05-31"}
    later = {**ROUTE, "valid_from": "2026-06-01"}
    assert faults(routes=[earlier, later]) == {}
