"""The endpoints of the operations: the hot path, as plain ASGI applications.

One endpoint to ask and one to check for each operation; an adapter adds none. Errors are raised and
become problem documents at the border of the application.

Kept out: what is asked and decided (``gateway.flow``), and status codes of errors (``problems``).
"""

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

import orjson
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from gateway.api.body import read_body
from gateway.api.headers import RECIPIENT, CallHeaders, collect, read_call_headers, require_json
from gateway.api.metrics import Metrics
from gateway.api.problems import problem_of_message
from gateway.api.rate_headers import count_call
from gateway.api.responses import send_bytes, send_problem
from gateway.errors import MessageRefusedError, NotAuthenticatedError
from gateway.flow.call import Call, Pending, Preview, Settled
from gateway.flow.desk import Desk
from gateway.messaging.lifecycle import State
from gateway.messaging.message import Message
from gateway.messaging.operation import Operation, OperationKind
from gateway.messaging.party import Caller

Authenticate = Callable[[str | None], Caller]
"""From an ``Authorization`` header to its caller; raises ``NotAuthenticatedError``."""

POLL_AFTER_SECONDS = 2
"""``Retry-After`` of a 202: long enough to spare the gateway, short enough for a clerk."""


SERVED = "gateway.served"
"""Where the caller stands in the scope of a call that was let in."""


class OperationEndpoint:
    """What both endpoints of an operation have in common: from a request to a ``Call``."""

    def __init__(
        self, operation: Operation, desk: Desk, authenticate: Authenticate, metrics: Metrics
    ) -> None:
        self.operation = operation
        self.desk = desk
        self.authenticate = authenticate
        self.metrics = metrics
        self._seconds = metrics.seconds_of(operation.key)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a caller that goes away before its body ends gets no answer."""
        # The border counts problems by operation and reads this.
        scope["gateway.operation"] = self.operation.key
        began = perf_counter()
        try:
            call = await self._read(scope, receive)
            if call is not None:
                await self.respond(call, send)
        finally:
            served = scope.get(SERVED)
            if served is not None:
                self.desk.door.leave(served)
            self._seconds.observe(perf_counter() - began)

    async def _read(self, scope: Scope, receive: Receive) -> Call | None:
        headers: dict[str, str] = {}
        caller: Caller | None = None
        try:
            headers = collect(scope["headers"])
            caller = self.authenticate(headers.get("authorization"))
            self._admit(caller, scope)
            require_json(headers)
            read = read_call_headers(headers)
            body = await read_body(receive, headers, limit=self.operation.body_limit_bytes)
        except MessageRefusedError as error:
            known = caller or self._caller_of(scope)
            self.refused(error, known, headers.get("recipient", ""))
            raise
        return None if body is None else self._call(caller, read, body)

    def _admit(self, caller: Caller, scope: Scope) -> None:
        """Let a call in before its body is read, which takes memory."""
        count_call(self.desk.door, caller, scope)
        self.desk.door.enter(caller)
        scope[SERVED] = caller

    def _caller_of(self, scope: Scope) -> Caller | None:
        """Who sent a request whose headers could not be read as a whole; None: nobody knows."""
        tokens = [value for name, value in scope["headers"] if name == b"authorization"]
        if len(tokens) != 1:
            return None
        try:
            return self.authenticate(tokens[0].decode("latin-1").strip())
        except NotAuthenticatedError:
            return None

    def refused(self, error: MessageRefusedError, caller: Caller | None, recipient: str) -> None:
        """Take note of a request that becomes no call."""

    async def respond(self, call: Call, send: Send) -> None:
        """Do what the endpoint is for and send the answer."""
        raise NotImplementedError

    def _call(self, caller: Caller, headers: CallHeaders, body: bytes) -> Call:
        return Call(
            caller=caller,
            operation=self.operation.name,
            version=self.operation.version,
            body=body,
            recipient=headers.recipient,
            purpose=headers.purpose,
            case_reference=headers.case_reference,
            test=headers.test,
            traceparent=headers.traceparent,
            respond_async=headers.preference.respond_async,
            wait=headers.preference.wait,
            idempotency_key=headers.idempotency_key,
        )


class AskEndpoint(OperationEndpoint):
    """``POST /v{n}/{domain}/{operation}``: ask, and wait unless the caller prefers not to."""

    @override
    def refused(self, error: MessageRefusedError, caller: Caller | None, recipient: str) -> None:
        """Let the desk keep it; what is refused later, the desk keeps by itself."""
        self.desk.note_refusal(
            error,
            operation=self.operation.key,
            caller=caller,
            recipient=recipient if RECIPIENT.fullmatch(recipient) else None,
            size_bytes=0,
        )

    @override
    async def respond(self, call: Call, send: Send) -> None:
        """Send 200 with the answer, 202 with a place to look, or a problem document."""
        told = await self.desk.ask(call)
        said = _said(call, told)
        if isinstance(told, Settled) and told.answer is not None:
            await send_bytes(send, 200, told.answer, headers=said)
        elif isinstance(told, Pending) or _may_still_be_answered(told.message):
            await _send_accepted(send, told.message, said)
        else:
            problem = problem_of_message(told.message, told.places)
            self.metrics.problem(self.operation.key, problem.code)
            await send_problem(send, replace(problem, headers={**problem.headers, **said}))


class CheckEndpoint(OperationEndpoint):
    """``POST /v{n}/{domain}/{operation}/check``: what would be sent; nothing is."""

    @override
    async def respond(self, call: Call, send: Send) -> None:
        """Send the preview."""
        await send_bytes(send, 200, preview_to_json(await self.desk.check(call)))


def preview_to_json(preview: Preview) -> bytes:
    """The preview as a JSON document; the wire form as text where it is UTF-8, else as hex."""
    document = {
        "authority": preview.authority,
        "channel": preview.channel,
        "map": preview.map,
        "wireSchema": preview.wire_schema,
        "document": orjson.Fragment(preview.completed),
        "wire": _wire(preview),
        "ledger": orjson.Fragment(preview.ledger),
    }
    return orjson.dumps(document)


def message_path(message_id: str) -> str:
    """Where a message can be looked at."""
    return f"/v1/messages/{message_id}"


def _wire(preview: Preview) -> dict[str, str]:
    try:
        return {"mediaType": preview.media_type, "text": preview.wire.decode()}
    except UnicodeDecodeError:
        return {"mediaType": preview.media_type, "hex": preview.wire.hex()}


def _may_still_be_answered(message: Message) -> bool:
    """A submission in doubt may have been taken: an error would invite a second one."""
    return message.state is State.IN_DOUBT and message.kind is not OperationKind.QUERY


async def _send_accepted(send: Send, message: Message, said: dict[str, str]) -> None:
    body = orjson.dumps({"id": message.id, "state": message.state, "outcome": message.outcome})
    headers = {
        **said,
        "Location": message_path(message.id),
        "Retry-After": str(POLL_AFTER_SECONDS),
    }
    await send_bytes(send, 202, body, headers=headers)


def _said(call: Call, told: Settled | Pending) -> dict[str, str]:
    """Headers of every answer about a message; which preferences made a difference: RFC 7240 §3."""
    headers: dict[str, str] = {"Message-Id": told.message.id}
    applied = []
    if call.respond_async and isinstance(told, Pending):
        applied.append("respond-async")
    if call.wait is not None:
        applied.append(f"wait={int(call.wait.total_seconds())}")
    if applied:
        headers["Preference-Applied"] = ", ".join(applied)
    if told.replayed:
        headers["Idempotency-Replayed"] = "true"
    return headers
