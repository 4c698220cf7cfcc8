"""The attachment resource: send content, look at it, take it away. Content is always streamed.

Kept out: what is taken and how it is kept (``gateway.flow``).
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from gateway.api.caller import CurrentCaller
from gateway.api.headers import collect
from gateway.api.resource import Resource
from gateway.api.upload import disposition, read_upload, repr_digest
from gateway.flow.attachments import Attachments
from gateway.messaging.attachment import Attachment

PATH = "/v1/attachments"

_BODY: dict[str, Any] = {
    "requestBody": {
        "description": "The content as it is; `Content-Type` says what it is.",
        "required": True,
        "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
    },
    "parameters": [
        {
            "name": "Content-Disposition",
            "in": "header",
            "description": 'Name of the file, `attachment; filename="plan.pdf"`; RFC 6266.',
            "schema": {
                "type": "string",
                "pattern": '^attachment; filename="[A-Za-z0-9][A-Za-z0-9._ -]{0,99}"$',
            },
        },
        {
            "name": "Repr-Digest",
            "in": "header",
            "description": "RFC 9530, `sha-256=:<base64>:`; compared with what came.",
            "schema": {"type": "string", "pattern": "^sha-256=:[A-Za-z0-9+/]{43}=:$"},
        },
    ],
}
_CONTENT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The content",
        "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class AttachmentResource(Resource):
    """Content that documents refer to by its id. Times are UTC."""

    id: str
    """What documents say where their schema has `x-attachment`."""
    sha256: str
    """SHA-256 of the content, in lower-case hexadecimal."""
    size: int
    """Length of the content in bytes."""
    media_type: str
    """Type of the content, as it was sent."""
    file_name: str | None
    """Name of the file, as it was sent; null if none was."""
    created_at: datetime
    """When it came."""
    expires_at: datetime | None
    """When it is erased if no message refers to it by then; null if one does."""


class AttachmentRoutes:
    """The routes, on the desk for attachments."""

    def __init__(self, attachments: Attachments) -> None:
        self.attachments = attachments

    def router(self) -> APIRouter:
        """The routes for the application."""
        router = APIRouter(tags=["attachments"])
        router.add_api_route(
            PATH,
            self.take,
            methods=["POST"],
            status_code=201,
            response_model=AttachmentResource,
            summary="Send an attachment",
            openapi_extra=_BODY,
        )
        one = f"{PATH}/{{attachment_id}}"
        router.add_api_route(
            one, self.get, response_model=AttachmentResource, summary="Look at an attachment"
        )
        router.add_api_route(
            one, self.remove, methods=["DELETE"], status_code=204, summary="Remove an attachment"
        )
        router.add_api_route(
            f"{one}/content",
            self.content,
            response_class=Response,
            responses=_CONTENT,
            summary="Read the content of an attachment",
        )
        return router

    async def take(
        self, request: Request, response: Response, caller: CurrentCaller
    ) -> AttachmentResource:
        """Keep content of up to the configured length; nothing is kept unless all of it comes."""
        headers = collect(request.scope["headers"])
        kept = await self.attachments.take(read_upload(headers, request.receive, caller))
        response.headers["Location"] = f"{PATH}/{kept.id}"
        return to_resource(kept)

    async def get(self, caller: CurrentCaller, attachment_id: str) -> AttachmentResource:
        """Say what is kept of one of the caller's own attachments."""
        return to_resource(await self.attachments.look(caller, attachment_id))

    async def content(self, caller: CurrentCaller, attachment_id: str) -> StreamingResponse:
        """Return the content of one of the caller's own attachments."""
        found = await self.attachments.look(caller, attachment_id)
        pieces = self.attachments.content(found)
        first = await anext(pieces, b"")
        return StreamingResponse(
            _going_on(first, pieces),
            media_type=found.media_type,
            headers={
                "Content-Length": str(found.size_bytes),
                "Content-Disposition": disposition(found.file_name),
                "Repr-Digest": repr_digest(found.sha256),
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "no-store",
            },
        )

    async def remove(self, caller: CurrentCaller, attachment_id: str) -> None:
        """Erase one of the caller's own attachments that no message refers to."""
        await self.attachments.remove(caller, attachment_id)


def to_resource(attachment: Attachment) -> AttachmentResource:
    """The attachment as a document."""
    return AttachmentResource(
        id=attachment.id,
        sha256=attachment.sha256.hex(),
        size=attachment.size_bytes,
        media_type=attachment.media_type,
        file_name=attachment.file_name,
        created_at=attachment.created_at,
        expires_at=None if attachment.is_referenced else attachment.expires_at,
    )


async def _going_on(
    first: bytes, pieces: AsyncGenerator[bytes, None]
) -> AsyncGenerator[bytes, None]:
    async with aclosing(pieces):
        yield first
        async for piece in pieces:
            yield piece
