"""A real server that speaks the S3 protocol, on loopback: moto's, in a thread of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from moto.server import ThreadedMotoServer

from gateway.store.attachment_bucket import Bucket

KEY = "tests"


@contextmanager
def bucket_server() -> Iterator[str]:
    """Serve while the block runs; yields the URL."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def bucket_at(url: str, name: str) -> Bucket:
    return Bucket(
        name=name,
        prefix="attachments",
        endpoint=url,
        region="us-east-1",
        access_key_id=KEY,
        secret_access_key=KEY,
    )
