"""What this gateway offers: operations, their schemas, and why a route is taken."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from gateway.api.caller import CurrentCaller
from gateway.api.contract import OperationContract
from gateway.api.resource import Resource
from gateway.errors import UnknownOperationError
from gateway.flow.desk import Desk
from gateway.messaging.operation import Operation, OperationKind
from gateway.messaging.party import Caller
from gateway.messaging.route import explain


class OperationResource(Resource):
    """One operation in one version."""

    key: str
    """Name and version, `residents/search/v1`."""
    name: str
    """Domain and operation."""
    version: int
    """Counted from 1."""
    title: str
    """One line in English."""
    title_de: str
    """The same in German."""
    kind: OperationKind
    """Query, submission or notification."""
    repeatable: bool
    """Whether sending it twice does no harm at the authority."""
    path: str
    """Where to ask; `/check` below it shows what would be sent."""
    deadline_seconds: float
    """How long a caller waits at most."""
    body_limit_bytes: int
    """Longest body taken."""
    request_schema: str
    """Path of the JSON Schema of the request."""
    answer_schema: str
    """Path of the JSON Schema of the answer."""


class CandidateResource(Resource):
    """One route that was looked at."""

    channel: str
    """Where it leads."""
    authority: str | None
    """Recipient of an exact route."""
    area: str | None
    """Prefix of an area route."""
    verdict: str
    """Why it is taken or not."""
    taken: bool
    """Whether it is the one."""


class RouteQuestion(Resource):
    """Whose route to explain."""

    operation: Annotated[str, Field(max_length=200)]
    """Operation with version, `residents/search/v1`."""
    authority: Annotated[str, Field(max_length=200)]
    """Legal recipient, `ags:09162000`."""


class CatalogueRoutes:
    """The routes below ``/v1/operations`` and ``/v1/routes``, bound to their parts."""

    def __init__(self, desk: Desk, contracts: Mapping[str, OperationContract]) -> None:
        self.desk = desk
        self.contracts = contracts

    def router(self) -> APIRouter:
        """The routes for the application."""
        router = APIRouter(prefix="/v1", tags=["catalogue"])
        router.add_api_route(
            "/operations",
            self.operations,
            response_model=list[OperationResource],
            summary="List operations",
        )
        router.add_api_route(
            "/operations/{domain}/{operation}/v{version}/schema/{side}",
            self.schema,
            response_model=dict[str, Any],
            summary="JSON Schema of an operation",
        )
        router.add_api_route(
            "/routes/explain",
            self.explain,
            response_model=list[CandidateResource],
            summary="Why a channel is taken",
        )
        return router

    async def operations(self, caller: CurrentCaller) -> list[OperationResource]:
        """List every operation, whether the caller may use it or not."""
        del caller
        return [_resource(contract.operation) for contract in self.contracts.values()]

    async def schema(
        self,
        caller: CurrentCaller,
        domain: str,
        operation: str,
        version: int,
        side: Literal["request", "answer"],
    ) -> dict[str, Any]:
        """Return the schema of the caller's document, or of the answer."""
        del caller
        contract = self.contracts.get(f"{domain}/{operation}/v{version}")
        if contract is None:
            raise UnknownOperationError("This gateway has no such operation, or not this version.")
        return contract.request if side == "request" else contract.answer

    async def explain(
        self, caller: CurrentCaller, asked: Annotated[RouteQuestion, Query()]
    ) -> list[CandidateResource]:
        """List the routes of an operation, best first, with the reason each is taken or not."""
        _require_some_purpose(caller, asked)
        today = self.desk.clock.now().date()
        looked_at = explain(self.desk.directory.routes, asked.operation, asked.authority, today)
        return [
            CandidateResource(
                channel=candidate.route.channel,
                authority=candidate.route.authority,
                area=candidate.route.area,
                verdict=candidate.verdict,
                taken=candidate.taken,
            )
            for candidate in looked_at
        ]


def _require_some_purpose(caller: Caller, asked: RouteQuestion) -> None:
    """Explaining a route has no purpose of its own: any that a grant names will do."""
    purposes = [one for grant in caller.grants for one in grant.purposes]
    for purpose in purposes:
        if any(grant.allows(asked.operation, asked.authority, purpose) for grant in caller.grants):
            return
    caller.require(asked.operation, asked.authority, None)


def _resource(operation: Operation) -> OperationResource:
    schemas = f"/v1/operations/{operation.key}/schema"
    return OperationResource(
        key=operation.key,
        name=operation.name,
        version=operation.version,
        title=operation.title,
        title_de=operation.title_de,
        kind=operation.kind,
        repeatable=operation.repeatable,
        path=operation.path,
        deadline_seconds=operation.deadline.total_seconds(),
        body_limit_bytes=operation.body_limit_bytes,
        request_schema=f"{schemas}/request",
        answer_schema=f"{schemas}/answer",
    )
