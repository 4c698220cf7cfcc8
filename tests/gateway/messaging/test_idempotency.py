"""Keys as values: they are compared, and used to look messages up."""

import dataclasses

import pytest

from gateway.messaging.idempotency import Claim, Scope

SCOPE = Scope(tenant="default", caller="city", operation="residents/search", key="k")


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Scope)])
def test_a_key_is_unique_within_everything_that_its_scope_names(field: str) -> None:
    assert dataclasses.replace(SCOPE) == SCOPE
    assert len({SCOPE, dataclasses.replace(SCOPE, **{field: "other"})}) == 2


def test_another_fingerprint_is_another_claim() -> None:
    claim = Claim(scope=SCOPE, fingerprint=b"1")
    assert claim != dataclasses.replace(claim, fingerprint=b"2")
