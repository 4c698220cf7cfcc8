"""What is published about an operation."""

import dataclasses

import pytest

from tests.gateway.api.conftest import CONTRACTS, SEARCH


def test_a_contract_belongs_to_one_operation_and_cannot_be_changed() -> None:
    contract = CONTRACTS[SEARCH.key]
    assert contract.operation is SEARCH
    with pytest.raises(dataclasses.FrozenInstanceError):
        contract.example = None  # type: ignore[misc]
