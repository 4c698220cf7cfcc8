"""Pages for people: ``/docs`` from the OpenAPI document, ``/problems/{code}`` from the errors.

Written on the server as plain HTML: no script, nothing loaded from anywhere.
"""

import json
from collections.abc import Iterator
from html import escape
from typing import Any

Json = dict[str, Any]

DEEPEST = 8
"""Levels of a schema that are unfolded; deeper ones are named only."""

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;
color:#1b1f24;background:#fff}
h2{margin-top:2.5rem;border-bottom:1px solid #d0d7de}
code,pre{font:14px/1.45 ui-monospace,monospace}pre{background:#f3f5f7;padding:1rem;overflow:auto}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;
padding:.25rem .75rem .25rem 0;border-bottom:1px solid #e5e8eb}
summary{cursor:pointer;padding:.5rem 0}.method{font-weight:700;display:inline-block;width:4rem}
.note{color:#57606a}a{color:#0b5cad}
@media(prefers-color-scheme:dark){body{color:#e6e8ea;background:#14171a}pre{background:#1f2429}
.note{color:#9aa4ae}a{color:#78b7ff}td,th,h2{border-color:#30363d}}
"""


def page(title: str, body: str) -> str:
    """One complete page."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )


def docs_page(openapi: Json) -> str:
    """The whole API on one page, grouped as the OpenAPI document groups it."""
    groups: dict[str, list[str]] = {}
    for path, item in openapi["paths"].items():
        for method, operation in item.items():
            group = operation.get("tags", ["other"])[0]
            groups.setdefault(group, []).append(_operation(openapi, method, path, operation))
    intro = escape(openapi["info"].get("description", ""))
    parts = [f'<p>{intro}</p><p><a href="/openapi.json">OpenAPI document</a></p>']
    parts += [f"<h2>{escape(name)}</h2>{''.join(several)}" for name, several in groups.items()]
    return page(openapi["info"]["title"], "".join(parts))


def problem_page(problem: Json) -> str:
    """What a problem's code means and what to do next."""
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>"
        for name, value in problem.items()
    )
    return page(str(problem["title"]), f"<table>{rows}</table>")


def _operation(openapi: Json, method: str, path: str, operation: Json) -> str:
    summary = escape(operation.get("summary", ""))
    head = f'<span class="method">{method.upper()}</span><code>{escape(path)}</code> · {summary}'
    parts = [f'<p class="note">{escape(operation.get("description", ""))}</p>']
    parts += _parameters(operation)
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is not None:
        parts.append("<h4>Request</h4>")
        parts += _schema_table(openapi, content["schema"])
        if "example" in content:
            example = json.dumps(content["example"], indent=2, ensure_ascii=False)
            parts.append(f"<h4>Example</h4><pre>{escape(example)}</pre>")
    parts += _responses(openapi, operation)
    return f"<details><summary>{head}</summary>{''.join(parts)}</details>"


def _parameters(operation: Json) -> Iterator[str]:
    parameters = operation.get("parameters", [])
    if parameters:
        yield "<h4>Parameters</h4><table>"
    for one in parameters:
        description = escape(one.get("description", ""))
        yield (
            f"<tr><td><code>{escape(one['name'])}</code></td><td>{escape(one['in'])}</td>"
            f"<td>{description}</td></tr>"
        )
    if parameters:
        yield "</table>"


def _responses(openapi: Json, operation: Json) -> Iterator[str]:
    yield "<h4>Answers</h4><table>"
    for status, answer in operation["responses"].items():
        yield f"<tr><td>{escape(status)}</td><td>{escape(answer.get('description', ''))}</td></tr>"
    yield "</table>"
    schema = (
        operation["responses"]
        .get("200", {})
        .get("content", {})
        .get("application/json", {})
        .get("schema")
    )
    if schema:
        yield "<h4>Answer 200</h4>"
        yield from _schema_table(openapi, schema)


def _schema_table(openapi: Json, schema: Json) -> Iterator[str]:
    rows = list(_rows(openapi, schema, prefix="", depth=0))
    if rows:
        yield "<table><tr><th>Field</th><th>Type</th><th>Meaning</th></tr>"
        yield from rows
        yield "</table>"


def _rows(openapi: Json, schema: Json, *, prefix: str, depth: int) -> Iterator[str]:
    schema = _resolved(openapi, schema)
    if depth > DEEPEST:
        return
    for branch in [*schema.get("oneOf", ()), *schema.get("anyOf", ())]:
        yield from _rows(openapi, branch, prefix=prefix, depth=depth + 1)
    if "items" in schema:
        yield from _rows(openapi, schema["items"], prefix=f"{prefix}[]", depth=depth + 1)
    required = schema.get("required", [])
    for name, declared in schema.get("properties", {}).items():
        field = {**_resolved(openapi, declared), **declared}
        path = f"{prefix}.{name}".removeprefix(".")
        note = "" if name in required else ' <span class="note">optional</span>'
        meaning = escape(str(field.get("description", field.get("title", ""))))
        yield (
            f"<tr><td><code>{escape(path)}</code>{note}</td><td>{escape(_kind(field))}</td>"
            f"<td>{meaning}</td></tr>"
        )
        yield from _rows(openapi, declared, prefix=path, depth=depth + 1)


def _resolved(openapi: Json, schema: Json) -> Json:
    reference = schema.get("$ref", "")
    if not reference.startswith("#/components/schemas/"):
        return schema
    name = reference.removeprefix("#/components/schemas/")
    found: Json = openapi["components"]["schemas"].get(name, {})
    return found


def _kind(field: Json) -> str:
    if "const" in field:
        return json.dumps(field["const"])
    if "enum" in field:
        return " | ".join(str(one) for one in field["enum"])
    kind = field.get("type", "object" if "properties" in field else "")
    shown = " | ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{shown} {field.get('format', '')}".strip()
