"""Callers and parties, and the values they become."""

from gateway.messaging.party import Party
from gateway.settings.callers import CallerSettings


def test_a_caller_has_its_party_and_grants() -> None:
    party = Party(id="dbs:1", directory="DVDV", name="City")
    caller = CallerSettings.model_validate(
        {
            "name": "portal",
            "token_sha256": "0" * 64,
            "party": "dbs:1",
            "grants": [{"operation": "residents/search/v1", "authorities": ["ags:09*"]}],
        }
    ).to_caller(party)
    caller.require("residents/search/v1", "ags:09162000", None)
    assert not caller.operator
