"""Put the REST API together: operations, typed routes, pages, and what happens with errors.

Kept out: what the routes do, and where the desk comes from (``gateway.bootstrap``).
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from typing_extensions import override

from gateway.api.attachments import AttachmentRoutes
from gateway.api.border import Border
from gateway.api.catalogue import CatalogueRoutes
from gateway.api.channels import ChannelRoutes
from gateway.api.contract import OperationContract
from gateway.api.gaps import GapRoutes
from gateway.api.health import Health
from gateway.api.health_routes import HealthRoutes
from gateway.api.letters import LetterRoutes
from gateway.api.messages import MessageRoutes
from gateway.api.metrics import Metrics
from gateway.api.openapi import describe
from gateway.api.operations import AskEndpoint, Authenticate, CheckEndpoint
from gateway.api.pages import docs_page
from gateway.api.parameters import each_once, invalid_parameters
from gateway.api.problem_pages import ProblemRoutes
from gateway.api.problems import (
    METHOD_NOT_ALLOWED,
    PATH_UNKNOWN,
    Problem,
    problem_of,
)
from gateway.api.replays import ReplayRoutes
from gateway.api.responses import problem_response
from gateway.api.unknown import unknown_operation
from gateway.flow.desk import Desk
from gateway.flow.vitals import Vitals

METHODS = frozenset({"DELETE", "GET", "PATCH", "POST", "PUT"})
"""Methods that a route may take."""

TITLE = "Agency gateway"
ABOUT = (
    "One REST API in front of every authority's own format. Calls carry a bearer token; every "
    "refusal is a problem document (RFC 9457) that says whose fault it is and what to do next."
)


class GatewayApp(FastAPI):
    """The application; its OpenAPI document holds the generated operations too.

    Calls of operations are served before any of FastAPI's layers, which cost more than the call.
    """

    contracts: Mapping[str, OperationContract]
    endpoints: dict[bytes, ASGIApp]
    """By path as it is sent, what serves a POST there."""

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the lifespan."""
        if scope["type"] == "http" and scope["method"] == "POST":
            endpoint = self.endpoints.get(scope.get("raw_path", b""))
            if endpoint is not None:
                await endpoint(scope, receive, send)
                return
        await super().__call__(_undecoded_slashes(scope), receive, send)

    @override
    def openapi(self) -> dict[str, Any]:
        """The complete document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = describe(super().openapi(), self.contracts)
        return self.openapi_schema


def create_app(
    desk: Desk,
    authenticate: Authenticate,
    *,
    contracts: Mapping[str, OperationContract],
    judge: Callable[[Vitals], Health],
    metrics: Metrics,
    version: str,
) -> GatewayApp:
    """Build the API around a desk; its lifespan starts and stops the desk.

    Args:
        desk: The use cases.
        authenticate: From an ``Authorization`` header to its caller.
        contracts: What is published about each operation, by key.
        judge: Says how the gateway is, for each ``/health/ready``.
        metrics: The figures; the desk's witness.
        version: Version of the gateway, for the OpenAPI document.
    """
    app = GatewayApp(
        title=TITLE,
        description=ABOUT,
        version=version,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan(desk),
        # A redirect would make a client send its token and document twice.
        redirect_slashes=False,
    )
    app.contracts = contracts
    app.endpoints = {}
    app.state.authenticate = authenticate
    app.state.metrics = metrics
    app.state.desk = desk
    for operation in desk.operations.values():
        ask = AskEndpoint(operation, desk, authenticate, metrics)
        check = CheckEndpoint(operation, desk, authenticate, metrics)
        for path, endpoint in ((operation.path, ask), (f"{operation.path}/check", check)):
            app.endpoints[path.encode()] = Border(endpoint, metrics)
            # Never reached with a POST: it refuses all other methods.
            app.router.routes.append(Route(path, endpoint, methods=["POST"]))
    once = [Depends(each_once)]
    for routes in (LetterRoutes(desk), ReplayRoutes(desk), MessageRoutes(desk)):
        app.include_router(routes.router(), dependencies=once)
    if desk.attachments is not None:
        app.include_router(AttachmentRoutes(desk.attachments).router(), dependencies=once)
    app.include_router(ChannelRoutes(desk.channels).router(), dependencies=once)
    app.include_router(CatalogueRoutes(desk, contracts).router(), dependencies=once)
    app.include_router(GapRoutes(desk).router(), dependencies=once)
    app.include_router(HealthRoutes(desk.vitals, judge, metrics).router())
    app.include_router(ProblemRoutes().router())
    app.add_api_route("/docs", _docs, include_in_schema=False, response_class=HTMLResponse)
    app.add_exception_handler(RequestValidationError, _on_parameters)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_middleware(Border, metrics=metrics)
    return app


def _undecoded_slashes(scope: Scope) -> Scope:
    """The same request where a slash that is encoded separates nothing (RFC 3986 §2.2)."""
    raw: bytes = scope.get("raw_path") or b""
    return {**scope, "path": raw.decode("ascii")} if b"%2f" in raw.lower() else scope


def _lifespan(desk: Desk) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        del app
        await desk.start()
        try:
            yield
        finally:
            await desk.stop()

    return lifespan


async def _docs(request: Request) -> str:
    return docs_page(request.app.openapi())


async def _on_http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    response = _told(
        request, METHOD_NOT_ALLOWED if status == METHOD_NOT_ALLOWED.status else _nowhere(request)
    )
    if isinstance(error, HTTPException):
        response.headers.update(error.headers or {})
    if status == METHOD_NOT_ALLOWED.status:
        methods = _methods_of(request)
        if methods:  # else it is no documented path, and Starlette has told its only route's
            response.headers["Allow"] = ", ".join(sorted(methods))
    return response


def _methods_of(request: Request) -> set[str]:
    """The documented methods of a path; Starlette tells those of its first route only."""
    paths: Mapping[str, Mapping[str, object]] = request.app.openapi()["paths"]
    asked: str = request.scope["path"]
    fitting = (path for path in paths if _is_of(path, asked))
    found = asked if asked in paths else next(fitting, None)
    return set() if found is None else {name.upper() for name in paths[found]} & METHODS


def _is_of(path: str, asked: str) -> bool:
    """Whether a path is one of those that a path with ``{names}`` stands for."""
    parts, others = path.split("/"), asked.split("/")
    return len(parts) == len(others) and all(
        part == other or "{" in part for part, other in zip(parts, others, strict=True)
    )


def _nowhere(request: Request) -> Problem:
    """Why nothing is at this path; a call of an unknown operation is logged like any refusal."""
    desk: Desk = request.app.state.desk
    error = None
    if request.method == "POST":
        error = unknown_operation(request.scope["path"], desk.operations.values())
    if error is None:
        return PATH_UNKNOWN
    desk.note_refusal(error, operation="", caller=None, recipient=None, size_bytes=0)
    return problem_of(error)


async def _on_parameters(request: Request, error: Exception) -> Response:
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    return _told(request, problem_of(invalid_parameters(faults)))


def _told(request: Request, problem: Problem) -> Response:
    metrics: Metrics = request.app.state.metrics
    metrics.problem(request.scope.get("gateway.operation", ""), problem.code)
    return problem_response(problem)
