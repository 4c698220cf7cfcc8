"""What is published about an operation."""

import dataclasses

import pytest

from gateway.api.contract import attachment_schemas
from gateway.errors import ConfigurationError
from tests.gateway.api.conftest import CONTRACTS, SEARCH


def test_a_contract_belongs_to_one_operation_and_cannot_be_changed() -> None:
    contract = CONTRACTS[SEARCH.key]
    assert contract.operation is SEARCH
    with pytest.raises(dataclasses.FrozenInstanceError):
        contract.example = None  # type: ignore[misc]


def test_only_requests_refer_to_attachments() -> None:
    marked = {"type": "object", "properties": {"plan": {"type": "string", "x-attachment": True}}}
    plain = CONTRACTS[SEARCH.key]
    asks = dataclasses.replace(plain, request=marked)
    assert attachment_schemas([plain]) == {}
    assert attachment_schemas([asks]) == {SEARCH.key: marked}
    with pytest.raises(ConfigurationError, match="Answers"):
        attachment_schemas([dataclasses.replace(plain, answer=marked)])
