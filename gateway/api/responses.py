"""Send an answer over ASGI: bytes, status, headers; and problem documents."""

from collections.abc import Mapping

from starlette.responses import Response
from starlette.types import Send

from gateway.api.problems import MEDIA_TYPE, Problem

JSON = "application/json"


async def send_bytes(
    send: Send,
    status: int,
    body: bytes,
    *,
    media_type: str = JSON,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Send one complete answer."""
    raw = [
        (b"content-type", media_type.encode("latin-1")),
        (b"content-length", str(len(body)).encode("latin-1")),
        (b"cache-control", b"no-store"),
    ]
    for name, value in (headers or {}).items():
        raw.append((name.lower().encode("latin-1"), value.encode("latin-1")))
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


async def send_problem(send: Send, problem: Problem) -> None:
    """Send a problem document."""
    await send_bytes(
        send,
        problem.status,
        problem.to_json(),
        media_type=MEDIA_TYPE,
        headers=problem_headers(problem),
    )


def problem_response(problem: Problem) -> Response:
    """A problem document as the answer of a typed route."""
    return Response(
        problem.to_json(),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **problem_headers(problem)},
    )


def problem_headers(problem: Problem) -> dict[str, str]:
    """The headers of a problem document beside its type and length."""
    named = {} if problem.message_id is None else {"Message-Id": problem.message_id}
    return {**named, **problem.headers}
