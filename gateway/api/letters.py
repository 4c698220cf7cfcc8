"""Dead letters by the API: why messages rest, one of them in one look, and its corrected copy.

Kept out: replays of many (``replays``).
"""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from gateway.api.caller import CurrentCaller
from gateway.api.documents import read_bytes
from gateway.api.headers import collect, read_call_headers
from gateway.api.messages import (
    NOT_TAKEN,
    AttemptResource,
    HistoryResource,
    MessageResource,
    to_resource,
)
from gateway.api.openapi import HEADERS
from gateway.api.problems import error_of_code, place_of, problem_of_message
from gateway.api.resource import Resource
from gateway.api.selection import Moment, RestingState
from gateway.errors import Fault
from gateway.flow.compare import Change
from gateway.flow.desk import Desk
from gateway.flow.diagnose import Action, Diagnosis
from gateway.flow.letters import Copy
from gateway.messaging.causes import Cause
from gateway.messaging.corrections import EarlierStage
from gateway.messaging.lifecycle import State
from gateway.messaging.message import MessageId, StageKind
from gateway.messaging.ports import MessageFilter

_COPY_HEADERS = ("Recipient", "Idempotency-Key")
_NEEDED = frozenset({"Idempotency-Key"})
_VALUES = "Show the values at each place too; they are content of the messages."


class CauseSelection(Resource):
    """Which messages to count; what is left out does not restrict."""

    model_config = ConfigDict(extra="forbid")

    state: list[RestingState] = Field(default_factory=list)
    """States; may be repeated. None: all in which messages wait for somebody."""
    operation: str | None = Field(default=None, max_length=200)
    """Operation without version, `residents/search`."""
    authority: str | None = Field(default=None, max_length=200)
    """Legal recipient."""
    channel: str | None = Field(default=None, max_length=200)
    """Name of the channel."""
    code: str | None = Field(default=None, max_length=200)
    """Public code of the last failure."""
    since: Moment | None = None
    """Accepted then or later; with offset."""
    until: Moment | None = None
    """Accepted before then; with offset."""

    def to_filter(self) -> MessageFilter:
        """The same as a value."""
        return MessageFilter(
            states=frozenset(State(state) for state in self.state),
            operation=self.operation,
            authority=self.authority,
            channel=self.channel,
            code=self.code,
            since=self.since,
            until=self.until,
        )


class CauseResource(Resource):
    """Messages that rest for the same reason."""

    state: State
    """Where they rest."""
    operation: str
    """What was asked, `residents/search`."""
    channel: str
    """Name of the channel they leave through."""
    code: str | None
    """Public code of their last failure."""
    count: int
    """How many."""
    oldest_at: datetime
    """Since when the first of them rests."""
    newest_at: datetime
    """The same of the last."""
    fault: Fault | None
    """Whose fault it is; null without a code."""
    next_step: str | None
    """What to do; null without a code."""

    @classmethod
    def of(cls, cause: Cause) -> "CauseResource":
        """The cause as a document."""
        kind = error_of_code(cause.code)
        return cls(
            state=cause.state,
            operation=cause.operation,
            channel=cause.channel,
            code=cause.code,
            count=cause.count,
            oldest_at=cause.oldest_at,
            newest_at=cause.newest_at,
            fault=None if kind is None else kind.fault,
            next_step=None if kind is None else kind.next_step,
        )


class RelatedResource(Resource):
    """Another message that this one corrects, or is corrected by."""

    id: str
    """Which."""
    state: State
    """Where it is."""


class TrialResource(Resource):
    """Whether an action would work, found out by trying; nothing was changed or sent."""

    action: Action
    """`reread`: reading the answer again. `replay`: translating the request again."""
    code: str | None
    """Public code of why it would fail; null: it would not."""
    errors: list[dict[str, str]]
    """Each wrong place, as in a problem document."""


class EarlierResource(Resource):
    """What a part of the content was before it was made anew; it is kept."""

    kind: StageKind
    """Which part."""
    version: int
    """Counted from 1."""
    map_version: str | None
    """The map that made it."""
    size_bytes: int
    """Its length."""
    replaced_at: datetime
    """When it was made anew."""

    @classmethod
    def of(cls, earlier: EarlierStage) -> "EarlierResource":
        """The form as a document, without its content."""
        return cls(
            kind=earlier.stage.kind,
            version=earlier.version,
            map_version=earlier.stage.map_version,
            size_bytes=len(earlier.stage.body),
            replaced_at=earlier.replaced_at,
        )


class DiagnosisResource(Resource):
    """One message, what is wrong with it, and what can be done."""

    message: MessageResource
    """The message."""
    resting_seconds: float | None
    """How long it has been waiting for somebody, or for nothing; null while it moves."""
    fault: Fault | None
    """Whose fault it is; null if nothing failed."""
    next_step: str | None
    """What to do; null if nothing failed."""
    failure: HistoryResource | None
    """The last event with a code."""
    attempts: list[AttemptResource]
    """Every delivery, oldest first."""
    actions: list[Action]
    """What can be done in its state; for `in_doubt` and `unanswered`, ask the authority first."""
    trial: TrialResource | None
    """Whether that would work; null where nothing can be tried."""
    corrects: RelatedResource | None
    """The message that it is a corrected copy of."""
    corrected_by: list[RelatedResource]
    """Its own corrected copies, oldest first."""
    earlier: list[EarlierResource]
    """Parts of its content that were made anew."""

    @classmethod
    def of(cls, found: Diagnosis) -> "DiagnosisResource":
        """The diagnosis as a document."""
        problem = None if found.message.code is None else problem_of_message(found.message)
        trial = found.trial
        return cls(
            message=to_resource(found.message),
            resting_seconds=None if found.resting is None else found.resting.total_seconds(),
            fault=None if problem is None else problem.fault,
            next_step=None if problem is None else problem.next_step,
            failure=None if found.failure is None else HistoryResource.of(found.failure),
            attempts=[AttemptResource.of(attempt) for attempt in found.attempts],
            actions=list(found.actions),
            trial=None
            if trial is None
            else TrialResource(
                action=trial.action,
                code=trial.code,
                errors=[place_of(place) for place in trial.places],
            ),
            corrects=None
            if found.corrects is None
            else RelatedResource.model_validate(found.corrects),
            corrected_by=[RelatedResource.model_validate(one) for one in found.corrected_by],
            earlier=[EarlierResource.of(one) for one in found.earlier],
        )


