"""Operations that are not offered."""

import pytest

from gateway.api.unknown import unknown_operation
from tests.gateway.api.conftest import REPORT, SEARCH


@pytest.mark.parametrize(
    ("path", "keyword", "told"),
    [
        ("/v7/residents/search", "version", ["residents/search/v1"]),
        ("/v1/residents/search/", "version", ["residents/search/v1"]),
        ("/v2/residents/search/check", "version", ["residents/search/v1"]),
        ("/v1/residents/quendel", "operation", ["residents/search/v1", "residents/report/v2"]),
        ("/v1/quendel/search", "domain", ["residents"]),
    ],
)
def test_what_is_offered_is_told(path: str, keyword: str, told: list[str]) -> None:
    error = unknown_operation(path, [SEARCH, REPORT])
    assert error is not None
    assert [place.keyword for place in error.places] == [keyword] * len(told)
    assert all(name in place.detail for name, place in zip(told, error.places, strict=True))
    assert "quendel" not in str(error)


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/residents", "/x/residents/search", "/v1/a/b/c"])
def test_another_path_is_none_of_an_operation(path: str) -> None:
    assert unknown_operation(path, [SEARCH]) is None
