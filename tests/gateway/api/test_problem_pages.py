"""Where the type of a problem document leads."""

import httpx
import pytest

from gateway.api.problems import HTTP_ONLY, error_classes

CODES = [kind.code for kind in error_classes()] + [problem.code for problem in HTTP_ONLY]


@pytest.mark.parametrize("code", CODES)
async def test_every_code_has_its_page(client: httpx.AsyncClient, code: str) -> None:
    response = await client.get(f"/problems/{code}")
    assert response.status_code == 200
    assert code in response.text
