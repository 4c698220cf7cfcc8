"""Parameters that cannot be understood."""

import httpx
import pytest

from gateway.api.parameters import invalid_parameters
from tests.gateway.api.conftest import AUTHORIZED


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/v1/messages?limit=1&limit=1", ["limit"]),
        ("/v1/messages?limit=1&cursor=a&limit=2&cursor=b", ["limit", "cursor"]),
        ("/v1/messages?Quendel=1&Quendel=2", ["a parameter whose name has 7 characters"]),
        ("/v1/routes/explain?operation=a&authority=b&authority=c", ["authority"]),
    ],
)
async def test_a_repeated_parameter_is_refused(
    client: httpx.AsyncClient, path: str, named: list[str]
) -> None:
    response = await client.get(path, headers=AUTHORIZED)
    assert (response.status_code, response.json()["code"]) == (400, "parameter-invalid")
    details = [place["detail"] for place in response.json()["errors"]]
    assert details == [f"{name}: sent more than once." for name in named]


async def test_a_list_may_be_repeated(client: httpx.AsyncClient) -> None:
    path = "/v1/messages?state=dead&state=answered"
    assert (await client.get(path, headers=AUTHORIZED)).status_code == 200


@pytest.mark.parametrize(
    ("location", "detail"),
    [
        (("query", "limit"), "limit: not of its form."),
        (("query", "state", 1), "state.1: not of its form."),
        (("query", "Quendel"), "a parameter whose name has 7 characters: not of its form."),
    ],
)
def test_a_fault_names_the_parameter_and_nothing_that_was_sent(
    location: tuple[str | int, ...], detail: str
) -> None:
    fault = {"type": "int_parsing", "loc": location, "msg": "Quendel", "input": "Quendel"}
    (place,) = invalid_parameters([fault]).places
    assert (place.keyword, place.detail) == ("int-parsing", detail)
