"""Which problem documents are described."""

from collections.abc import Iterable
from pathlib import Path

from gateway.api.contract import OperationContract
from gateway.api.described_problems import MESSAGE, ROUTE_PROBLEMS, problems_of_route
from gateway.bootstrap import build
from gateway.settings import Settings


def test_a_route_has_its_own_problems_and_those_of_all() -> None:
    statuses = [status for status, _ in problems_of_route(f"{MESSAGE}/reread", secured=True)]
    assert statuses == [401, 404, 409, 410, 429, 431, 500, 502, 503]
    assert [status for status, _ in problems_of_route("/health/live", secured=False)] == [431, 500]


def test_every_route_for_callers_is_listed(data_home: Path, tmp_path: Path) -> None:
    gateway = build(Settings.model_validate({"store": {"path": tmp_path / "messages.db"}}))
    secured = {
        path
        for path, item in gateway.app.openapi()["paths"].items()
        for operation in item.values()
        if "security" in operation and path not in paths_of(gateway.app.contracts.values())
    }
    assert secured == set(ROUTE_PROBLEMS)


def paths_of(contracts: Iterable[OperationContract]) -> set[str]:
    """Where operations are asked and checked."""
    return {
        path
        for contract in contracts
        for path in (contract.operation.path, f"{contract.operation.path}/check")
    }