class ChangeResource(Resource):
    """One place where a corrected copy differs from its original."""

    pointer: str
    """JSON Pointer; the place in both documents."""
    change: Change
    """What happened there."""
    before: Any = None
    """Value in the original; there with `values=true` only."""
    after: Any = None
    """Value in the copy; there with `values=true` only."""


class DifferenceResource(Resource):
    """Where a corrected copy differs from its original."""

    corrects: str
    """The original."""
    changes: list[ChangeResource]
    """Each smallest place, in the order of the original."""


class LetterRoutes:
    """The routes about dead letters, bound to a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def router(self) -> APIRouter:
        """The routes for the application; before those of single messages."""
        router = APIRouter(prefix="/v1/messages", tags=["messages"])
        router.add_api_route(
            "/causes", self.causes, response_model=list[CauseResource], summary="Why messages rest"
        )
        router.add_api_route(
            "/{message_id}/diagnosis",
            self.diagnosis,
            response_model=DiagnosisResource,
            summary="What is wrong with a message, and what can be done",
        )
        router.add_api_route(
            "/{message_id}/request",
            self.request,
            response_class=Response,
            summary="Request of a message",
            responses={200: {"content": {"application/json": {}}, "description": "The request"}},
        )
        router.add_api_route(
            "/{message_id}/diff",
            self.diff,
            response_model=DifferenceResource,
            response_model_exclude_unset=True,
            summary="Where a corrected copy differs from its original",
        )
        router.add_api_route(
            "/{message_id}/correct",
            self.correct,
            methods=["POST"],
            status_code=202,
            response_model=MessageResource,
            summary="Send a corrected copy of a message",
            openapi_extra=_copy_description(),
            responses={202: {"headers": _headers("Location", "Message-Id")}},
        )
        return router

    async def causes(
        self, caller: CurrentCaller, wanted: Annotated[CauseSelection, Query()]
    ) -> list[CauseResource]:
        """Count the caller's messages that wait for somebody, the most frequent cause first."""
        causes = await self.desk.letters.causes(caller, wanted.to_filter())
        return [CauseResource.of(cause) for cause in causes]

    async def diagnosis(self, caller: CurrentCaller, message_id: str) -> DiagnosisResource:
        """Say all that helps to decide about a message; reads and tries, changes nothing."""
        found = await self.desk.letters.diagnosis(caller, MessageId(message_id))
        return DiagnosisResource.of(found)

    async def request(self, caller: CurrentCaller, message_id: str) -> Response:
        """Return the canonical request, completed, as it was accepted."""
        stage = await self.desk.letters.request(caller, MessageId(message_id))
        headers = {"Message-Id": message_id, "Cache-Control": "no-store"}
        return Response(stage.body, media_type=stage.media_type, headers=headers)

    async def diff(
        self,
        caller: CurrentCaller,
        message_id: str,
        *,
        values: Annotated[bool, Query(description=_VALUES)] = False,
    ) -> DifferenceResource:
        """List the places where a corrected copy differs from its original."""
        corrects, differences = await self.desk.letters.differences(caller, MessageId(message_id))
        changes = [
            ChangeResource(
                pointer=one.pointer,
                change=one.change,
                **({"before": one.before, "after": one.after} if values else {}),
            )
            for one in differences
        ]
        return DifferenceResource(corrects=corrects, changes=changes)

    async def correct(
        self,
        caller: CurrentCaller,
        message_id: str,
        request: Request,
        *,
        not_taken: Annotated[bool, Query(alias="notTaken", description=NOT_TAKEN)] = False,
    ) -> Response:
        """Send the body as a new message in place of one that is `dead`; nobody waits for it."""
        original = await self.desk.message(caller, MessageId(message_id))
        headers = read_call_headers(collect(request.scope["headers"]))
        body = await read_bytes(request, limit=self.desk.letters.body_limit(original))
        copy = Copy(
            body=body,
            recipient=headers.recipient,
            idempotency_key=headers.idempotency_key,
            not_taken=not_taken,
        )
        corrected = await self.desk.letters.correct(caller, original, copy)
        message = corrected.message
        said = {"Location": f"/v1/messages/{message.id}", "Message-Id": message.id}
        if corrected.replayed:
            said["Idempotency-Replayed"] = "true"
        return JSONResponse(_printed(to_resource(message)), status_code=202, headers=said)


def _printed(document: BaseModel) -> dict[str, Any]:
    return document.model_dump(mode="json", by_alias=True)


def _copy_description() -> dict[str, Any]:
    """Headers and body, which the route reads by itself."""
    return {
        "parameters": [
            {
                "name": name,
                "in": "header",
                "description": description,
                "schema": schema,
                "required": name in _NEEDED,
            }
            for name, description, schema in HEADERS
            if name in _COPY_HEADERS
        ],
        "requestBody": {
            "required": True,
            "description": "The canonical document as it should have been, by the schema of the "
            "message's operation.",
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
    }


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"schema": {"type": "string"}} for name in names}
