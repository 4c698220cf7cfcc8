"""Talk to a running gateway through its API.

Kept out: what is printed (``send``, ``messages``).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from gateway.cli.failures import class_of
from gateway.errors import GatewayError, NotSentError, OutcomeUnknownError, Place

PATIENCE_SECONDS = 120.0
"""Longer than any operation lets a caller wait."""


class GatewayClient:
    """Calls of one gateway with one token; a problem document becomes the error it tells of."""

    def __init__(
        self, url: str, token: str, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._transport = transport

    def get(self, path: str, **parameters: str | int | Sequence[str] | None) -> Any:
        """Return the JSON document at a path; a parameter with several values is repeated."""
        given = {name: value for name, value in parameters.items() if value is not None}
        return self._call("GET", path, params=given).json()

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """Send a canonical document and return the answer."""
        sent = {"Content-Type": "application/json", **headers}
        return self._call("POST", path, content=body, headers=sent)

    def act(self, path: str, **parameters: str | None) -> Any:
        """Do something with a resource and return it as it is then."""
        given = {name: value for name, value in parameters.items() if value is not None}
        return self._call("POST", path, params=given).json()

    def _call(self, method: str, path: str, **rest: Any) -> httpx.Response:
        try:
            with self._open() as http:
                response = http.request(method, path, **rest)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise NotSentError(f"No gateway answers at {self._url}.") from None
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise OutcomeUnknownError(
                f"The gateway gave no answer ({type(error).__name__})."
            ) from None
        if response.is_error:
            raise error_of(response)
        return response

    def _open(self) -> httpx.Client:
        return httpx.Client(
            base_url=self._url,
            headers=self._headers,
            timeout=httpx.Timeout(PATIENCE_SECONDS, connect=5.0),
            transport=self._transport,
            # A proxy of the environment has no business between a clerk and the gateway.
            trust_env=False,
        )


def error_of(response: httpx.Response) -> GatewayError:
    """The error that a problem document tells of."""
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    if not isinstance(problem, dict) or "code" not in problem:
        return GatewayError(f"HTTP {response.status_code}, and no problem document.")
    told = problem.get("detail", "")
    message_id = problem.get("messageId")
    detail = f"{told} Message {message_id}." if message_id else str(told)
    return class_of(problem["code"])(detail, places=[_place(one) for one in _errors(problem)])


def _errors(problem: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    errors = problem.get("errors", [])
    return [one for one in errors if isinstance(one, dict)]


def _place(told: Mapping[str, Any]) -> Place:
    return Place(
        keyword=str(told.get("keyword", "")),
        detail=str(told.get("detail", "")),
        pointer=told.get("pointer"),
        wire=told.get("wire"),
        rule=told.get("rule"),
    )
