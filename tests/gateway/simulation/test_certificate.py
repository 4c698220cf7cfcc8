"""``gateway.simulation.certificate``: handshakes with each certificate, over real sockets."""

import asyncio
import ssl
import sys
from datetime import UTC, datetime

import pytest

from gateway.errors import ConfigurationError
from gateway.simulation.certificate import Certificate, make_identity

NOW = datetime.now(UTC)


async def handshake(kind: Certificate) -> None:
    identity = make_identity(kind, NOW)
    trust = ssl.create_default_context(cadata=identity.trust_pem.decode())

    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=identity.context)
    port = server.sockets[0].getsockname()[1]
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust)
        writer.close()
        await writer.wait_closed()
    finally:
        server.close()
        await server.wait_closed()


async def test_right_certificate_is_trusted() -> None:
    await handshake(Certificate.RIGHT)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (Certificate.UNKNOWN_CA, "unable to get local issuer|self-signed"),
        (Certificate.SELF_SIGNED, "self-signed|unable to get local issuer"),
        (Certificate.OTHER_NAME, "not valid for|mismatch"),
        (Certificate.EXPIRED, "expired"),
    ],
)
async def test_wrong_certificate_is_refused_for_its_own_reason(
    kind: Certificate, reason: str
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match=reason):
        await handshake(kind)


def test_missing_library_is_named_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(ConfigurationError, match=r"agency-gateway\[kit\]"):
        make_identity(Certificate.RIGHT, NOW)
