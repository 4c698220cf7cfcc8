"""Pages for people."""

from typing import Any

from gateway.api.pages import docs_page, page

OPENAPI: dict[str, Any] = {
    "info": {"title": "API <1>", "description": "About & more"},
    "paths": {
        "/v1/a": {
            "post": {
                "tags": ["a"],
                "summary": "Ask",
                "parameters": [{"name": "Recipient", "in": "header", "description": "Who"}],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/Tree"},
                            "example": {"name": "<Muster>"},
                        }
                    }
                },
                "responses": {"200": {"description": "Fine"}},
            }
        }
    },
    "components": {
        "schemas": {
            "Tree": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "description": "A name"},
                    "kind": {"enum": ["x", "y"]},
                    "fixed": {"const": True},
                    "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
                    "either": {"oneOf": [{"properties": {"one": {"type": ["string", "null"]}}}]},
                },
            }
        }
    },
}


def test_everything_is_escaped() -> None:
    html = docs_page(OPENAPI)
    assert "API &lt;1&gt;" in html
    assert "About &amp; more" in html
    assert "&lt;Muster&gt;" in html
    assert "<Muster>" not in html


def test_fields_are_unfolded_and_a_recursion_ends() -> None:
    html = docs_page(OPENAPI)
    assert "children[].name" in html
    assert "either.one" in html
    assert "x | y" in html
    assert "string | null" in html


def test_a_page_has_its_title_once() -> None:
    assert page("T", "").count("<h1>") == 1
