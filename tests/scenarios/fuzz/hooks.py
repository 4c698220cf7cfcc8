"""What generated requests need to reach the gateway's own work, and two checks of our own.

Loaded by schemathesis, see ``schemathesis.toml``.
"""

import itertools
from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, GenerationMode, HookContext, Response

RECIPIENT = "ags:16099001"
CORRECTION = "/correct"
"""Takes what the operation of its message takes, so its own schema cannot say what that is."""

OPERATIONS = ("/v1/residents/search", "/v1/testing/notice")
"""Each has a check below it."""

BEYOND_THE_SCHEMA = frozenset({"repertoire"})
"""Keywords of faults that a document valid by its JSON Schema may have."""

_numbers = itertools.count()


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Send valid calls to a recipient that exists, each with a key of its own, integers as such.

    No schema can say which recipients there are, nor how a number is written: the gateway takes no
    ``7.0``. A key may be sent with one call only.
    """
    takes_calls = case.path.startswith(OPERATIONS) or case.path.endswith(CORRECTION)
    if not takes_calls or not _is_valid(case):
        return
    case.headers["Recipient"] = RECIPIENT
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = f"fuzz-{next(_numbers)}"
    case.body = _with_plain_integers(case.body)
    recipient = case.body.get("recipient") if isinstance(case.body, dict) else None
    if isinstance(recipient, dict):
        recipient["id"] = RECIPIENT


@schemathesis.check
def refused_for_a_reason(ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
    """What a schema allows is refused only for what no schema can say."""
    beyond = not _is_valid(case) or case.path.endswith(CORRECTION)
    if beyond or response.status_code not in (400, 422):
        return None
    problem = response.json()
    keywords = {place["keyword"] for place in problem.get("errors", [])}
    if problem["code"] == "parameter-invalid":
        assert keywords == {"cursor"}, f"refused a valid question: {sorted(keywords)}"
    elif problem["code"] == "not-expressible":
        pass  # means that the schema is kept
    elif problem["code"] == "digest-mismatch" or keywords == {"digest"}:
        pass  # no generator makes the digest of a body
    elif problem["code"] == "schema-violation":
        assert keywords <= BEYOND_THE_SCHEMA, f"refused a valid document: {sorted(keywords)}"
    else:
        raise AssertionError(f"refused a valid call: {problem['code']}")
    return None


@schemathesis.check
def problems_say_what_to_do(ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
    """Every error is a problem document of its own status that says what to do next."""
    if response.status_code < 400:
        return None
    kind = response.headers.get("content-type", [""])[0]
    assert kind == "application/problem+json", f"an error as {kind}"
    problem = response.json()
    assert problem["status"] == response.status_code
    assert problem["nextStep"].endswith("."), "no next step"
    return None


def _with_plain_integers(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_plain_integers(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_with_plain_integers(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _is_valid(case: Case[Any]) -> bool:
    return case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE
