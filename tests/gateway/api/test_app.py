"""What holds for the application as a whole."""

import httpx
import pytest

from tests.gateway.api.conftest import AUTHORIZED, JSON, ScriptedDesk


async def test_the_desk_runs_while_the_application_does(
    client: httpx.AsyncClient, desk: ScriptedDesk
) -> None:
    assert desk.running


@pytest.mark.parametrize("path", ["/", "/v1/residents/other", "/v2/residents/search", "/v1/x/"])
async def test_unknown_paths_are_problem_documents(client: httpx.AsyncClient, path: str) -> None:
    response = await client.get(path)
    assert (response.status_code, response.json()["code"]) == (404, "path-unknown")
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "keyword"),
    [
        ("/v1/residents/other", "operation"),
        ("/v2/residents/search", "version"),
        ("/v1/residents/search/", "version"),
        ("/v1/quendel/search/check", "domain"),
    ],
)
async def test_an_unknown_operation_is_told_what_there_is(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, path: str, keyword: str
) -> None:
    with caplog.at_level("INFO"):
        response = await client.post(path)
    assert (response.status_code, response.json()["code"]) == (404, "operation-unknown")
    assert {place["keyword"] for place in response.json()["errors"]} == {keyword}
    assert "quendel" not in response.text
    (logged,) = [vars(record) for record in caplog.records if record.name.startswith("gateway")]
    assert (logged["code"], logged["operation"]) == ("operation-unknown", None)


@pytest.mark.parametrize("path", ["/v1/residents%2Fsearch", "/v1/residents/search%2fcheck"])
async def test_an_encoded_slash_separates_nothing(client: httpx.AsyncClient, path: str) -> None:
    response = await client.post(path, content=b"{}", headers=AUTHORIZED | JSON)
    assert response.status_code == 404


async def test_a_needlessly_encoded_letter_is_that_letter(client: httpx.AsyncClient) -> None:
    path = "/v1/residents/sear%63h"
    response = await client.post(path, content=b"{}", headers=AUTHORIZED | JSON)
    assert response.status_code == 200


async def test_a_wrong_method_on_a_typed_route_is_a_problem_document(
    client: httpx.AsyncClient,
) -> None:
    response = await client.delete("/v1/messages", headers=AUTHORIZED)
    assert (response.status_code, response.json()["code"]) == (405, "method-not-allowed")


async def test_parameters_that_cannot_be_understood_are_named_without_their_value(
    client: httpx.AsyncClient,
) -> None:
    response = await client.get("/v1/messages?limit=secret&state=x", headers=AUTHORIZED)
    assert (response.status_code, response.json()["code"]) == (400, "parameter-invalid")
    assert len(response.json()["errors"]) == 2
    assert "secret" not in response.text


async def test_what_nobody_foresaw_is_a_problem_without_its_text(
    client: httpx.AsyncClient, desk: ScriptedDesk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.told = ValueError("secret content")
    response = await client.post("/v1/residents/search", content=b"{}", headers=AUTHORIZED | JSON)
    assert (response.status_code, response.json()["code"]) == (500, "internal-error")
    assert "secret" not in response.text
    assert "secret" not in caplog.text
    record = caplog.records[-1]
    assert vars(record)["error"] == "ValueError"


async def test_the_pages_for_people_load_nothing_from_elsewhere(client: httpx.AsyncClient) -> None:
    for path in ("/docs", "/problems/schema-violation"):
        response = await client.get(path)
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/html")
        assert "src=" not in response.text
        assert "http://" not in response.text
        assert "https://" not in response.text


async def test_the_docs_show_operations_fields_and_examples(client: httpx.AsyncClient) -> None:
    page = (await client.get("/docs")).text
    assert "/v1/residents/search/check" in page
    assert "person.familyName" in page
    assert "Muster" in page


async def test_the_page_of_an_unknown_code_does_not_exist(client: httpx.AsyncClient) -> None:
    assert (await client.get("/problems/none")).status_code == 404
