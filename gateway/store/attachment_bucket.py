"""The bytes of attachments as objects of a bucket that speaks the S3 protocol.

Through obstore, which is the extra ``agency-gateway[s3]`` and imported only where a bucket is used.
An object is there when its last part was taken: S3 shows no half ones. Content is read range by
range, since one long answer would end with the time-out of its request.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from gateway.errors import ConfigurationError, StoreUnavailableError
from gateway.messaging.attachment import Location
from gateway.messaging.placeholder import is_attachment_id

if TYPE_CHECKING:
    from obstore.store import S3Config, S3Store

PART_BYTES = 5 * 2**20
"""Of one part of an upload; S3 takes no shorter ones, and 10,000 of them."""

PARTS_AT_ONCE = 2
"""Parts of one upload in memory."""

RANGE_BYTES = 4 * 2**20
"""Read with one request."""

PATIENCE = timedelta(seconds=30)
"""For one request, with its repeats."""

OWNER = "owner"
"""Name of the object that says whose attachments these are."""

_BATCH = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Bucket:
    """Where the bucket is.

    Attributes:
        name: Of the bucket; it must be there.
        prefix: What the names of all objects begin with, without a slash at the end.
        endpoint: URL of the service; None: Amazon's.
        region: Its region.
        access_key_id: Who asks; None: what the environment says.
        secret_access_key: Its secret.
    """

    name: str
    prefix: str
    endpoint: str | None
    region: str
    access_key_id: str | None
    secret_access_key: str | None = field(repr=False)


class _MissingError(StoreUnavailableError):
    """There is no such object, or no such bucket."""


class AttachmentBucket:
    """An ``AttachmentStore`` in a bucket; several processes may share it.

    Parts of uploads that a crash cut off stay in the bucket, where nobody sees them, until the
    service removes them; see ``docs/how-to.md``.
    """

    def __init__(self, bucket: Bucket) -> None:
        """Remember where it is; nothing is connected.

        Raises:
            ConfigurationError: The extra is not installed.
        """
        try:
            import obstore  # noqa: PLC0415 - an extra
        except ImportError:
            raise ConfigurationError(
                "`attachments.s3` needs the extra: pip install 'agency-gateway[s3]'."
            ) from None
        self._obstore = obstore
        self._bucket = bucket
        self._store = _store_of(bucket)

    async def open(self, owner: str) -> None:
        """See ``AttachmentStore``."""
        try:
            known = await self._claim(owner)
        except StoreUnavailableError as error:
            raise ConfigurationError(
                f"The bucket {self._bucket.name} cannot be used. {error.detail}"
                " Correct `attachments.s3`."
            ) from None
        if known != owner:
            raise ConfigurationError(
                f"The bucket {self._bucket.name} keeps the attachments of another message store"
                " under this prefix. Give this one an `attachments.s3.prefix` of its own."
            )

    async def close(self) -> None:
        """See ``AttachmentStore``; there is nothing to give back."""

    async def put(self, location: Location, pieces: AsyncIterator[bytes]) -> None:
        """See ``AttachmentStore``."""
        writer = self._obstore.open_writer_async(
            self._store, location, buffer_size=PART_BYTES, max_concurrency=PARTS_AT_ONCE
        )
        try:
            async for piece in pieces:
                with self._translated():
                    await writer.write(piece)
            with self._translated():
                await writer.close()
        except BaseException:
            # Without its end it is no object; what was ending just now may have become one.
            with suppress(StoreUnavailableError):
                await self.remove(location)
            raise

    async def read(self, location: Location, *, piece_bytes: int) -> AsyncGenerator[bytes, None]:
        """See ``AttachmentStore``."""
        size = await self.size_bytes(location)
        if size is None:
            raise _MissingError("The bucket, or the object in it, is not there.")
        buffer = bytearray()
        for start in range(0, size, RANGE_BYTES):
            with self._translated():
                buffer += await self._store.get_range_async(
                    location, start=start, end=min(start + RANGE_BYTES, size)
                )
            while len(buffer) > piece_bytes:
                yield bytes(buffer[:piece_bytes])
                del buffer[:piece_bytes]
        if buffer:
            yield bytes(buffer)

    async def size_bytes(self, location: Location) -> int | None:
        """See ``AttachmentStore``."""
        try:
            with self._translated():
                size: int = (await self._store.head_async(location))["size"]
        except _MissingError:
            return None
        return size

    async def remove(self, location: Location) -> None:
        """See ``AttachmentStore``."""
        with suppress(_MissingError), self._translated():
            await self._store.delete_async(location)

    async def locations(self) -> AsyncGenerator[Sequence[Location], None]:
        """See ``AttachmentStore``."""
        listed = self._store.list(chunk_size=_BATCH)
        while True:
            with self._translated():
                batch = await anext(listed, None)
            if batch is None:
                return
            yield [Location(one["path"]) for one in batch if is_attachment_id(one["path"])]

    async def _claim(self, owner: str) -> str:
        """Whose the bucket is; ours, if it was nobody's."""
        try:
            return await self._owner()
        except _MissingError:
            with suppress(self._obstore.exceptions.AlreadyExistsError), self._translated():
                await self._store.put_async(OWNER, owner.encode("ascii"), mode="create")
            return await self._owner()

    async def _owner(self) -> str:
        with self._translated():
            found = await self._store.get_async(OWNER)
            return bytes(await found.bytes_async()).decode("ascii", "replace")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn what obstore raises into errors and words of ours; its texts quote addresses."""
        try:
            yield
        except (FileNotFoundError, self._obstore.exceptions.NotFoundError):
            raise _MissingError("The bucket, or the object in it, is not there.") from None
        except self._obstore.exceptions.AlreadyExistsError:
            raise
        except (self._obstore.exceptions.BaseError, OSError) as error:
            raise StoreUnavailableError(
                f"Attachments cannot be kept or read: the bucket says {type(error).__name__}."
            ) from None


def _store_of(bucket: Bucket) -> "S3Store":
    from obstore.store import S3Store  # noqa: PLC0415 - an extra

    config: S3Config = {
        "region": bucket.region,
        "virtual_hosted_style_request": bucket.endpoint is None,
    }
    if bucket.endpoint is not None:
        config["endpoint"] = bucket.endpoint
    if bucket.access_key_id is not None and bucket.secret_access_key is not None:
        config["access_key_id"] = bucket.access_key_id
        config["secret_access_key"] = bucket.secret_access_key
    return S3Store(
        bucket.name,
        prefix=bucket.prefix,
        config=config,
        client_options={"allow_http": (bucket.endpoint or "").startswith("http://")},
        retry_config={"max_retries": 3, "retry_timeout": PATIENCE},
    )
