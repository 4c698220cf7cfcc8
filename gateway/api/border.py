"""The outermost layer of the application: every error becomes a problem document.

The text of an exception that nobody foresaw may quote a message, so only its type and the frames it
passed are logged, and nothing is passed on to the server, which would print it.
"""

import logging
import traceback

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api.metrics import Metrics
from gateway.api.problems import INTERNAL_ERROR, Problem, problem_of
from gateway.api.rate_headers import QUOTA, quota_headers
from gateway.api.responses import send_problem
from gateway.errors import GatewayError

log = logging.getLogger(__name__)


class Border:
    """Answers a ``GatewayError`` by the table of problems, and 500 to anything else."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and see that an answer is sent."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False
        problem: Problem | None = None

        async def watched(event: Message) -> None:
            nonlocal begun
            begun = True
            quota = scope.get(QUOTA)
            if quota is not None and event["type"] == "http.response.start":
                event = {**event, "headers": [*event["headers"], *quota_headers(quota)]}
            await send(event)

        try:
            await self.app(scope, receive, watched)
        except GatewayError as error:
            problem = problem_of(error)
        except Exception as error:  # noqa: BLE001 - the border: nothing may leave it unseen
            log_unforeseen(error)
            problem = INTERNAL_ERROR
        if problem is not None:
            self.metrics.problem(scope.get("gateway.operation", ""), problem.code)
            if not begun:
                await send_problem(watched, problem)


def log_unforeseen(error: BaseException) -> None:
    """Log type and frames of an error, never its text."""
    frames = [
        f"{frame.filename}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    log.error(
        "unforeseen error",
        extra={"event": "unforeseen", "error": type(error).__qualname__, "frames": frames},
    )
