"""The OpenAPI document: typed routes as FastAPI describes them, operations from their contracts.

Pure functions over dictionaries. Kept out: writing the file (``gateway.cli``) and the page that
shows it (``gateway.api.pages``).

Source: OpenAPI 3.1, whose schemas are JSON Schema 2020-12, so canonical schemas stand in it as they
are; only their ``$defs`` move to ``components``.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from gateway.api.contract import OperationContract
from gateway.api.described_problems import (
    FAILURES,
    MESSAGE,
    OF_KEYS,
    REFUSALS,
    problems_of_route,
)
from gateway.api.headers import CASE_REFERENCE, IDEMPOTENCY_KEY, PURPOSE, RECIPIENT
from gateway.api.problems import MEDIA_TYPE, title_of
from gateway.messaging.operation import Operation, OperationKind
from gateway.messaging.periods import in_iso, in_words
from gateway.messaging.retention import retention_of

Json = dict[str, Any]

PROBLEM = "Problem"

QUOTA_HEADERS = ("RateLimit-Policy", "RateLimit")
"""Of every answer to a caller that has a quota."""


def whole(pattern: re.Pattern[str]) -> str:
    """The pattern of a whole text, as JSON Schema has it."""
    text = pattern.pattern
    return f"^(?:{text})$" if "|" in text else f"^{text}$"


HEADERS: tuple[tuple[str, str, Json], ...] = (
    (
        "Recipient",
        "Legal recipient, `ags:09162000`. Needed where the document does not name one.",
        {"type": "string", "pattern": whole(RECIPIENT), "examples": ["ags:09162000"]},
    ),
    (
        "Exchange-Purpose",
        "Purpose of the exchange; grants may require one.",
        {"type": "string", "pattern": whole(PURPOSE)},
    ),
    (
        "Case-Reference",
        "The caller's own reference; kept with the message, sent nowhere.",
        {"type": "string", "pattern": whole(CASE_REFERENCE)},
    ),
    (
        "Idempotency-Key",
        "A fresh UUID for each call, needed for submissions. A repeat gets the first result.",
        {
            "type": "string",
            "pattern": whole(IDEMPOTENCY_KEY),
            "examples": ["8e03978e-40d5-43dd-bc93-6894a57f9324"],
        },
    ),
    (
        "Test-Message",
        "`true` marks a test; taken by channels that accept tests only.",
        {"type": "string", "enum": ["true", "false"], "default": "false"},
    ),
    (
        "Prefer",
        "RFC 7240: `respond-async` answers 202 without waiting, `wait=n` waits at most n seconds.",
        {"type": "string", "examples": ["respond-async", "wait=10"]},
    ),
    ("traceparent", "W3C Trace Context; kept with the message.", {"type": "string"}),
)


def describe(document: Json, contracts: Mapping[str, OperationContract]) -> Json:
    """Complete FastAPI's document: add the operations, and problem documents to every route."""
    routes: Json = document.get("paths", {})
    paths = {path: _with_problems(path, item) for path, item in routes.items()}
    links = _links(routes)
    components = dict(document.get("components", {}))
    schemas = dict(components.get("schemas", {}))
    # FastAPI describes its own error documents, which this application never sends.
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    operations: Json = {}
    for contract in contracts.values():
        operations.update(_operation_paths(contract, links))
        schemas.update(_schemas(contract))
    schemas[PROBLEM] = _problem_schema()
    schemas["Preview"] = _preview_schema()
    schemas["Accepted"] = _accepted_schema()
    return {
        **document,
        "paths": {**operations, **paths},
        "components": {**components, "schemas": dict(sorted(schemas.items()))},
    }


def schema_name(contract: OperationContract, side: str) -> str:
    """Name of a schema under ``components``: ``residents.search.v1.request``."""
    return f"{contract.operation.key.replace('/', '.')}.{side}"


