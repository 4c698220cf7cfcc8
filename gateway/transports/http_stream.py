"""A request body that is made while it is sent. Kept out: everything else about HTTP (``http``)."""

from contextlib import aclosing

from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import Payload
from typing_extensions import override

from gateway.messaging.streamed import StreamedMessage


class StreamedBody(Payload):
    """The bytes of one message; knows whether any of them, or of the head, may have left.

    What making them raises ends the connection before the announced length is reached.
    """

    sending = False

    def __init__(self, message: StreamedMessage) -> None:
        super().__init__(message, content_type=message.content_type)
        self._size = message.size_bytes

    @override
    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Never asked for: it would be the whole body."""
        raise TypeError("A streamed body has no text.")

    @override
    async def write(self, writer: AbstractStreamWriter) -> None:
        self.sending = True
        async with aclosing(self._value.chunks()) as chunks:
            async for chunk in chunks:
                await writer.write(chunk)

    @override
    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        await self.write(writer)
