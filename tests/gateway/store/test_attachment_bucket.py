"""Attachments in a bucket keep every promise of the port, on a real server."""

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import uuid4

import httpx
import pytest
from typing_extensions import override

from gateway.errors import ConfigurationError, StoreUnavailableError
from gateway.messaging.attachment_ports import AttachmentStore
from gateway.store.attachment_bucket import AttachmentBucket, Bucket
from tests.gateway.store.attachment_samples import in_pieces, new_location
from tests.gateway.store.bucket_server import bucket_at, bucket_server
from tests.gateway.store.conformance_attachment_bytes import (
    LONG,
    OWNER,
    AttachmentBytesConformance,
    listed,
)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with bucket_server() as url:
        yield url


@pytest.fixture
def bucket(server: str) -> Bucket:
    """A bucket of this test's own."""
    found = bucket_at(server, f"test-{uuid4()}")
    put(found, "")
    return found


def put(bucket: Bucket, key: str, content: bytes = b"") -> None:
    """Put an object into it past the gateway; an empty key makes the bucket."""
    url = f"{bucket.endpoint}/{bucket.name}/{key}".rstrip("/")
    httpx.put(url, content=content, trust_env=False).raise_for_status()


def keys_in(bucket: Bucket) -> set[str]:
    listing = httpx.get(f"{bucket.endpoint}/{bucket.name}", trust_env=False).text
    return set(re.findall("<Key>([^<]+)</Key>", listing))


class TestAttachmentBucket(AttachmentBytesConformance):
    @override
    @pytest.fixture
    def make_bytes(self, bucket: Bucket) -> Callable[[], AttachmentStore]:
        return lambda: AttachmentBucket(bucket)

    async def test_all_objects_are_below_the_prefix(
        self, store: AttachmentStore, bucket: Bucket
    ) -> None:
        location = new_location()
        await store.put(location, in_pieces(*LONG))
        assert keys_in(bucket) == {"attachments/owner", f"attachments/{location}"}

    async def test_what_others_keep_in_the_bucket_is_left_alone(
        self, store: AttachmentStore, bucket: Bucket
    ) -> None:
        for key in (f"elsewhere/{new_location()}", f"attachments/x/{new_location()}"):
            put(bucket, key, b"x")
        assert await listed(store) == set()

    async def test_two_prefixes_are_two_places(self, bucket: Bucket) -> None:
        one, other = AttachmentBucket(bucket), AttachmentBucket(replace(bucket, prefix="other"))
        await one.open(OWNER)
        await other.open("another")
        await one.put(new_location(), in_pieces(b"x"))
        assert await listed(other) == set()


async def test_a_bucket_that_is_not_there_stops_the_start(server: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be used"):
        await AttachmentBucket(bucket_at(server, "nobody-made-this")).open(OWNER)


async def test_a_server_that_is_not_there_keeps_nothing(bucket: Bucket) -> None:
    gone = AttachmentBucket(replace(bucket, endpoint="http://127.0.0.1:9"))
    with pytest.raises(StoreUnavailableError):
        await gone.put(new_location(), in_pieces(b"x"))
    with pytest.raises(StoreUnavailableError):
        await gone.size_bytes(new_location())


async def test_a_bucket_that_goes_keeps_nothing(server: str) -> None:
    gone = AttachmentBucket(bucket_at(server, "nobody-made-this"))
    with pytest.raises(StoreUnavailableError, match="not there"):
        await gone.put(new_location(), in_pieces(b"x"))


def test_without_the_extra_the_settings_are_refused(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(ConfigurationError, match=r"agency-gateway\[s3\]"):
        AttachmentBucket(bucket)


def test_a_secret_is_not_shown(bucket: Bucket) -> None:
    assert "geheim" not in repr(replace(bucket, secret_access_key="geheim"))  # noqa: S106