def _operation_paths(contract: OperationContract, links: Json) -> Json:
    operation = contract.operation
    limits = (
        f"Kind: {operation.kind}. Repeatable: {'yes' if operation.repeatable else 'no'}. "
        f"Longest wait: {operation.deadline.total_seconds():g} s. "
        f"Longest body: {operation.body_limit_bytes} bytes. {_kept(operation)}"
    )
    shared = {
        "tags": [operation.name.partition("/")[0]],
        "parameters": [_header(*one, needed=one[0] in _needed(operation)) for one in HEADERS],
        "requestBody": _request_body(contract),
        "security": [{"bearer": []}],
    }
    ask = {
        **shared,
        "summary": operation.title,
        "description": f"German: {operation.title_de}. {limits}",
        "operationId": operation.key.replace("/", "."),
        "x-retention": _retention(operation),
        "responses": {
            "200": {**_answer(contract), **links},
            "202": {**_accepted(), **links},
            **_problems(*REFUSALS, *FAILURES),
        },
    }
    check = {
        **shared,
        "summary": f"{operation.title}: show what would be sent",
        "description": "Checks, routes and translates like a call; stores and sends nothing.",
        "operationId": operation.key.replace("/", ".") + ".check",
        "responses": {
            "200": _json_answer("What would be sent, and what became of every value", "Preview"),
            **_problems(*(one for one in REFUSALS if one[0] not in OF_KEYS)),
        },
    }
    return {operation.path: {"post": ask}, f"{operation.path}/check": {"post": check}}


def _retention(operation: Operation) -> Json:
    return {name: in_iso(period) for name, period in asdict(retention_of(operation)).items()}


def _kept(operation: Operation) -> str:
    kept = retention_of(operation)
    return (
        f"Kept after the message settled: key {in_words(kept.key)}, content "
        f"{in_words(kept.payload)}, both {in_words(kept.resting)} while it waits for a person, "
        f"its record without content {in_words(kept.record)}."
    )


def _needed(operation: Operation) -> set[str]:
    """Headers without which every call is refused."""
    needed = set() if operation.routing is not None else {"Recipient"}
    if operation.kind is OperationKind.SUBMISSION:
        needed.add("Idempotency-Key")
    return needed


def _request_body(contract: OperationContract) -> Json:
    content: Json = {"schema": _ref(schema_name(contract, "request"))}
    if contract.example is not None:
        content["example"] = contract.example
    return {"required": True, "content": {"application/json": content}}


def _answer(contract: OperationContract) -> Json:
    answer = _json_answer(
        "The authority's answer. A rejection is an answer with `outcome` rejected.",
        schema_name(contract, "answer"),
    )
    answer["headers"] = _answer_headers(
        "Message-Id", "Preference-Applied", "Idempotency-Replayed", *QUOTA_HEADERS
    )
    return answer


def _accepted() -> Json:
    accepted = _json_answer("The gateway has the message and goes on with it", "Accepted")
    accepted["headers"] = _answer_headers(
        "Message-Id",
        "Location",
        "Retry-After",
        "Preference-Applied",
        "Idempotency-Replayed",
        *QUOTA_HEADERS,
    )
    return accepted


def _answer_headers(*names: str) -> Json:
    return {name: {"schema": {"type": "string"}} for name in names}


def _json_answer(description: str, schema: str) -> Json:
    return {"description": description, "content": {"application/json": {"schema": _ref(schema)}}}


def _header(name: str, description: str, schema: Json, *, needed: bool) -> Json:
    header = {"name": name, "in": "header", "description": description, "schema": schema}
    return {**header, "required": True} if needed else header


def _problems(*problems: tuple[int, str]) -> Json:
    return {
        str(status): {
            "description": description,
            "content": {MEDIA_TYPE: {"schema": _ref(PROBLEM)}},
        }
        for status, description in problems
    }


def _with_problems(path: str, item: Json) -> Json:
    """A typed route with our problem documents instead of FastAPI's."""
    described = {}
    for method, operation in item.items():
        responses = {
            status: answer for status, answer in operation["responses"].items() if status != "422"
        }
        problems = problems_of_route(path, secured="security" in operation)
        described[method] = {**operation, "responses": {**responses, **_problems(*problems)}}
    return described


