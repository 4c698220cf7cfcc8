"""Who calls a typed route: the dependency that turns a bearer token into a caller."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from gateway.api.rate_headers import count_call
from gateway.messaging.party import Caller

Bearer = Annotated[
    HTTPAuthorizationCredentials | None,
    Depends(HTTPBearer(auto_error=False, scheme_name="bearer")),
]
"""Names the scheme in the OpenAPI document; the header itself is read by ``authenticate``."""


async def current_caller(request: Request, _: Bearer) -> Caller:
    """Return the caller of the request, and count it against the caller's quota.

    Raises:
        NotAuthenticatedError: Nobody knows who calls.
        RateLimitedError: The quota is used up.
    """
    caller: Caller = request.app.state.authenticate(request.headers.get("authorization"))
    count_call(request.app.state.desk.door, caller, request.scope)
    return caller


CurrentCaller = Annotated[Caller, Depends(current_caller)]
"""Parameter of a route that only known callers may use."""
