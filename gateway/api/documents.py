"""Read the JSON body of a typed route: up to a limit, and each property once.

FastAPI's own reading would take any length and keep the last of two properties of one name. Kept
out: what a document means.
"""

from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from gateway.api.body import read_body
from gateway.api.headers import collect, require_json
from gateway.api.parameters import invalid_parameters
from gateway.errors import MalformedBodyError
from gateway.validation.json_document import parse_json

T = TypeVar("T", bound=BaseModel)


async def read_bytes(request: Request, *, limit: int) -> bytes:
    """The body, announced as JSON.

    Raises:
        UnsupportedMediaTypeError: It is announced as something else.
        BodyTooLargeError: It is longer than ``limit`` bytes.
        MalformedBodyError: The caller went away before its end.
    """
    headers = collect(request.scope["headers"])
    require_json(headers)
    body = await read_body(request.receive, headers, limit=limit)
    if body is None:
        raise MalformedBodyError("The body ended before its end.")
    return body


async def read_document(request: Request, kind: type[T], *, limit: int) -> T:
    """The document that the body holds; raises as ``read_bytes``.

    Raises:
        MalformedBodyError: It is not JSON, or names a property twice.
        ParameterInvalidError: Properties are missing, unknown, or not of their form.
    """
    body = await read_bytes(request, limit=limit)
    parse_json(body)
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        faults = [
            {"type": fault["type"], "loc": ("body", *(fault["loc"] or ("body",)))}
            for fault in error.errors(include_url=False, include_input=False)
        ]
        raise invalid_parameters(faults) from None