def _links(routes: Json) -> Json:
    """From an answer about a message to the routes of the message."""
    links = {
        _link_name(path): {
            "operationId": operation["operationId"],
            "parameters": {"message_id": "$response.header.Message-Id"},
        }
        for path, item in routes.items()
        if path.startswith(MESSAGE)
        for operation in item.values()
    }
    return {"links": links} if links else {}


def _link_name(path: str) -> str:
    return path.removeprefix(MESSAGE).removeprefix("/") or "message"


def _schemas(contract: OperationContract) -> Json:
    """Both schemas of an operation, their ``$defs`` as components of their own."""
    schemas: Json = {}
    for side, schema in (("request", contract.request), ("answer", contract.answer)):
        name = schema_name(contract, side)
        root = {key: value for key, value in schema.items() if key not in _NOT_IN_COMPONENTS}
        schemas[name] = _moved(root, name)
        for local, definition in schema.get("$defs", {}).items():
            schemas[f"{name}.{local}"] = _moved(definition, name)
    return schemas


_NOT_IN_COMPONENTS = frozenset({"$schema", "$id", "$defs"})


def _moved(node: Any, name: str) -> Any:
    if isinstance(node, list):
        return [_moved(item, name) for item in node]
    if not isinstance(node, dict):
        return node
    moved = {key: _moved(value, name) for key, value in node.items()}
    if node.get("x-supplied") == "message.id":
        moved["readOnly"] = True  # a caller that sets it is refused
    reference = node.get("$ref")
    if isinstance(reference, str):
        moved["$ref"] = reference.replace("#/$defs/", f"#/components/schemas/{name}.")
    return moved


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _text(description: str, **more: Any) -> Json:
    return {"type": "string", "description": description, **more}


def _problem_schema() -> Json:
    place = {
        "type": "object",
        "required": ["keyword", "detail"],
        "properties": {
            "pointer": _text("JSON Pointer into the canonical document"),
            "wire": _text("Path in the authority's form"),
            "rule": _text("Map file and line"),
            "keyword": _text("Stable name of the broken rule"),
            "detail": _text("One sentence; kind and length, never the value"),
        },
    }
    return {
        "title": "Problem document",
        "description": "RFC 9457. Codes are listed in docs/errors.md.",
        "type": "object",
        "required": ["type", "title", "status", "detail", "code", "fault", "retryable", "nextStep"],
        "properties": {
            "type": _text("Path of a page about the code", format="uri-reference"),
            "title": _text("The code in words"),
            "status": {"type": "integer", "description": "HTTP status"},
            "detail": _text("What is wrong; never content of the message"),
            "code": _text("Stable code", examples=["schema-violation"]),
            "fault": _text(
                "Whose fault it is",
                enum=["caller", "gateway", "configuration", "transport", "authority"],
            ),
            "retryable": {
                "type": "boolean",
                "description": "Whether the same call may succeed later",
            },
            "nextStep": _text("What to do next"),
            "errors": {"type": "array", "items": place},
            "errorsOmitted": {"type": "integer", "description": "Places that are not listed"},
            "messageId": _text("The message, if one was accepted"),
        },
    }


def _preview_schema() -> Json:
    return {
        "title": "Preview",
        "type": "object",
        "required": ["authority", "channel", "map", "wireSchema", "document", "wire", "ledger"],
        "properties": {
            "authority": _text("Legal recipient"),
            "channel": _text("Name of the channel it would leave through"),
            "map": _text("Map and version that translates it"),
            "wireSchema": _text("What the wire form was checked against"),
            "document": {"type": "object", "description": "The document, completed"},
            "wire": {
                "type": "object",
                "required": ["mediaType"],
                "properties": {
                    "mediaType": _text("Media type of the wire form"),
                    "text": _text("The wire form, where it is UTF-8"),
                    "hex": _text("The wire form in hexadecimal, where it is not"),
                },
            },
            "ledger": {"type": "object", "description": "What became of every value"},
        },
    }


def _accepted_schema() -> Json:
    return {
        "title": title_of("accepted-message"),
        "type": "object",
        "required": ["id", "state", "outcome"],
        "properties": {
            "id": _text("Identifies the message"),
            "state": _text("See docs/states.md"),
            "outcome": {"type": ["string", "null"], "description": "What the authority said"},
        },
    }
